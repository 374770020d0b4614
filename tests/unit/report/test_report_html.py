"""The page: self-contained, escaped, accessible."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup
from report_rows import COLLECTOR, LONG_HOST, RECIPIENTS, sighting
from report_sample import make_report, table

from waakzaam.report import ChainView, Report, StepView, Text
from waakzaam.report.html import FLOWS_SHOWN, RECIPIENTS_SHOWN, SECTIONS, render_html, reveal

VOID = {"meta", "link", "br", "hr", "img", "input", "source", "wbr", "area", "base", "col", "embed", "track"}
ALLOWED = re.compile(
    r"html|head|meta|title|style|body|a|header|h[1-6]|p|strong|div|nav|ul|ol|li|main|section|article|table|caption|thead|"
    r"tbody|tr|th|td|dl|dt|dd|code|pre|span|details|summary|svg|rect|footer|"
    r"figure|figcaption|desc|defs|pattern|line|path|circle|text"
)
ANYTHING = st.text(st.characters(exclude_categories=("Cs",)))


class Page(HTMLParser):
    """Reads a page strictly: every element is closed, in order."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def words(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.text))


def check(source: str) -> Page:
    """What must hold of every page, whatever the evidence says."""
    page = Page(source)
    assert [tag for tag, _ in page.elements if not ALLOWED.fullmatch(tag)] == []
    for tag, attributes in page.elements:
        assert not any(
            name.startswith("on") or name in ("style", "src", "srcset", "action") for name in attributes
        )
        if "href" in attributes:
            assert tag == "a"
            assert attributes["href"].startswith("#")
    assert (
        re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", source)
        is None
    )
    return page


@pytest.mark.parametrize("name", ["report", "nothing", "clean"])
def test_pages_are_sound(name: str, text: Text, request: pytest.FixtureRequest) -> None:
    source = render_html(request.getfixturevalue(name), text)
    page = check(source)
    assert source.startswith("<!doctype html>")
    assert page.all("html") == [{"lang": "en"}]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert [each for each, count in Counter(ids).items() if count > 1] == []
    for attributes in page.all("a"):
        assert attributes["href"].removeprefix("#") in ids
    for _, attributes in page.elements:
        assert attributes.get("aria-labelledby", ids[0]) in ids


@pytest.mark.parametrize("name", ["report", "nothing", "clean"])
def test_headings_landmarks_and_tables(name: str, text: Text, request: pytest.FixtureRequest) -> None:
    page = check(render_html(request.getfixturevalue(name), text))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for landmark in ("header", "nav", "main", "footer"):
        assert len(page.all(landmark)) == 1
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(attributes.get("scope") in ("col", "row") for attributes in page.all("th"))
    assert all(attributes.get("data-label") for attributes in page.all("td"))
    assert all(attributes.get("role") == "table" for attributes in page.all("table"))


def test_the_policy_allows_this_style_sheet_and_nothing_else(report: Report, text: Text) -> None:
    source = render_html(report, text)
    policy = next(each["content"] for each in Page(source).all("meta") if "http-equiv" in each)
    style = re.search(r"<style>(.*?)</style>", source, re.S)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert source.index("Content-Security-Policy") < source.index("<style>")
    shown = re.sub(r"<code>.*?</code>", "", source, flags=re.S)  # addresses of sources, as text
    assert "http://" not in shown.lower().replace("http-equiv", "")
    assert "<script" not in source.lower()


def test_the_sections_and_their_order(report: Report, text: Text) -> None:
    page = check(render_html(report, text))
    assert tuple(each["id"] for each in page.all("section")) == SECTIONS


def test_hostile_strings_are_text(report: Report, text: Text) -> None:
    page = check(render_html(report, text))
    assert "<script>alert(1)</script>" in page.words
    assert "\\x1b]0;owned" in page.words
    assert "invoice\\u202efdp.exe" in page.words
    assert LONG_HOST not in page.words
    assert "(10,001 characters in all)" in page.words


def test_a_finding_in_full(report: Report, text: Text) -> None:
    words = check(render_html(report, text)).words
    for wanted in (
        "Addresses of visited pages were sent to sa.api.intl.miui.com",
        "TLS on the way; inside, only an encoding (base64, gzip): no key is needed to read it.",
        "Why this severity Addresses of single pages, sent together with a value that stays the same.",
        "What it does not show It does not show who reads these data",
        "Form fields, at data_list structure 744 bytes",
        "base64 encoding 558 bytes",
        "gzip encoding 1.0 kB",
        "Value, shortened https://example.be/prive?q=…",
        "waakzaam explain F1",
        "CWE-359",
        "A rule without a text",
        "No chain is shown for this finding",
    ):
        assert wanted in words.replace(" ", " "), wanted


def test_the_banner_and_the_voices_of_the_case(report: Report, text: Text) -> None:
    words = check(render_html(report, text)).words
    assert "reconstruction of a reported case, made by the makers of waakzaam; it is not a recording" in words
    for heading in ("Claim as reported", "Technical text", "Answer of the company", "What others found"):
        assert heading in words
    unnamed = check(render_html(replace(report, reconstruction_by=None, cases=()), text)).words
    assert "reconstruction of a reported case; it is not a recording of a phone." in unnamed
    assert "reconstruction" not in check(render_html(replace(report, reconstruction_of=None), text)).words


def test_the_page_says_which_facts_were_used(report: Report, text: Text) -> None:
    words = check(render_html(report, text)).words
    assert "Facts as of 2026-11-30, packaged " in words
    assert "Facts as of" not in check(render_html(replace(report, facts_as_of=None), text)).words


def test_previews_are_short_unless_values_are_shown(report: Report, text: Text) -> None:
    secret = ChainView((StepView("body", "", "message", 99, "imei=490154203237518&more"),), "4901…")
    hidden = replace(report, chains={"S1": secret})
    assert "490154203237518" not in render_html(hidden, text)
    assert "490154203237518" in render_html(replace(hidden, show_values=True), text)
    assert "Keep it as you would keep the values" in render_html(replace(hidden, show_values=True), text)


def test_what_was_sent_counts_every_sighting(report: Report, text: Text) -> None:
    words = check(render_html(report, text)).words
    assert f"{COLLECTOR} addresses of visited pages unchanged TLS encoding 2" in words
    rows = [sighting(number, "search-query", "q", "v", host=f"h{number}.example") for number in range(1, 301)]
    many = check(render_html(replace(report, tables={"sightings": table("sightings", rows)}), text))
    assert f"{300 - FLOWS_SHOWN} more rows are in the JSON report." in many.words


def test_a_large_report_is_cut_and_says_so(report: Report, text: Text) -> None:
    rows = [RECIPIENTS[1] | {"host": f"h{number}.example"} for number in range(RECIPIENTS_SHOWN + 7)]
    words = check(render_html(replace(report, tables={"recipients": table("recipients", rows)}), text)).words
    assert "7 more hosts are in the JSON report." in words


def test_nothing_and_clean_say_what_they_are_worth(nothing: Report, clean: Report, text: Text) -> None:
    empty = check(render_html(nothing, text)).words
    assert empty.count("No messages could be read, so this report can say nothing about what was sent.") == 2
    words = check(render_html(clean, text)).words
    assert "Of 6 connections, 3 were opened" in words
    assert "No findings in the 92 % that was opened. The rest was not seen." in words
    assert words.count("92 % of the 32.5 kB that the phone sent was opened. The rest was not seen.") == 2


@settings(max_examples=40, deadline=None)
@given(ANYTHING, ANYTHING)
def test_any_text_stays_text(one: str, two: str) -> None:
    hostile = f"{one}\"'><{two}"
    tables = {
        "evidence": table("evidence", [{"evidence": "E1", "path": hostile, "format": one}]),
        "recipients": table("recipients", [{"host": hostile, "organisation": two, "basis": [hostile]}]),
        "sightings": table("sightings", [sighting(1, hostile, one, two, host=hostile, path=two)]),
        "findings": table(
            "findings",
            [{"finding": "F1", "rule": one, "title": hostile, "recipient": two, "sightings": ["S1"],
              "references": [hostile], "why_severity": two, "not_checked": [one]}],
        ),
        "advice": table("advice", [{"action": hostile, "subject": one, "how": two, "sources": [hostile]}]),
        "problems": table("problems", [{"evidence": one, "text": hostile}]),
    }  # fmt: skip
    chains = {"S1": ChainView((StepView(one, two, hostile, 1, hostile),), hostile)}
    page = check(
        render_html(
            make_report(tables=tables, chains=chains, phone={"brand": hostile}, command=hostile), Text("en")
        )
    )
    assert len(page.all("article")) == 3


def test_places_in_a_list_are_one_field(report: Report, text: Text) -> None:
    rows = [{"value_shown": "v", "fields": [f"$[{n}].{name}" for n in range(9) for name in ("uuid", "id")]}]
    words = check(
        render_html(replace(report, tables={"identifiers": table("identifiers", rows)}), text)
    ).words
    assert "$[…].uuid, $[…].id" in words
    assert "$[1]" not in words


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_colours_contrast_enough() -> None:
    sheet = (files("waakzaam.report") / "templates" / "report.css").read_text(encoding="utf-8")
    themes = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in sheet.split(":root")[1:3]]
    assert len(themes) == 2
    for theme in themes:
        for front, back in (
            *((front, back) for front in ("ink", "soft", "accent") for back in ("paper", "sheet", "faint")),
            ("ink", "accent-faint"),
            ("accent", "accent-faint"),
            ("on-strong", "strong"),
        ):
            light, dark = sorted((luminance(theme[front]), luminance(theme[back])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (front, back)


def test_reveal_lets_only_text_and_markup_through() -> None:
    assert reveal(Markup("<b>\u202e</b>")) == Markup("<b>\u202e</b>")
    assert reveal("\u202e") == "\\u202e"
    assert reveal(3) == 3
    with pytest.raises(TypeError, match="NoneType"):
        reveal(None)
