"""The page about a company: the answer beside the claim, what is not known said plainly, where to ask."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from test_report_html import Page, check
from tests.helpers.knowledge import everything

from waakzaam.knowledge import Organisation, load
from waakzaam.knowledge.corrections import corrections
from waakzaam.report import Text
from waakzaam.report.company import NEWS, Companies, companies
from waakzaam.report.company_page import close_to, company_named, render_company
from waakzaam.report.words import Words

TEXT = Text("en", strict=True)
BASE = load()
ALL = list(BASE.organisations.values())
ADDRESS = "corrections@publisher.example"
HOSTILE = ("<script>alert(1)</script>", "a\u202eb", "\x1b[2J", "'\"><img src=x onerror=alert(1)>")


def page(company: Organisation | str, **more: Any) -> Page:
    chosen = BASE.organisations[company] if isinstance(company, str) else company
    return check(render_company(chosen, TEXT, address=ADDRESS, **more))


def told(company: str, at: date | None = None) -> Companies:
    return companies([BASE.organisations[company]], at or BASE.as_of, BASE, Words(TEXT), at)


@pytest.mark.parametrize("company", ALL, ids=lambda each: each.id)
def test_every_company_has_a_sound_page(company: Organisation) -> None:
    found = page(company)
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for attributes in found.all("a"):
        assert attributes["href"].removeprefix("#") in ids
    assert company.name in found.words
    assert ADDRESS in found.words
    assert len(found.all("caption")) == len(found.all("table"))


def test_the_answer_stands_beside_the_claim_in_the_same_form() -> None:
    """Claim and answer are the first two cells of equal width; whatever follows comes after both."""
    for company in ALL:
        source = render_company(company, TEXT, address=ADDRESS)
        for case in re.findall(r'<article class="case">(.*?)</article>', source, re.S):
            sides = re.findall(r'<div class="sides">(.*?)<div class="sides three">', case, re.S)
            assert len(sides) == 1
            voices = re.findall(r'<p class="voice">(.*?)</p>', case)
            assert voices == [
                "Claim as reported",
                "Answer of the company",
                "Technical text",
                "What others found",
                "Limits of scope",
            ]
            claim, answer = re.findall(r'<div class="(claim|answer)">', sides[0])
            assert (claim, answer) == ("claim", "answer")


def test_every_statement_of_a_case_is_there_with_who_said_it() -> None:
    for case in BASE.cases.values():
        words = page(case.organisation).words
        for statement in case.statements:
            assert re.sub(r"\s+", " ", statement.text) in words, case.id
            assert statement.by in words, case.id


def test_every_row_about_a_company_is_on_its_page() -> None:
    """Whatever the facts count to an organisation, in any file, can be read on its page."""
    shown = {company.id: page(company).words for company in ALL}
    told = 0
    for _, row in everything(BASE):
        company = getattr(row, "organisation", None)
        if not company or not hasattr(row, "confidence"):
            continue
        names = ("suffixes", "network", "address", "vendor", "period", "brand", "title", "name")
        value = next(getattr(row, name) for name in names if hasattr(row, name))
        for each in (value,) if isinstance(value, str) else value:
            assert re.sub(r"\s+", " ", each) in shown[company], row
            told += 1
    assert told > 700


def test_answers_of_others_are_not_taken_for_those_of_the_company() -> None:
    cases = {case.id: case for case in told("oneplus").told[0].cases}
    assert cases["lt-ncsc-2021"].answer
    assert not cases["lt-ncsc-2021"].own_answer
    words = page("oneplus").words
    assert "No answer of OnePlus itself is recorded; the answers are those of others who are named." in words
    assert cases["lt-ncsc-2021"].title in " ".join(told("oneplus").told[0].unknown)
    assert {case.id: case.own_answer for case in told("xiaomi").told[0].cases}["xiaomi-browser-2020"]


def test_the_news_is_told_whole_to_whom_it_is_about_and_to_nobody_else() -> None:
    with_news = {
        company.id for company in ALL if any(case.id == NEWS for case in told(company.id).told[0].cases)
    }
    assert with_news == {"xiaomi", "oppo", "oneplus"}
    news = next(case for case in told("xiaomi").told[0].cases if case.id == NEWS)
    assert news.own_answer
    assert news.claim
    assert news.scope
    assert len(news.technical) == len(BASE.news[1])


def test_what_comes_from_memory_is_marked() -> None:
    marked = 0
    for company in ALL:
        source = render_company(company, TEXT, address=ADDRESS)
        memory = len(re.findall(r'<span class="cited">M:', source))
        assert memory <= source.count('<strong class="memory">Not confirmed.</strong>')
        marked += memory
    assert marked > 10
    for company in ALL:
        [one] = told(company.id).told
        if any(said.unconfirmed for said in one.chain):
            assert one.owner is None
            assert "noted from memory only" in " ".join(one.unknown)


def test_no_law_is_told_because_of_what_is_not_confirmed() -> None:
    """The seat of Telegram's operator is from memory: its country gives no reason by itself."""
    for company in ALL:
        confirmed = {
            row.country
            for row in (*company.ownership, *company.locations)
            if row.confidence != "M" and row.country
        }
        confirmed |= {
            app.country
            for app in BASE.apps
            if app.organisation == company.id and app.confidence != "M" and app.country
        }
        parents = [BASE.organisations[owned.parent] for owned in company.ownership if owned.parent]
        confirmed |= {owned.country for each in parents for owned in each.ownership if owned.country}
        codes = {reach.code for reach in told(company.id).told[0].reach}
        assert codes - {"EU"} <= confirmed, company.id


def test_laws_have_articles_dates_sentences_and_debate() -> None:
    words = page("xiaomi").words
    law = BASE.laws["cn-national-intelligence"]
    assert "Adopted 2017-06-27. In force from 2017-06-28." in words
    for provision in law.articles(BASE.as_of):
        assert f"Article {provision.article}: {provision.text}" in words
    for reading in law.debate:
        assert reading.text in words
        assert reading.by in words
    assert "Whether and how one of them applies to a company or a transfer is not decided here" in words


def test_as_it_was_on_a_day() -> None:
    early, late = page("oneplus", at=date(2020, 6, 1)).words, page("oneplus").words
    assert "Owner: OnePlus Technology (Shenzhen). Seat: Shenzhen, China. As recorded for 2020-06-01." in early
    assert "OPlus group" not in early
    assert "Data Security Law" not in early
    assert "Lithuanian" not in early
    assert "Owner: Guangdong OPlus Holdings" in late or "Owner: OPlus group" in late
    assert "Data Security Law" in late
    [one] = told("oneplus", date(2020, 6, 1)).told
    assert one.chronology is not None
    assert all(event.day <= date(2020, 6, 1) for event in one.chronology.events)


def test_events_are_in_order_and_those_of_owners_cases_laws_and_answers_are_there() -> None:
    [one] = told("oneplus").told
    assert one.chronology is not None
    days = [event.day for event in one.chronology.events]
    assert days == sorted(days)
    kinds = {event.kind for event in one.chronology.events}
    assert {"owner", "claim", "answer", "assessment", "law"} <= kinds
    assert sum(lane.count for lane in one.chronology.lanes) == len(days)
    owners = [event.said.text for event in one.chronology.events if event.kind == "owner"]
    assert "From here on recorded: owner OPlus group (Guangdong OPlus Holdings)." in owners
    decisions = [event for event in _events("google") if event.kind == "decision"]
    assert any("DPF" in event.said.text or "2023/1795" in event.said.text for event in decisions)


def _events(company: str) -> Any:
    chronology = told(company).told[0].chronology
    assert chronology is not None
    return chronology.events


def test_what_is_not_known_is_said_plainly() -> None:
    bare = Organisation("bare", "Bare", (), ())
    found = page(bare)
    for sentence in (
        "Who owned it on 2026-11-30 is not recorded.",
        "No brand of phones is recorded.",
        "No app is recorded.",
        "No name of a host is recorded.",
        "No reported case is recorded.",
        "No advice of an authority that names it is recorded.",
        "Which company faces users in the EU is not recorded.",
        "That nothing is recorded does not mean that nothing is known, or that there is nothing.",
    ):
        assert sentence.replace("2026-11-30", BASE.as_of.isoformat()) in found.words, sentence


def test_sources_are_numbered_dated_and_never_a_link() -> None:
    source = render_company(BASE.organisations["xiaomi"], TEXT, address=ADDRESS)
    found = check(source)
    numbers = [each["id"] for each in found.all("li") if each.get("id", "").startswith("source-")]
    assert numbers == [f"source-{number}" for number in range(1, len(numbers) + 1)]
    assert "(read 2026-11-22)" in found.words
    assert "C2 read only in a secondary report" in found.words
    assert "read only in a secondary report" in found.words


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_facts_and_addresses_stay_text(text: str) -> None:
    xiaomi = BASE.organisations["xiaomi"]
    owned = xiaomi.ownership[0]._replace(owner=text, note=text, city=text)
    hostile = xiaomi._replace(name=text, brands=(text,), ownership=(owned,))
    source = render_company(hostile, TEXT, address=corrections(text.replace("\x1b", "\x1b ")))
    check(source)
    assert "<script>" not in source
    assert "<img" not in source


def test_a_company_with_a_name_of_one_letter_is_named_by_nothing() -> None:
    [one] = told("x").told
    assert one.advice == ()
    assert NEWS not in {case.id for case in one.cases}


def test_companies_are_found_by_every_name_they_have() -> None:
    for query, id_ in (
        ("xiaomi", "xiaomi"),
        ("POCO", "xiaomi"),
        ("TikTok", "bytedance"),
        ("Temu", "pdd"),
        ("com.mi.globalbrowser", "xiaomi"),
        ("sa.api.intl.miui.com", "xiaomi"),
        ("WhatsApp", "meta"),
    ):
        found = company_named(query, BASE)
        assert found is not None, query
        assert found.id == id_
    for query in ("", "nobody", "bucket.s3.amazonaws.com", "\x1b[2J"):
        assert company_named(query, BASE) is None
    assert close_to("xiaomo", BASE) == ("Xiaomi",)
    assert close_to("", BASE) == ()
