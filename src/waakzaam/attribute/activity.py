"""When hosts were contacted: the time of the evidence cut into slices, and what was seen in each.

Reports ask for it when they draw a timeline; an audit without one does not pay for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.attribute.grouped import KEY, Codes, key_of, links_of, names_of, rows_of
from waakzaam.attribute.host import normal
from waakzaam.attribute.named import Names
from waakzaam.spill import let_go
from waakzaam.tables import LOOKED_UP

SLICES = 96
"""Slices of the whole time: each can still be seen on a narrow screen."""
LEAST = 4
"""Slices of the shortest period."""
GAP = 20
"""A time without traffic of more than this part (1/n) of the whole is left out: at most n periods remain."""
_HOUR = 3_600_000_000
_MESSAGE = [*KEY, "host", "server_address", "direction", "time"]
_CONNECTION = [*KEY, "sni", "host", "not_opened", "server_address", "first", "last"]
_SECOND = 1_000_000
_OTHERS = -1

Row = dict[str, Any]


class Period(NamedTuple):
    """A recorded period, in microseconds since 1970, and its slices on the axis."""

    begin: int
    end: int
    start: int  # first of its slices
    slices: int

    @property
    def length(self) -> int:
        """Microseconds of one slice."""
        return max(-(-(self.end - self.begin) // self.slices), 1)


@dataclass(frozen=True)
class Axis:
    """The time of the evidence without its long gaps in which nothing was seen."""

    periods: tuple[Period, ...]

    @property
    def slices(self) -> int:
        """Slices in all."""
        return self.periods[-1].start + self.periods[-1].slices

    def place(self, moment: int) -> int:
        """Give the slice of a moment; one that lies in a gap counts to the period before it."""
        found = max((each for each in self.periods if each.begin <= moment), default=self.periods[0])
        within = (moment - found.begin) // found.length
        return found.start + min(max(within, 0), found.slices - 1)

    def places(self, moments: pa.ChunkedArray) -> pa.ChunkedArray:
        """Give the slices of a column of moments (microseconds, int64) at once."""
        found = pc.multiply(moments, 0)
        for each in self.periods:
            within = pc.divide(pc.subtract(moments, each.begin), each.length)
            within = pc.max_element_wise(within, 0, skip_nulls=False)
            within = pc.min_element_wise(within, each.slices - 1, skip_nulls=False)
            here = pc.add(within, each.start)
            first = each is self.periods[0]
            found = here if first else pc.if_else(pc.greater_equal(moments, each.begin), here, found)
        return found


def axis_over(spans: Iterable[tuple[int, int]]) -> Axis | None:
    """Make the axis over times in which something was seen (microseconds); None without any."""
    listed = sorted((begin, max(begin, end)) for begin, end in spans)
    if not listed:
        return None
    whole = max(end for _, end in listed) - listed[0][0]
    periods: list[tuple[int, int]] = []
    for begin, end in listed:
        if periods and GAP * (begin - periods[-1][1]) <= whole:
            periods[-1] = periods[-1][0], max(periods[-1][1], end)
        else:
            periods.append((begin, end))
    shared = SLICES - LEAST * len(periods)
    recorded = max(sum(end - begin for begin, end in periods), 1)
    made: list[Period] = []
    start = 0
    for begin, end in periods:
        slices = LEAST + shared * (end - begin) // recorded
        made.append(Period(begin, end, start, slices))
        start += slices
    return Axis(tuple(made))


@dataclass
class Seen:
    """What was seen of one host, or of all others together (``host`` is None).

    ``messages`` counts what was sent and read; ``sent`` are the slices of those. ``open`` are the slices in
    which a connection stood.
    """

    host: str | None
    first: datetime | None = None
    last: datetime | None = None
    messages: int = 0
    connections: int = 0
    sent: set[int] = field(default_factory=set)
    open: set[int] = field(default_factory=set)

    def between(self, first: datetime | None, last: datetime | None) -> None:
        """Widen the time to a period."""
        self.first = min((each for each in (self.first, first) if each), default=None)
        self.last = max((each for each in (self.last, last) if each), default=None)


@dataclass(frozen=True)
class Activity:
    """The axis; what was seen of each host that was asked for, and last of all others."""

    axis: Axis
    seen: tuple[Seen, ...]


def activity(
    messages: pa.Table, connections: pa.Table, names: pa.Table, wanted: Sequence[Row]
) -> Activity | None:
    """Say when hosts were contacted.

    Args:
        messages: table ``messages``.
        connections: table ``connections``.
        names: table ``names``.
        wanted: rows of ``recipients`` (``host``, ``addresses``) that are told one by one.

    Returns:
        None where the evidence gives no times. Names that were only looked up are not contacts.
    """
    codes = Codes()
    asked = codes.encode(messages, _MESSAGE, hosts=("host", "server_address"))
    joined = codes.encode(connections, _CONNECTION, hosts=("sni", "host", "server_address"))
    links, _ = links_of(asked, joined)
    looked_up = [code for why in LOOKED_UP if (code := codes.known(why)) is not None]
    links = links.filter(pc.invert(pc.is_in(links["not_opened"], pa.array(looked_up, pa.int32()))))
    at = pc.index_in(key_of(asked), links["key"].combine_chunks(), skip_nulls=True)
    single = pc.if_else(links["several"], None, pc.coalesce(links["only"], links["sni"]))
    sent = pa.table(
        {
            "evidence": asked["evidence"],
            "to": pc.coalesce(asked["host"], single.combine_chunks().take(at)),
            "server_address": asked["server_address"],
            "first": _moments(asked["time"]),
            "last": _moments(asked["time"]),
        }
    ).filter(pc.fill_null(pc.equal(asked["direction"], codes.known("up") or _OTHERS), False))
    links = links.filter(pc.invert(links["several"]))
    stood = pa.table(
        {
            "evidence": links["evidence"],
            "to": pc.coalesce(links["only"], links["sni"], links["host"]),
            "server_address": links["server_address"],
            "first": _moments(links["first"]),
            "last": pc.coalesce(_moments(links["last"]), _moments(links["first"])),
        }
    )
    resolved = names_of(names, asked, joined, codes)
    del asked, joined, links
    let_go()
    axis = axis_over([*_spans(sent), *_spans(stood)])
    if axis is None:
        return None
    rows = _Rows(codes, resolved, wanted, axis)
    rows.count(sent, messages=True)
    rows.count(stood, messages=False)
    let_go()
    return Activity(axis, tuple(rows.seen.values()))


def moment(value: datetime) -> int:
    """Give a time as microseconds since 1970."""
    return (value - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _moments(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(column, pa.int64())


def _spans(rows: pa.Table) -> list[tuple[int, int]]:
    """Times in which something was seen: what begins in the same hour is one."""
    rows = rows.select(["first", "last"]).filter(rows["first"].is_valid())
    hours = rows.append_column("hour", pc.divide(rows["first"], _HOUR))
    grouped = hours.group_by("hour", use_threads=False).aggregate([("first", "min"), ("last", "max")])
    return [(each["first_min"], each["last_max"]) for each in grouped.to_pylist()]


class _Rows:
    """Counts rows to the hosts that are wanted, and all others to one."""

    def __init__(self, codes: Codes, names: Names, wanted: Sequence[Row], axis: Axis) -> None:
        self.codes, self.names, self.axis = codes, names, axis
        self.seen: dict[str | None, Seen] = {each["host"]: Seen(each["host"]) for each in wanted}
        self.seen[None] = Seen(None)
        self.hosts = self._codes_of(each["host"] for each in wanted)
        self.addresses = self._codes_of(
            normal(address) for each in wanted for address in each["addresses"] or ()
        )

    def _codes_of(self, texts: Iterable[str]) -> pa.Array:
        found = {code for text in texts if (code := self.codes.known(text)) is not None}
        return pa.array(sorted(found), pa.int32())

    def count(self, rows: pa.Table, *, messages: bool) -> None:
        """Count rows with evidence, to, server_address, first and last, grouped before they are looked at."""
        rows = rows.filter(pc.or_(rows["to"].is_valid(), rows["server_address"].is_valid()))
        nameless = rows["to"].is_null()
        here = pc.and_(nameless, pc.is_in(rows["server_address"], self.addresses))
        wanted = pc.is_in(rows["to"], self.hosts)
        other = pc.invert(pc.or_(wanted, here))
        nothing = pa.scalar(None, pa.int32())
        table = pa.table(
            {
                "to": pc.if_else(other, pa.scalar(_OTHERS, pa.int32()), rows["to"]),
                "evidence": pc.if_else(here, rows["evidence"], nothing),
                "address": pc.if_else(here, rows["server_address"], nothing),
                "from": self.axis.places(rows["first"]),
                "until": self.axis.places(rows["last"]),
                "first": rows["first"],
                "last": rows["last"],
            }
        )
        keys = ["to", "evidence", "address", "from", "until"]
        grouped = table.group_by(keys, use_threads=False).aggregate(
            [([], "count_all"), ("first", "min"), ("last", "max")]
        )
        for row in rows_of(grouped, "from"):
            self._add(row, messages)

    def _add(self, row: Row, messages: bool) -> None:
        one = self.seen.get(self._host(row)) or self.seen[None]
        if messages:
            one.messages += row["count_all"]
        else:
            one.connections += row["count_all"]
        if row["from"] is None:
            return
        one.between(_time(row["first_min"]), _time(row["last_max"]))
        (one.sent if messages else one.open).update(range(row["from"], row["until"] + 1))

    def _host(self, row: Row) -> str | None:
        if row["to"] == _OTHERS:
            return None
        if row["to"] is not None:
            return self.codes.text(row["to"])
        evidence, address = self.codes.text(row["evidence"]), self.codes.text(row["address"])
        return self.names.host(evidence or "", address or "")[0]


def _time(microseconds: int | None) -> datetime | None:
    if microseconds is None:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
