"""Rows of messages and connections in a form that is grouped quickly, and which host each belongs to.

Texts become numbers, and rows are grouped before anything is looked up, so the cost grows with hosts, not
with messages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.attribute.host import normal
from waakzaam.attribute.named import Names
from waakzaam.ordinals import in_order, ordinals
from waakzaam.spill import in_pieces

ROWS = 4_096
"""Rows that are held as Python values at one time."""
_CONNECTIONS = 1 << 40
"""More than the connections of one evidence."""
KEY = ("evidence", "connection")
"""What names a connection."""


class Codes:
    """Texts as numbers: Arrow groups and joins millions of rows by numbers, not by names."""

    def __init__(self) -> None:
        self._code: dict[str, int] = {}
        self._text: list[str] = []

    def encode(self, table: pa.Table, columns: Sequence[str], hosts: Sequence[str]) -> pa.Table:
        """Take columns of a table with every text column as codes; ``hosts`` in normal form.

        The column ``nr`` is the number of the row: joins and groups keep no order of their own.
        """
        kinds = [
            pa.int32() if pa.types.is_string(kind) else kind
            for kind in (table.schema.field(name).type for name in columns)
        ]
        coded = []
        for batch in in_pieces(table.select(columns)):
            arrays = [self._column(batch[name], name in hosts) for name in columns]
            coded.append(pa.RecordBatch.from_arrays(arrays, names=columns))
        whole = pa.Table.from_batches(coded, pa.schema(list(zip(columns, kinds, strict=True))))
        return whole.append_column("nr", ordinals(len(whole), pa.int32()))

    def _column(self, values: pa.Array, is_host: bool) -> pa.Array:
        if not pa.types.is_string(values.type):
            # A copy: the original may lie in a file that is mapped only while it is read.
            return pc.take(values, ordinals(len(values), pa.int32()))
        whole = values.dictionary_encode()
        distinct = whole.dictionary.to_pylist()
        if is_host:
            distinct = [normal(value) or None if value else None for value in distinct]
        return pa.array([self._of(value) for value in distinct], pa.int32()).take(whole.indices)

    def _of(self, text: str | None) -> int | None:
        if text is None:
            return None
        code = self._code.setdefault(text, len(self._text))
        if code == len(self._text):
            self._text.append(text)
        return code

    def known(self, text: str) -> int | None:
        """Give the code of a text that was met, else None."""
        return self._code.get(text)

    def text(self, code: int | None) -> str | None:
        """Give the text of a code."""
        return None if code is None else self._text[code]


def names_of(names: pa.Table, asked: pa.Table, seen: pa.Table, codes: Codes) -> Names:
    """Give the names of addresses: from DNS answers, and from what clients sent."""
    resolved = Names(names)
    resolved.add_sent(_sent(asked, "host", codes))
    resolved.add_sent(_sent(seen, "sni", codes))
    return resolved


def _sent(table: pa.Table, column: str, codes: Codes) -> Iterator[tuple[str | None, str | None, str | None]]:
    """Each (evidence, address, name) of names that clients sent."""
    keys = ["evidence", "server_address", column]
    told = table.filter(pc.and_(table[column].is_valid(), table["server_address"].is_valid()))
    found = told.group_by(keys, use_threads=False).aggregate([("nr", "min")])
    for row in in_order(found, ("nr_min", "ascending")).to_pylist():
        evidence, address, name = (codes.text(row[key]) for key in keys)
        yield evidence, address, name


def links_of(asked: pa.Table, connections: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Say of each connection which hosts were asked for over it.

    Returns:
        Connections with ``several`` (more than one host was asked for) and ``only`` (the one, if one); and
        the pairs (connection, host) of those with several.
    """
    pairs = pa.table({"key": key_of(asked), "host": asked["host"]})
    pairs = pairs.filter(pc.and_(pairs["host"].is_valid(), pairs["key"].is_valid()))
    pairs = pairs.group_by(["key", "host"], use_threads=False).aggregate([])
    counted = pairs.group_by("key", use_threads=False).aggregate([("host", "count"), ("host", "min")])
    key = key_of(connections)
    at = pc.index_in(key, counted["key"].combine_chunks())
    several = pc.greater(pc.fill_null(counted["host_count"].take(at), 0), 1)
    only = pc.if_else(several, pa.scalar(None, pa.int32()), counted["host_min"].take(at))
    links = connections.append_column("key", key).append_column("several", several)
    shared = pairs.filter(pc.is_in(pairs["key"], key.filter(several).combine_chunks()))
    return links.append_column("only", only), shared


def key_of(table: pa.Table) -> pa.ChunkedArray:
    """Evidence and connection as one number."""
    return pc.add(pc.multiply(pc.cast(table["evidence"], pa.int64()), _CONNECTIONS), table["connection"])


def rows_of(table: pa.Table, order: str) -> Iterator[dict[str, Any]]:
    """Rows in the order of a column, so that every run gives the same; few at a time."""
    table = in_order(table, (order, "ascending"))
    for batch in table.to_batches(max_chunksize=ROWS):
        yield from batch.to_pylist()
