"""When each recipient was contacted: rows of a table, each with a strip that shows the time of the evidence.

A strip is read by height, not by colour: a low line where a connection stood, a bar of middle height where
messages were sent, a bar of full height where data of a finding were seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.attribute.activity import Activity, Axis, Seen, activity, moment
from waakzaam.attribute.host import normal
from waakzaam.report.model import Report
from waakzaam.report.view import View
from waakzaam.report.words import Words
from waakzaam.tables import ONLY_LOOKED_UP

HOSTS_SHOWN = 40
"""Hosts that have a row of their own; all others share one."""
HEIGHT = 12
_LOW, _MIDDLE, _FULL = 3, 7, 12
"""Heights of the bars of a strip."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Strip:
    """Paths of SVG in a box of ``width`` by ``HEIGHT``; an empty path where there is nothing to draw."""

    width: int
    open: str
    sent: str
    told: str
    borders: str


@dataclass(frozen=True)
class TimelineRow:
    """One host, or all others (``host`` is None, ``others`` says how many)."""

    host: str | None
    others: int
    findings: tuple[str, ...]
    first: str
    last: str
    amount: str
    closed: str
    strip: Strip
    words: str  # the strip in words


@dataclass(frozen=True)
class Timeline:
    """Rows in the order in which the hosts were first contacted, and the recorded periods in words."""

    rows: tuple[TimelineRow, ...]
    periods: tuple[str, ...]
    whole: str


def timeline(report: Report, view: View, words: Words) -> Timeline | None:
    """Make the timeline of a case; None where the evidence tells no times."""
    contacted = [row for row in view.recipients[: 2 * HOSTS_SHOWN] if row["role"] != ONLY_LOOKED_UP]
    wanted = contacted[:HOSTS_SHOWN]
    found = activity(report.table("messages"), report.table("connections"), report.table("names"), wanted)
    if found is None or not wanted:
        return None
    told = _told(report, found.axis)
    findings: dict[str, list[str]] = {}
    for finding in view.findings:
        if finding.recipient is not None:
            findings.setdefault(normal(finding.recipient), []).append(finding.id)
    amounts = {row["host"]: row for row in wanted}
    others = _contacted(report.table("recipients")) - len(wanted)
    seen = sorted(
        found.seen[:-1], key=lambda one: (one.first is None, one.first or datetime.max.replace(tzinfo=UTC))
    )
    rows = [_row(one, amounts[one.host], findings, told, found, words) for one in seen]
    if others > 0:
        rest = {host for host in findings if host not in amounts}
        named = {None: [finding for host in sorted(rest) for finding in findings[host]]}
        cells: dict[str | None, set[int]] = {None: set().union(*(told.get(host, set()) for host in rest))}
        rows.append(_row(found.seen[-1], None, named, cells, found, words, others))
    periods = tuple(_period(each.begin, each.end, words) for each in found.axis.periods)
    whole = _period(found.axis.periods[0].begin, found.axis.periods[-1].end, words)
    return Timeline(tuple(rows), periods if len(periods) > 1 else (), whole)


def _contacted(recipients: pa.Table) -> int:
    """Hosts to which more is known than that their name was looked up."""
    role = recipients.column("role")
    only = pc.fill_null(pc.equal(pc.cast(role, pa.string()), ONLY_LOOKED_UP), False)
    return int(recipients.num_rows) - int(pc.sum(pc.cast(only, pa.int64())).as_py() or 0)


def _told(report: Report, axis: Axis) -> dict[str | None, set[int]]:
    """Slices in which data of a finding were seen, by host."""
    wanted: dict[str, set[str]] = {}
    for finding in report.table("findings").select(["recipient", "data"]).to_pylist():
        if finding["recipient"] is not None:
            wanted.setdefault(finding["recipient"], set()).update(finding["data"] or ())
    found: dict[str | None, set[int]] = {}
    sightings = report.table("sightings").select(["host", "datum", "direction", "time"])
    sent = pc.fill_null(pc.not_equal(sightings["direction"], "down"), True)
    chosen = pc.and_(
        pc.and_(sent, sightings["time"].is_valid()),
        pc.is_in(sightings["host"], pa.array(sorted(wanted), pa.string())),
    )
    for row in (
        sightings.filter(chosen)
        .group_by(["host", "datum", "time"], use_threads=False)
        .aggregate([])
        .to_pylist()
    ):
        if row["datum"] in wanted[row["host"]]:
            found.setdefault(normal(row["host"]), set()).add(axis.place(moment(row["time"])))
    return found


def _row(
    one: Seen,
    recipient: Row | None,
    findings: dict[Any, list[str]],
    told: dict[str | None, set[int]],
    found: Activity,
    words: Words,
    others: int = 0,
) -> TimelineRow:
    cells = told.get(one.host, set())
    sent = one.sent | cells
    if recipient is None:
        number = words.text.number(one.connections)
        amount, closed = words.t("timeline.amount", count=one.messages, connections=number), ""
    else:
        amount, closed = _amount(recipient, words)
    return TimelineRow(
        host=one.host,
        others=others,
        findings=tuple(findings.get(one.host, ())),
        first=words.moment(one.first),
        last=words.moment(one.last),
        amount=amount,
        closed=closed,
        strip=_strip(one.open - sent, sent - cells, cells, found.axis),
        words=words.t(
            "timeline.strip",
            all=words.text.number(found.axis.slices),
            open=words.text.number(len(one.open | sent)),
            sent=words.text.number(len(sent)),
            told=words.text.number(len(cells)),
        ),
    )


def _amount(row: Row, words: Words) -> tuple[str, str]:
    """Say how much was sent, and how much of it stayed closed (may be empty)."""
    size, closed = words.amount(row["bytes_up"]), row["not_opened"]
    sent = (
        words.t("recipients.traffic_messages", count=row["messages"], size=size) if row["messages"] else size
    )
    return sent, words.t("recipients.traffic_closed", count=closed) if closed else ""


def _period(first: int, last: int, words: Words) -> str:
    begin, end = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=each) for each in (first, last))
    return words.period(begin, end) or words.t("unknown")


def _strip(opened: set[int], sent: set[int], told: set[int], axis: Axis) -> Strip:
    borders = "".join(f"M{each.start} 0v{HEIGHT}" for each in axis.periods[1:])
    return Strip(axis.slices, bars(opened, _LOW), bars(sent, _MIDDLE), bars(told, _FULL), borders)


def bars(cells: Iterable[int], height: int) -> str:
    """Draw slices as bars that stand on the bottom line; slices side by side are one bar."""
    return "".join(
        f"M{begin} {HEIGHT}v-{height}h{end - begin}v{height}z" for begin, end in _runs(sorted(cells))
    )


def _runs(cells: Sequence[int]) -> Iterable[tuple[int, int]]:
    begin = end = None
    for cell in cells:
        if begin is None or end is None:
            begin, end = cell, cell + 1
        elif cell == end:
            end += 1
        else:
            yield begin, end
            begin, end = cell, cell + 1
    if begin is not None and end is not None:
        yield begin, end
