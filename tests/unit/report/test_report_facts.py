"""Facts on a terminal: 80 columns, sources, the answer beside the claim; and the JSON."""

from __future__ import annotations

import json
import unicodedata
from datetime import date

from tests.helpers.knowledge import stating

from waakzaam.knowledge import facts, load
from waakzaam.knowledge.record import SUBJECTS as RECORDS
from waakzaam.report.facts import fact_json, fact_lines


def width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def test_everything_fits_80_columns() -> None:
    lines = list(fact_lines(facts("")))
    assert len(lines) > 3000
    for line in lines:
        # An address or a pattern is never broken: it may stand alone on a longer line.
        assert width(line) <= 80 or " " not in line.strip(), line


def test_an_answer_follows_the_claims() -> None:
    """For every case with a claim: the answer, or the sentence that there is none, before anything else."""
    for case in load().cases.values():
        records = [each for each in facts(case.id) if each.subject == "case" and each.id == case.id]
        lines = [line.strip() for line in fact_lines(records)]
        kinds = [
            kind
            for line in lines
            for kind in ("claim as reported", "answer", "technical text", "assessment", "scope limit")
            if line.startswith((f"{kind},", f"{kind}:"))
        ]
        if "claim as reported" in kinds:
            last = len(kinds) - 1 - kinds[::-1].index("claim as reported")
            assert kinds[last + 1] == "answer", case.id
            assert ("answer: none recorded" in lines) == (not case.of_kind("answer")), case.id


def test_a_word_of_the_claim_brings_the_answer() -> None:
    """Whoever finds the claim finds the answer, also when the words are not in it."""
    found = facts("remote servers Singapore Russia")
    of_case = {row.kind for row in found if row.id == "xiaomi-browser-2020"}
    assert {"claim as reported", "answer", "scope limit"} <= of_case
    news = {row.kind for row in facts("spionagedreiging") if row.subject == "news"}
    assert {"claim as reported", "answer", "scope limit"} <= news


def test_an_answer_given_later_is_not_shown_before() -> None:
    early = facts("xiaomi-browser-2020", at=date(2020, 4, 30))
    assert {row.kind for row in early if row.subject == "case"} >= {"claim as reported"}
    assert not any("untrue" in row.text for row in early)


def test_sources_are_listed_once_with_address_and_day() -> None:
    lines = list(fact_lines(facts("bsi-2022")))
    text = "\n".join(lines)
    assert text.count("https://t3n.de/news/zensur-xiaomi-entlastet-bsi-1443953") == 1
    assert "read 2026-11-22" in text
    assert "Only the address was confirmed; its text was not read." in "\n".join(
        fact_lines(facts("lt-ncsc-2021"))
    ).replace("\n    ", " ")
    assert list(fact_lines([])) == []


def test_hostile_queries_and_control_characters_do_no_harm() -> None:
    for query in ("\x1b[31m", "a" * 100_000, "[[case]]", "%s%n", "\0"):
        assert facts(query) == []


def test_json_is_complete_and_resolves() -> None:
    at = date(2021, 7, 31)
    found = facts("xiaomi", at=at)
    told = json.loads(fact_json("xiaomi", at, found))
    assert (told["query"], told["at"], told["schema"]) == ("xiaomi", "2021-07-31", 1)
    assert len(told["facts"]) == len(found)
    for row in told["facts"]:
        assert row["confidence"] in told["confidence"]
        assert row["sources"]
        assert set(row["sources"]) <= set(told["sources"])
        assert row["unconfirmed"] == (row["confidence"] == "M")
        date.fromisoformat((row["from"] or "2020-01-01").ljust(10, "x").replace("xxx", "-01"))
    assert "xiaomi-browser-2020" not in told["cases_without_answer"]
    everything = json.loads(fact_json("", None, facts("")))
    assert "liu-2023" in everything["cases_without_answer"]
    assert everything["as_of"] == load().as_of.isoformat()


def test_same_shape_for_every_company() -> None:
    """A company of any country is described with the same labels, in the same order."""
    shapes = set()
    for name in ("xiaomi", "samsung", "apple", "fairphone", "google", "sony"):
        rows = [row for row in facts(name) if row.subject == "organisation" and row.id == name]
        assert rows, name
        shapes.add(rows[0].text.split(" ")[0])
    assert shapes == {"owner"}


def test_every_subject_is_shown() -> None:
    """What is recorded can be found: each kind of record appears among all of them."""
    assert {row.subject for row in facts("")} == set(RECORDS)


def test_nothing_that_is_recorded_is_left_out() -> None:
    """Every source that a fact rests on is cited somewhere, and every sentence of a case or law is shown."""
    base = load()
    records = facts("")
    cited = {source.id for row in records for source in row.sources}
    used = {one for _, row in stating(base) for one in row.source}
    assert used - cited == set()
    shown = {row.text for row in records}
    for case in base.cases.values():
        assert {each.text for each in case.statements} <= shown, case.id
    for law in base.laws.values():
        assert {each.text for each in (*law.provisions, *law.debate)} <= shown, law.id
