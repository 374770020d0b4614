"""How much of the traffic was opened: what a clean result is worth."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.report.model import Report


@dataclass(frozen=True)
class Closed:
    """Connections that stayed closed for one reason; ``why`` is None where the reason is not known."""

    why: str | None
    connections: int
    bytes_up: int


@dataclass(frozen=True)
class Coverage:
    """Connections and the bytes the phone sent on them, by whether their contents were opened.

    ``messages`` counts the messages that were read and ``hosts`` the recipients seen, closed ones included.
    Bytes are those of the transport payload from the client to the server.
    """

    messages: int
    hosts: int
    opened: int
    opened_bytes_up: int
    closed: int
    closed_bytes_up: int
    reasons: tuple[Closed, ...]
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
    connections = report.table("connections").select(["application", "bytes_up", "opened", "not_opened"])
    recipients = report.table("recipients")
    is_open = pc.fill_null(connections.column("opened"), False)
    opened = connections.filter(is_open)
    closed = connections.filter(pc.invert(is_open))
    grouped = closed.group_by("not_opened").aggregate([("bytes_up", "sum"), ([], "count_all")])
    reasons = [
        Closed(why, int(number), int(size or 0))
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
        hosts=recipients.num_rows,
        opened=opened.num_rows,
        opened_bytes_up=_sum(opened.column("bytes_up")),
        closed=closed.num_rows,
        closed_bytes_up=_sum(closed.column("bytes_up")),
        lookups=opened.filter(pc.fill_null(pc.equal(opened.column("application"), "dns"), False)).num_rows,
        reasons=tuple(sorted(reasons, key=lambda each: (-each.connections, each.why or ""))),
    )
