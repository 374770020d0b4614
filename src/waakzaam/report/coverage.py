"""How much of the traffic was opened: what a clean result is worth."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.report.model import Report
from waakzaam.tables import LOOKED_UP


@dataclass(frozen=True)
class Closed:
    """Connections that stayed closed for one reason; ``why`` is None where the reason is not known."""

    why: str | None
    connections: int
    bytes_up: int | None


@dataclass(frozen=True)
class Coverage:
    """Connections and the bytes the phone sent on them, by whether their contents were opened.

    ``messages`` counts the messages that were read and ``hosts`` the recipients seen, closed ones included.
    Bytes are those of the transport payload from the client to the server; None where no evidence tells them.
    Names that were only looked up are no hosts and no connections; ``names`` counts them.
    """

    messages: int
    hosts: int
    opened: int
    opened_bytes_up: int
    closed: int
    closed_bytes_up: int | None
    reasons: tuple[Closed, ...]
    names: int  # hosts of which only a look-up is recorded
    lookups: int  # opened connections that only looked up names (DNS)

    @property
    def connections(self) -> int:
        """All connections, opened or not."""
        return self.opened + self.closed


def _sum(column: pa.ChunkedArray) -> int:
    total = pc.sum(column).as_py()
    return 0 if total is None else int(total)


def measure(report: Report) -> Coverage:
    """Count what was opened; a connection whose ``opened`` is null counts as closed, for nothing was read."""
    columns = ["application", "bytes_up", "opened", "not_opened"]
    connections = report.table("connections").select(columns)
    looked_up = pc.is_in(connections.column("not_opened"), pa.array(LOOKED_UP))
    connections = connections.filter(pc.invert(looked_up))
    recipients = report.table("recipients")
    # No connection, and not even that nothing was sent is known: only a look-up is recorded.
    unconnected = pc.fill_null(pc.equal(recipients.column("connections"), 0), False)
    only_names = pc.and_(unconnected, recipients.column("bytes_up").is_null())
    names = recipients.filter(only_names).num_rows
    is_open = pc.fill_null(connections.column("opened"), False)
    opened = connections.filter(is_open)
    closed = connections.filter(pc.invert(is_open))
    grouped = closed.group_by("not_opened", use_threads=False)
    grouped = grouped.aggregate([("bytes_up", "sum"), ([], "count_all")])
    reasons = [
        Closed(why, int(number), None if size is None else int(size))
        for why, size, number in zip(
            grouped.column("not_opened").to_pylist(),
            grouped.column("bytes_up_sum").to_pylist(),
            grouped.column("count_all").to_pylist(),
            strict=True,
        )
    ]
    messages = report.tables.get("messages")
    return Coverage(
        messages=_sum(recipients.column("messages")) if messages is None else messages.num_rows,
        hosts=recipients.num_rows - names,
        names=names,
        opened=opened.num_rows,
        opened_bytes_up=_sum(opened.column("bytes_up")),
        closed=closed.num_rows,
        closed_bytes_up=pc.sum(closed.column("bytes_up")).as_py() if closed.num_rows else 0,
        lookups=opened.filter(pc.fill_null(pc.equal(opened.column("application"), "dns"), False)).num_rows,
        reasons=tuple(sorted(reasons, key=lambda each: (-each.connections, each.why or ""))),
    )
