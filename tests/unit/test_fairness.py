"""The same traffic gives the same words and the same severity, whoever receives it.

One recording is made ten times, each time with a host of another vendor, from five countries. The reports may
differ in names, places, laws and reported cases; in nothing else.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import gzip
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from waakzaam.advise.engine import load_policy
from waakzaam.attribute import party
from waakzaam.audit import audit
from waakzaam.knowledge import Organisation, load
from waakzaam.phones.description import Phone
from waakzaam.report.company import Companies, companies
from waakzaam.report.company_page import render_company
from waakzaam.report.compose import compose
from waakzaam.report.html import render_html
from waakzaam.report.json import to_document
from waakzaam.report.terminal import render_terminal
from waakzaam.report.text import Text
from waakzaam.report.words import Words

HOSTS = {
    "api.xiaomi.com": "CN",
    "log.heytapmobi.com": "CN",
    "log.tiktokv.com": "CN",
    "stats.huawei.com": "CN",
    "stats.umeng.com": "HK",
    "dc.samsung.com": "KR",
    "stats.apple.com": "US",
    "stats.facebook.com": "US",
    "stats.microsoft.com": "US",
    "stats.adjust.com": "DE",
}
KNOWN = [("device-id/android-id", "9774d56d682e549c"), ("email", "anna@post.example")]
PAGE = "https://www.krant.example/politiek/geheim-artikel"


def recording(path: Path, host: str) -> Path:
    """A page is visited; its address and two identifiers go to ``host``, encoded and in clear."""
    event = [{"url": PAGE, "id": KNOWN[0][1], "mail": KNOWN[1][1]}]
    packed = base64.b64encode(gzip.compress(json.dumps(event).encode(), mtime=0)).decode()
    body = f"data={quote(packed, safe='')}"
    path.write_text(
        json.dumps(
            {
                "log": {
                    "version": "1.2",
                    "creator": {"name": "test", "version": "1"},
                    "entries": [
                        entry("GET", PAGE, ""),
                        entry("POST", f"https://{host}/collect", body),
                        entry("GET", f"http://{host}/ping?android_id={KNOWN[0][1]}", ""),
                    ],
                }
            }
        )
    )
    return path


def entry(method: str, url: str, body: str) -> dict[str, Any]:
    kind = "application/x-www-form-urlencoded"
    return {
        "startedDateTime": "2026-05-01T10:00:00Z",
        "time": 1,
        "request": {
            "method": method,
            "url": url,
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": "Content-Type", "value": kind}] if body else [],
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": len(body),
            **({"postData": {"mimeType": kind, "text": body}} if body else {}),
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": "Content-Type", "value": "text/html"}],
            "cookies": [],
            "content": {"size": 5, "mimeType": "text/html", "text": "<p>x."},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": 0,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 1, "receive": 0},
    }


def reports(folder: Path, profile: str) -> dict[str, tuple[dict[str, Any], str]]:
    """JSON document and terminal report by host."""
    made = {}
    for host in HOSTS:
        result = audit(
            [recording(folder / "a.har", host)], phone=Phone(), known=KNOWN, profile=profile, workers=1
        )
        report = compose(result)
        made[host] = to_document(report), render_terminal(report, Text(), width=400)
    return made


def without_names(text: str, host: str) -> str:
    """Names, places and dates of facts, taken out of a text."""
    who = party(host)
    organisation = next(each for each in load().organisations.values() if each.name == who.organisation)
    names = {host, who.organisation, who.owner, who.seat, organisation.name, *organisation.brands}
    for name in sorted((each for each in names if each), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "NAME", text)
    return text


@pytest.fixture(scope="module", params=["private", "professional", "sensitive"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return reports(tmp_path_factory.mktemp("fair"), request.param)


def test_ten_vendors_of_five_countries_are_known() -> None:
    assert {host: party(host).seat_country for host in HOSTS} == HOSTS
    assert len(HOSTS) == 10
    assert len(set(HOSTS.values())) == 5


def test_findings_differ_in_names_and_cases_only(made: dict[str, tuple[dict[str, Any], str]]) -> None:
    seen = {}
    for host, (document, _) in made.items():
        findings = [{**each, "cases": []} for each in document["findings"]]
        assert len(findings) >= 2
        seen[host] = without_names(json.dumps(findings), host)
    assert len(set(seen.values())) == 1, seen


def test_advice_differs_in_names_only(made: dict[str, tuple[dict[str, Any], str]]) -> None:
    """What an authority said of one organisation is the exception: it is repeated with its source."""
    named = {rule.action for rule in load_policy().rules if rule.when.organisations}
    seen = {}
    for host, (document, _) in made.items():
        common = [each for each in document["advice"] if each["action"] not in named]
        assert common
        seen[host] = without_names(json.dumps(common), host)
    assert len(set(seen.values())) == 1, seen


def test_questions_depend_on_the_record_only(made: dict[str, tuple[dict[str, Any], str]]) -> None:
    seen: dict[str, set[str]] = {}
    for host, (document, _) in made.items():
        [row] = document["transfers"]
        assert row["why"] == "seat"
        country = next(iter({row["country"]}))
        named = Text().name("country", country)
        text = (
            without_names(" ".join(row["questions"]), host)
            .replace(named, "COUNTRY")
            .replace(country, "COUNTRY")
        )
        seen.setdefault(row["adequacy"], set()).add(text)
    assert all(len(each) == 1 for each in seen.values()), seen


def test_words_of_the_terminal_report_differ_in_facts_only(
    made: dict[str, tuple[dict[str, Any], str]],
) -> None:
    facts = re.compile(r"NAME|(Source|Confidence)\b.*|\b[0-9a-f]{64}\b|\d+")
    words = {}
    for host, (_, text) in made.items():
        before, found, _ = text.partition("RECIPIENTS\n")  # what was found, before facts about recipients
        assert found
        words[host] = facts.sub("", without_names(before, host))
    assert len(set(words.values())) == 1, words


def vendor(host: str) -> Organisation:
    return next(each for each in load().organisations.values() if each.name == party(host).organisation)


def section(page: str, name: str) -> str:
    """The words of one section of a page, and where its marks stand."""
    inside = page.partition(f'<section id="{name}"')[2].partition("</section>")[0]
    marks = " ".join(re.findall(r'<path class="(?:open|sent|told)" d="[^"]*"', inside))
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", inside)) + marks)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The HTML report by host."""
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for host in HOSTS:
        result = audit(
            [recording(folder / "a.har", host)], phone=Phone(), known=KNOWN, profile="private", workers=1
        )
        made[host] = render_html(compose(result), Text(strict=True))
    return made


def test_the_timeline_differs_in_names_only(pages: dict[str, str]) -> None:
    seen = {host: without_names(section(page, "timeline"), host) for host, page in pages.items()}
    assert all("F1" in each and 'class="told"' in each for each in seen.values())
    assert len(set(seen.values())) == 1, seen


def test_the_owner_tree_differs_in_names_places_and_facts_only(pages: dict[str, str]) -> None:
    """Each vendor is told of with the same words in the same order, as often as it has steps."""
    words = {}
    for host, page in pages.items():
        tree = page.partition('<ul class="tree"')[2].partition('<ul class="without"')[0]
        assert tree.count('class="node"') >= 2
        shown = without_facts(
            section(page, "owners"), facts_of([host, *chain(vendor(host)), companies_told(vendor(host))])
        )
        words[host] = set(re.findall(r"[a-z]+", without_names(shown, host).lower()))
    common = set.intersection(*words.values())
    assert {"seat", "owned", "by", "context", "lends"} <= common
    for host, each in words.items():
        assert each - common <= WORDS_OF_DATES | WORDS_OF_CONFIDENCE, (host, each - common)


ADDRESS = "corrections at publisher example"
WORDS_OF_DATES = {"from", "until", "no", "dates", "recorded", "source", "sources", "not"}
WORDS_OF_CONFIDENCE = {
    word
    for key in ("C", "C2", "S", "D", "R", "T", "B", "M")
    for word in Text().t(f"how_sure.{key}").lower().split()
} | {"published", "third", "party", "vendor", *"csdrtbm"}


def chain(company: Organisation) -> Iterator[Organisation]:
    """An organisation and those that own it, with all they have recorded."""
    yield company
    for owned in company.ownership:
        if owned.parent:
            yield from chain(load().organisations[owned.parent])


def companies_told(company: Organisation) -> Companies:
    return companies([company], load().as_of, load(), Words(Text(strict=True)))


def facts_of(value: Any) -> Iterator[str]:
    """Every text of facts in what is told of a company, sources included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, datetime.date):
        yield value.isoformat()
    elif hasattr(value, "cite"):
        yield value.cite()
        yield from facts_of([value.note, value.url])
    elif dataclasses.is_dataclass(value):
        for each in dataclasses.fields(value):
            yield from facts_of(getattr(value, each.name))
    elif isinstance(value, (list, tuple, set)):
        for each in value:
            yield from facts_of(each)


def without_facts(text: str, facts: Iterator[str]) -> str:
    """Take facts out of a text, the longest first."""
    listed = {re.sub(r"\s+", " ", each).strip() for each in facts}
    for each in sorted((each for each in listed if len(each) > 1), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(each)}(?!\w)", " ", text)
    return text


def test_pages_of_ten_vendors_have_the_same_parts_in_the_same_order() -> None:
    """Headings, labels of tables and voices of cases: the same for everybody, whatever is recorded."""
    frames = {}
    for host in HOSTS:
        company = vendor(host)
        page = render_company(company, Text(strict=True), address=ADDRESS)
        body = page.partition('<section class="company"')[2].partition("</section>")[0]
        frames[host] = (
            re.findall(r"<h2[^>]*>(.*?)</h2>", body),
            re.findall(
                r'<a href="#([^"]*)">',
                page.partition("<nav")[2].partition("</nav>")[0].replace(company.id, "ID"),
            ),
            sorted(set(re.findall(r'<p class="voice">(.*?)</p>', body))) or None,
            sorted(set(re.findall(r'data-label="([^"]*)"', body.partition("In order of time")[2]))),
            re.findall(
                r'<th role="rowheader"[^>]*>(.*?)</th>',
                page.partition('class="lanes"')[2].partition("</table>")[0],
            ),
        )
    with_cases = [frame for frame in frames.values() if frame[2]]
    assert len(with_cases) >= 5
    assert len({str(frame) for frame in with_cases}) == 1
    assert len({str(frame[:2] + frame[3:]) for frame in frames.values()}) == 1


def test_pages_of_ten_vendors_use_the_same_words() -> None:
    """What is left of a page once facts are taken out are words of the one catalogue, and few."""
    left: dict[str, set[str]] = {}
    for host in HOSTS:
        company = vendor(host)
        page = render_company(company, Text(strict=True), address=ADDRESS)
        shown = re.sub(
            r"\s+", " ", html.unescape(re.sub(r"<style>.*?</style>|<[^>]*>", " ", page, flags=re.S))
        )
        rest = without_facts(shown, facts_of([ADDRESS, load().origin, companies_told(company)]))
        left[host] = set(re.findall(r"[a-z]+", without_names(rest, host)))
    catalogue = set(
        re.findall(r"[a-z]+", (Path(__file__).parents[2] / "src/waakzaam/report/locale/en.toml").read_text())
    )
    for host, words in left.items():
        assert words <= catalogue, (host, words - catalogue)
    common = set.intersection(*left.values())
    assert len(common) > 150
    for host, words in left.items():
        assert len(words - common) < len(common) / 4, (host, words - common)


def test_a_claim_and_its_answer_have_the_same_room_on_every_page() -> None:
    for host in HOSTS:
        page = render_company(vendor(host), Text(strict=True), address=ADDRESS)
        sides = re.findall(r'<div class="sides">\s*<div class="(\w+)">.*?<div class="(\w+)">', page, re.S)
        assert set(sides) <= {("claim", "answer")}
        assert len(sides) == page.count('<article class="case">')
