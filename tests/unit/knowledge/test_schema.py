"""What holds for every fact: a source, a confidence, sane dates, ids that are unique and lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

from tests.helpers.knowledge import SUBJECTS, everything, stating

from waakzaam.knowledge import load
from waakzaam.knowledge.laws import Law
from waakzaam.knowledge.model import CONFIDENCE, UNCONFIRMED

BASE = load()
SOURCE = Path(__file__).parents[3] / "src" / "waakzaam"
FOLDER = SOURCE / "knowledge"
EARLIEST = date(1970, 1, 1)


def test_every_file_is_a_subject() -> None:
    files = {path.name for path in FOLDER.iterdir() if path.suffix in (".toml", ".csv")}
    assert files - {"trusted_keys.toml", "corrections.toml"} == set(SUBJECTS.values())


def test_every_row_has_sources_and_confidence() -> None:
    counted = Counter(subject for subject, _ in stating(BASE))
    # Sources state nothing; each other subject has rows.
    assert set(counted) == set(SUBJECTS) - {"sources"}
    assert counted.total() > 900
    for subject, row in stating(BASE):
        assert row.confidence in CONFIDENCE, (subject, row)
        assert row.source, (subject, row)
        assert set(row.source) <= set(BASE.sources), (subject, row)


def test_only_known_rows_state_nothing() -> None:
    """A new kind of row without confidence would escape the other tests."""
    silent = {type(row).__name__ for _, row in everything(BASE) if not hasattr(row, "confidence")}
    assert silent == {"Source", "Organisation"}


def test_memory_is_always_marked() -> None:
    marked = 0
    for subject, row in stating(BASE):
        if all(BASE.sources[one].kind == "memory" for one in row.source):
            assert row.confidence == UNCONFIRMED, (subject, row)
        if row.confidence == UNCONFIRMED:
            marked += 1
            assert "memory" in row.source or subject == "organisations", (subject, row)
    assert marked > 20  # the fewer the better; none would mean that the mark is not read


def test_every_source_is_used_and_readable() -> None:
    used = {one for _, row in stating(BASE) for one in row.source}
    used |= {one for pair in BASE.news[1] for one in pair.statement_source}
    for policy in (SOURCE / "advise" / "policies").glob("*.toml"):
        used |= set(re.findall(r'"([a-z0-9-]+)"', policy.read_text("utf-8")))
    assert set(BASE.sources) - used == set()
    for source in BASE.sources.values():
        assert source.title.strip(), source.id
        assert source.kind in ("own", "memory") or source.url or source.note, source.id
        assert source.url is None or re.fullmatch(r"https?://[^\s\"]+", source.url), source.id
        assert source.kind != "memory" or source.id == "memory"


def test_dates_are_sane() -> None:
    """Nothing begins before it ends, and nothing was said after the facts were collected."""
    today = BASE.as_of
    assert date(2026, 11, 22) <= today <= date(2026, 12, 31)
    for source in BASE.sources.values():
        assert date(2026, 11, 1) <= source.read <= today, source.id
        assert source.date is None or EARLIEST <= source.date <= source.read, source.id
    for subject, row in everything(BASE):
        start, end = getattr(row, "start", None), getattr(row, "end", None)
        if start and end:
            assert start < end, (subject, row)
        for name in ("start", "end", "date", "adopted", "first_seen", "last_seen"):
            day = getattr(row, name, None)
            assert day is None or EARLIEST <= day <= today, (subject, name, row)
        first, last = getattr(row, "first_seen", None), getattr(row, "last_seen", None)
        if first and last:
            assert first <= last, (subject, row)


def test_laws_hold_together() -> None:
    for law in BASE.laws.values():
        assert law.provisions, law.id
        for before, after in pairwise(law.periods):
            assert before.end is not None
            assert before.end == after.start, f"{law.id}: a gap between its periods"
        first = law.periods[0].start
        assert law.adopted is None or first is None or law.adopted <= first, law.id
        for provision in law.provisions:
            assert provision.text.endswith("."), (law.id, provision.article)


def test_the_same_questions_for_every_country() -> None:
    """Countries of seats that are shown have a law on access by the state."""
    covered = {law.country for law in BASE.laws.values() if "state access" in law.about}
    assert covered >= {"CN", "US", "GB", "RU", "IN", "KR", "BE", "EU"}
    seats = {
        owned.country
        for one in BASE.organisations.values()
        for owned in one.ownership
        if owned.country and owned.confidence != UNCONFIRMED
    }
    assert seats - covered == set()


def test_ids_are_unique() -> None:
    for subject in ("advice", "user_groups", "requirements", "cautions"):
        ids = [row.id for row in getattr(BASE, subject)]
        assert len(ids) == len(set(ids)), subject
    news = [row.id for row in (*BASE.news[0], *BASE.news[1])]
    assert len(news) == len(set(news))
    for subject, kinds in (("laws", Law),):
        assert all(isinstance(row, kinds) for row in getattr(BASE, subject).values())


def test_only_one_decision_holds_at_a_time() -> None:
    for country in {each.country for each in BASE.adequacy}:
        held = [each for each in BASE.adequacy if each.country == country and each.kind != "none"]
        for one, other in pairwise(held):
            assert one.end is not None, country
            assert other.start is not None, country
            assert one.end <= other.start, country


def test_cases_keep_their_columns_apart() -> None:
    for case in BASE.cases.values():
        assert case.statements, case.id
        for statement in case.statements:
            # A company's own words are an answer, never a claim or an assessment about itself.
            if statement.kind in ("claim as reported", "assessment"):
                name = BASE.organisations[case.organisation].name.split(" (")[0]
                assert statement.by != name, (case.id, statement.by)
            assert statement.text.endswith((".", ")")), (case.id, statement.text[-20:])


def test_every_case_of_2020_to_2026_about_a_company_has_an_answer_or_says_that_none_was_found() -> None:
    without = {
        case.id
        for case in BASE.cases.values()
        if case.of_kind("claim as reported") and not case.of_kind("answer")
    }
    # Reports whose answers were not read or do not exist; the view says "none recorded" beside each.
    assert without == {
        "leith-2021",
        "liu-2023",
        "pinyin-2024",
        "tiktok-penetrum-2020",
        "miui-antidefraud-2023",
    }


def test_wire_formats_are_those_that_are_recognised() -> None:
    """An id without recogniser, or a recogniser without a fact, would leave a report without words."""
    folder = Path(__file__).parents[3] / "core" / "src" / "crack" / "wire"
    sources = {path.name: path.read_text("utf-8") for path in folder.glob("*.rs")}
    ids = set(re.findall(r'^\s+id: "([a-z0-9-]+)"', sources.pop("listed.rs"), re.M))
    sources.pop("tests.rs")
    for text in sources.values():
        ids |= set(re.findall(r'fn id\(&self\) -> &\'static str \{\s+"([a-z0-9-]+)"', text))
    assert len(ids) > 30
    assert ids == set(BASE.wire_formats)
