"""Many values in one go, as tables: no Python object is made per value, layer or leaf."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from waakzaam import _core

if TYPE_CHECKING:
    import pyarrow as pa

_NAMES = ("contents", "paths", "values", "leaves", "limits", "problems")


@dataclass(frozen=True)
class Tables:
    """What one batch gave.

    ``contents`` says which contents a value (column ``message``: its number, from 0) has; ``leaves`` which
    path and value stand in a content. Paths, values and contents that a former batch told are not told again.
    """

    contents: pa.Table
    paths: pa.Table
    values: pa.Table
    leaves: pa.Table
    limits: pa.Table
    problems: pa.Table


class Batch:
    """Peels many values, one batch after the other; numbers go on, and what recurs is not done again.

    Layers that need no key come off; :class:`waakzaam.peel.Opener` opens the others, value by value.

    ``part``, ``content_type`` and ``content_encoding`` hold for all values, as for
    :func:`waakzaam.peel.peel`.
    """

    def __init__(
        self, *, part: str = "body", content_type: str | None = None, content_encoding: str | None = None
    ) -> None:
        self._batch = _core.Batch(part=part, content_type=content_type, content_encoding=content_encoding)

    def peel(self, values: pa.Array | Iterable[bytes]) -> Tables:
        """Peel these values: an Arrow array of type binary, or any bytes."""
        import pyarrow as pa

        from waakzaam.tables import TABLES, without

        column = values if isinstance(values, pa.Array) else pa.array(values, pa.binary())
        sink = pa.BufferOutputStream()
        schema = pa.schema([("bytes", pa.binary())])
        with pa.ipc.new_stream(sink, schema) as writer:
            writer.write_batch(pa.record_batch([column], schema=schema))
        told = {
            name: pa.ipc.open_stream(payload).read_all()
            for name, payload in self._batch.peel(sink.getvalue().to_pybytes())
        }
        return Tables(
            **{
                name: told[name] if name in told else without(TABLES[name], "evidence").empty_table()
                for name in _NAMES
            }
        )


def peel_many(values: pa.Array | Iterable[bytes], *, part: str = "body") -> Tables:
    """Peel many values at once: :class:`Batch` for a single time."""
    return Batch(part=part).peel(values)
