"""The timeline: bounded, in order of time, read by height, and the same in words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from report_rows import COLLECTOR, ESCAPE, FINDINGS, OVERRIDE, SCRIPT, SIGHTINGS, START
from report_sample import make_report, table

from waakzaam.report import Report, Text
from waakzaam.report.html import render_html
from waakzaam.report.timeline import HEIGHT, HOSTS_SHOWN, Timeline, bars, timeline
from waakzaam.report.view import build
from waakzaam.report.words import Words

TEXT = Text("en", strict=True)


def connection(number: int, host: str, seconds: int, **more: Any) -> dict[str, Any]:
    first = START + timedelta(seconds=seconds)
    row = {"evidence": "E1", "connection": number, "sni": host, "first": first, "opened": True}
    return row | {"last": first + timedelta(seconds=30)} | more


def recipient(host: str, **more: Any) -> dict[str, Any]:
    return {"host": host, "addresses": [], "messages": 1, "bytes_up": 10, "not_opened": 0} | more


def case(
    connections: list[dict[str, Any]], recipients: list[dict[str, Any]], **tables: list[dict[str, Any]]
) -> Report:
    given = {"connections": connections, "recipients": recipients, **tables}
    return make_report(tables={name: table(name, rows) for name, rows in given.items()}, cases=(), chains={})


def made(report: Report) -> Timeline:
    found = timeline(report, build(report, TEXT), Words(TEXT))
    assert found is not None
    return found


def test_rows_are_in_the_order_of_the_first_contact() -> None:
    report = case(
        [connection(1, "late.example", 300), connection(2, "early.example", 0)],
        [recipient("late.example", bytes_up=999), recipient("early.example", not_opened=1)],
    )
    first, second = made(report).rows
    assert (first.host, first.first, first.last) == (
        "early.example",
        "2026-11-20 09:30 UTC",
        "2026-11-20 09:30 UTC",
    )
    assert (second.host, second.first) == ("late.example", "2026-11-20 09:35 UTC")
    assert first.closed == "1 connection stayed closed"
    assert first.amount == "1 message, 10 bytes sent"


def test_what_belongs_to_a_finding_stands_at_full_height() -> None:
    report = case(
        [connection(1, COLLECTOR, 0), connection(2, "b.example", 0)],
        [recipient(COLLECTOR), recipient("b.example")],
        findings=FINDINGS[:3],
        sightings=SIGHTINGS,
    )
    rows = {row.host: row for row in made(report).rows}
    assert rows[COLLECTOR].findings == ("F1", "F2", "F3")
    assert f"v-{HEIGHT}h" in rows[COLLECTOR].strip.told
    assert rows["b.example"].strip.told == ""
    assert rows["b.example"].strip.open
    assert "data of findings in 5." in rows[COLLECTOR].words
    page = render_html(report, TEXT)
    section = page.partition('<section id="timeline"')[2].partition("</section>")[0]
    assert '<a href="#F1">F1</a>' in section
    assert section.count("<svg") == 2


def test_many_hosts_are_one_row_and_counted() -> None:
    count = 10 * HOSTS_SHOWN
    connections = [connection(n, f"h{n}.example", n) for n in range(count)]
    report = case(connections, [recipient(f"h{n}.example", bytes_up=count - n) for n in range(count)])
    rows = made(report).rows
    assert len(rows) == HOSTS_SHOWN + 1
    assert (rows[-1].host, rows[-1].others) == (None, count - HOSTS_SHOWN)
    assert rows[-1].amount == f"0 messages, {count - HOSTS_SHOWN} connections"
    page = render_html(report, TEXT)
    section = page.partition('<section id="timeline"')[2].partition("</section>")[0]
    assert f"{count - HOSTS_SHOWN} others" in section
    assert len(section) < 60_000


def test_findings_of_hosts_without_a_row_are_with_the_others() -> None:
    count = HOSTS_SHOWN + 5
    recipients = [recipient(f"h{n}.example") for n in range(count)]
    findings = [
        FINDINGS[0] | {"finding": f"F{n}", "recipient": f"h{n}.example", "sightings": []}
        for n in range(count)
    ]
    rows = made(
        case([connection(n, f"h{n}.example", 0) for n in range(count)], recipients, findings=findings)
    ).rows
    assert sorted(each for row in rows for each in row.findings) == sorted(
        each["finding"] for each in findings
    )
    assert len(rows[-1].findings) == 5


def test_recorded_periods_are_listed_and_the_gap_is_left_out() -> None:
    month = 30 * 24 * 3600
    report = case(
        [connection(1, "a.example", 0), connection(2, "a.example", month)], [recipient("a.example")]
    )
    found = made(report)
    assert len(found.periods) == 2
    assert found.whole == "2026-11-20 09:30 to 2026-12-20 09:30 UTC"
    assert found.rows[0].strip.borders.count("M") == 1
    page = render_html(report, TEXT)
    assert "That time has 2 recorded periods; the time between them is left out" in page


def test_without_times_there_is_no_timeline() -> None:
    report = case([], [recipient("a.example")])
    assert timeline(report, build(report, TEXT), Words(TEXT)) is None
    assert 'id="timeline"' not in render_html(report, TEXT)


def test_times_of_any_year_are_drawn() -> None:
    years = [datetime(1, 1, 1, tzinfo=UTC), START, datetime(9999, 12, 31, 23, tzinfo=UTC)]
    connections = [
        {"evidence": "E1", "connection": n, "sni": f"h{n}.example", "first": year, "last": year}
        for n, year in enumerate(years)
    ]
    found = made(case(connections, [recipient(f"h{n}.example") for n in range(3)]))
    assert [row.host for row in found.rows] == ["h0.example", "h1.example", "h2.example"]
    assert len(found.periods) == 3
    assert all(row.strip.open for row in found.rows)


def test_hostile_hosts_and_findings_stay_text() -> None:
    hosts = [SCRIPT, OVERRIDE, ESCAPE, '"><svg onload=alert(1)>', "a" * 9_000 + ".example"]
    report = case(
        [connection(n, host, n) for n, host in enumerate(hosts)],
        [recipient(host) for host in hosts],
        findings=[FINDINGS[0] | {"finding": SCRIPT, "recipient": hosts[0]}],
    )
    page = render_html(report, TEXT)
    assert "<script>" not in page
    assert "<svg onload" not in page
    assert not re.search("[\u202e\x1b]", page)
    assert "(9,008 characters in all)" in page


@given(st.sets(st.integers(0, 95)), st.integers(1, HEIGHT))
def test_bars_cover_the_slices_and_nothing_else(cells: set[int], height: int) -> None:
    path = bars(cells, height)
    covered: list[int] = []
    for begin, top, width, down in re.findall(rf"M(\d+) {HEIGHT}v-(\d+)h(\d+)v(\d+)z", path):
        assert top == down == str(height)
        covered += range(int(begin), int(begin) + int(width))
    assert covered == sorted(cells)
    assert re.sub(rf"M\d+ {HEIGHT}v-\d+h\d+v\d+z", "", path) == ""
