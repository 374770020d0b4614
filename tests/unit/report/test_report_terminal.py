"""The report on a terminal."""

from __future__ import annotations

import io
import re
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_rows import ESCAPE, LONG_HOST, OVERRIDE, RECIPIENTS
from report_sample import connection, make_report, table

from waakzaam.report import Report, Text
from waakzaam.report.escape import escape_terminal
from waakzaam.report.layout import columns, indented, width_of, wrap
from waakzaam.report.terminal import render_terminal, wants_colour
from waakzaam.report.words import Words

SGR = re.compile(r"\x1b\[[0-9;]*m")
ANYTHING = st.text(st.characters(exclude_categories=()))


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def too_wide(text: str, width: int) -> list[str]:
    return [line for line in text.splitlines() if width_of(line) > width]


@pytest.mark.parametrize("width", [80, 60, 120])
@pytest.mark.parametrize("name", ["report", "nothing", "clean"])
def test_lines_fit(name: str, width: int, text: Text, request: pytest.FixtureRequest) -> None:
    shown = render_terminal(request.getfixturevalue(name), text, width=width)
    assert too_wide(shown, width) == []
    assert not [line for line in shown.splitlines() if line != line.rstrip()]


def test_nothing_from_evidence_in_the_raw(report: Report, text: Text) -> None:
    plain = render_terminal(report, text)
    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", plain) is None
    assert "invoice\\u202efdp.exe" in plain
    coloured = render_terminal(report, text, colour=True)
    assert SGR.sub("", coloured) == plain
    assert "\x1b" in coloured
    assert LONG_HOST not in plain
    assert "(10,001 characters in all)" in plain


def test_the_order_of_the_parts(report: Report, text: Text) -> None:
    shown = render_terminal(report, text)
    parts = [
        "EVIDENCE", "SUMMARY", "FINDINGS", "RECIPIENTS", "WHAT WAS NOT CHECKED", "PROBLEMS WHILE READING",
        "LIMITS THAT WERE REACHED", "ADVICE", "REPEAT IT",
    ]  # fmt: skip
    places = [shown.index(f"\n{part}\n") for part in parts]
    assert places == sorted(places)


def test_a_finding_says_what_to_whom_and_how_protected(report: Report, text: Text) -> None:
    shown = re.sub(r"\s+", " ", render_terminal(report, text))
    assert "F1 [high] Addresses of visited pages were sent to sa.api.intl.miui.com" in shown
    assert "TLS on the way; inside, only an encoding (base64, gzip): no key is needed to read it." in shown
    assert "seen 2 times, 2026-11-20 09:30 UTC" in shown
    assert "seen 25 times Confidence" in shown  # two of 25 are listed: their period is not that of all
    assert "No encryption on the way: anyone on the network path could read it" in shown
    assert "waakzaam explain F1" in shown
    assert "This capture is a reconstruction of a reported case" in shown


def test_seat_and_place_are_two_columns(report: Report, text: Text) -> None:
    shown = render_terminal(report, text)
    row = next(line for line in shown.splitlines() if re.match(r" +sa\.api\.intl\.miui\.com  +Xiaomi", line))
    assert re.split(r" {2,}", row.strip()) == [
        "sa.api.intl.miui.com",
        "Xiaomi",
        "Beijing, China",
        "Singapore",
    ]


def test_nothing_read_says_so(nothing: Report, text: Text) -> None:
    shown = re.sub(r"\s+", " ", render_terminal(nothing, text))
    assert "No messages could be read, so this report can say nothing about what was sent." in shown
    assert "No findings." in shown


def test_a_clean_result_says_how_much_was_opened(clean: Report, text: Text) -> None:
    shown = re.sub(r"\s+", " ", render_terminal(clean, text))
    assert (
        "Of 6 connections, 3 were opened (the phone sent 30.0 kB on them) and 3 stayed closed (2.4 kB)."
        in shown
    )
    assert "That is not proof that none was sent" in shown
    assert "encrypted, and no key was at hand" in shown


def test_everything_opened(clean: Report, text: Text) -> None:
    connections = clean.tables["connections"].slice(0, 3)
    shown = render_terminal(replace(clean, tables={**clean.tables, "connections": connections}), text)
    shown = re.sub(r"\s+", " ", shown)
    assert "All 3 connections were opened (the phone sent 30.0 kB on them)." in shown
    assert "That holds for this evidence only" in shown


def test_look_ups_of_names_are_told_apart(clean: Report, text: Text) -> None:
    rows = clean.tables["connections"].to_pylist()
    rows[0]["application"] = "dns"
    rows[3]["application"] = "dns"
    shown = render_terminal(
        replace(clean, tables={**clean.tables, "connections": table("connections", rows)}), text
    )
    assert "1 of the opened ones was only a look-up of a name (DNS)." in re.sub(r"\s+", " ", shown)


def test_a_period_names_its_zone_once(text: Text) -> None:
    words = Words(text)
    first = datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert words.period(first, first) == "2026-01-01 09:00 UTC"
    assert words.period(first, first + timedelta(hours=1)) == "2026-01-01 09:00 to 10:00 UTC"
    assert words.period(first, first + timedelta(days=1)) == "2026-01-01 09:00 to 2026-01-02 09:00 UTC"
    assert words.period(None, None) is None


def test_sizes(text: Text) -> None:
    sizes = [Words(text).size(count) for count in (None, 0, 1, 999, 1_000, 123_456, 10**6, 10**10)]
    assert sizes == ["not known", "0 bytes", "1 byte", "999 bytes", "1.0 kB", "123 kB", "1.0 MB", "10.0 GB"]


def test_nothing_opened(clean: Report, text: Text) -> None:
    tables = {"evidence": clean.tables["evidence"], "connections": clean.tables["connections"].slice(3, 1)}
    shown = re.sub(r"\s+", " ", render_terminal(replace(clean, tables=tables), text))
    assert (
        "None of the connections could be opened: 1 stayed closed (the phone sent 2.4 kB on them)." in shown
    )
    assert "No messages could be read, so this report can say nothing" in shown


def test_advice_is_for_the_profile(report: Report, text: Text) -> None:
    assert "Not for this profile" not in render_terminal(report, text)
    anyone = replace(report, phone={})
    assert "Not for this profile" in render_terminal(anyone, text)


def test_many_hosts_are_counted(report: Report, text: Text) -> None:
    many = table("recipients", [RECIPIENTS[1] | {"host": f"h{n}.example"} for n in range(50)])
    shown = render_terminal(replace(report, tables={"recipients": many}), text)
    assert "30 more hosts, without data that were looked for" in shown


def test_a_long_command_can_be_copied(report: Report, text: Text) -> None:
    command = "waakzaam audit " + " ".join(f"evidence-{n}.pcap" for n in range(20))
    for each in (
        command,
        "waakzaam audit 'a  file with spaces in its name that is rather long indeed, longer'.har",
    ):
        shown = render_terminal(replace(report, command=each), text)
        copied = shown[shown.rindex("    waakzaam audit") :]
        assert shlex.split(copied.replace("\\\n", " ")) == shlex.split(each)


@pytest.mark.parametrize(
    ("screen", "environ", "wanted"),
    [
        (Screen(), {"TERM": "xterm"}, True),
        (Screen(), {"NO_COLOR": "1"}, False),
        (Screen(), {"NO_COLOR": ""}, True),
        (Screen(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_colour_only_where_it_is_wanted(screen: io.StringIO, environ: dict[str, str], wanted: bool) -> None:
    assert wants_colour(screen, environ) is wanted


@settings(max_examples=60, deadline=None)
@given(ANYTHING, ANYTHING, ANYTHING)
def test_any_host_datum_and_problem_fit(host: str, datum: str, problem: str) -> None:
    host, datum, problem = (each.encode("utf-8", "replace").decode() for each in (host, datum, problem))
    tables = {
        "recipients": table("recipients", [{"host": host, "organisation": datum, "seat": problem}]),
        "findings": table("findings", [{"finding": "F1", "rule": datum, "recipient": host, "data": [datum]}]),
        "problems": table("problems", [{"evidence": host, "text": problem, "place": datum}]),
    }
    shown = render_terminal(make_report(tables=tables, chains={}), Text("en", strict=True))
    assert too_wide(shown, 80) == []
    assert escape_terminal(shown.replace("\n", " ")) == shown.replace("\n", " ")


@given(ANYTHING, st.integers(2, 40))
def test_wrapping_keeps_every_word(text: str, width: int) -> None:
    clean = escape_terminal(text)
    lines = wrap(clean, width)
    assert all(width_of(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(clean.split())


def test_widths() -> None:
    assert (width_of("abc"), width_of("北京"), width_of("e\u0301"), width_of("")) == (3, 4, 1, 0)
    assert wrap("北京市", 4) == ["北京", "市"]
    assert indented("one two", 7, first="- ") == ["- one", "  two"]
    assert columns([], 80, []) == []
    assert columns([["a", "b"], ["long words", "x"]], 8, [2, 1]) == [["a      b"], ["long   x", "words"]]


@given(st.lists(st.tuples(ANYTHING, ANYTHING, ANYTHING), min_size=1, max_size=5), st.integers(30, 80))
def test_columns_fit(rows: list[tuple[str, str, str]], width: int) -> None:
    clean = [[escape_terminal(cell) for cell in row] for row in rows]
    laid = columns(clean, width, [8, 8, 8])
    assert len(laid) == len(rows)
    assert all(width_of(line) <= width for lines in laid for line in lines)


def test_hostile_columns_of_the_wrong_type_are_not_needed(text: Text) -> None:
    """A table that lacks columns (made by an older version) is read as if they were null."""
    findings = pa.table({"finding": ["F1"], "rule": ["x"], "title": [ESCAPE + OVERRIDE]})
    shown = render_terminal(make_report(tables={"findings": findings}), text)
    assert "\\x1b]0;owned" in shown


@pytest.mark.parametrize(
    ("opened", "closed", "said"),
    [
        (0, 100, "No findings, because nothing was opened. This is not a clean result."),
        (3, 97, "No findings in the 3 % that was opened. This is not a clean result: most was not seen."),
        (97, 3, "No findings in the 97 % that was opened."),
        (9_999, 1, "No findings in the 99 % that was opened."),
        (1, 9_999, "No findings in the 1 % that was opened."),
        (100, 0, "No findings, in all that was sent in this evidence."),
    ],
)
def test_a_clean_result_over_little_looks_different(
    opened: int, closed: int, said: str, clean: Report, text: Text
) -> None:
    rows = [connection(0, True, None, opened), connection(1, False, "no keys", closed)][: 2 if closed else 1]
    if not opened:
        rows = rows[1:]
    shown = render_terminal(
        replace(clean, tables={**clean.tables, "connections": table("connections", rows)}), text
    )
    assert said in re.sub(r"\s+", " ", shown)
    bar = re.search(r"\[([#.]{40})\]", shown)
    assert bar is not None
    assert ("#" in bar[1]) == (opened > 0)
    assert ("." in bar[1]) == (closed > 0)


def test_the_ledger_says_how_an_app_is_known(clean: Report, text: Text) -> None:
    ledger = [
        {"evidence": "E1", "app": "com.a", "state": "opened", "count": 1, "bytes_up": 10},
        {"evidence": "E1", "app": "com.a", "state": "closed", "why": "no keys", "count": 2, "bytes_up": 90},
        {"evidence": "E1", "app": ESCAPE, "state": "opened", "count": 1},
        {"evidence": "E2", "app": None, "state": "problem", "why": "gap", "count": 1},
    ]
    apps = [
        {"app": "com.a", "basis": ["inferred from User-Agent", "told by capture"]},
        {"app": ESCAPE, "basis": ["inferred from Referer"]},
    ]
    tables = {**clean.tables, "not_seen": table("not_seen", ledger), "apps": table("apps", apps)}
    shown = re.sub(r"\s+", " ", render_terminal(replace(clean, tables=tables), text, width=120))
    assert "com.a (as told by capture, inferred from User-Agent) E1 1 2 100 bytes 10 %" in shown
    assert "(inferred from Referer) E1 1 0 not known not known" in shown
    assert "\x1b" not in shown


def test_what_stayed_closed_is_listed_with_what_is_known(report: Report, text: Text) -> None:
    page = render_terminal(report, text, width=100)
    assert "WHAT STAYED CLOSED INSIDE MESSAGES" in page
    assert "OneTrack (Xiaomi)" in page
    assert "encrypted to the recipient" in page
    assert "3 of 9 blocks of 16 bytes repeat a block before them" in " ".join(page.split())
    assert "One field holds values that look like noise and tell nothing" in " ".join(page.split())


def test_the_key_of_a_finding_is_named_with_its_evidence(report: Report, text: Text) -> None:
    first = report.table("findings").slice(0, 1).to_pylist()[0] | {"sightings": ["S4"]}
    changed = replace(report, tables={**report.tables, "findings": table("findings", [first])})
    page = " ".join(render_terminal(changed, text, width=100).split())
    assert "Cipher AES-128-CBC: the key is a constant from" in page
    assert "Made of it as: MD5." in page
    assert "64 bits of evidence that this is right, once 1,712 guesses are paid for" in page
    assert "Cipher XOR: the key follows from public facts about the format MiStat 2." in page
