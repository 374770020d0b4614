"""The same traffic gives the same words and the same severity, whoever receives it.

One recording is made ten times, each time with a host of another vendor, from five countries. The reports may
differ in names, places, laws and reported cases; in nothing else.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from waakzaam.advise.engine import load_policy
from waakzaam.attribute import party
from waakzaam.audit import audit
from waakzaam.knowledge import load
from waakzaam.phones.description import Phone
from waakzaam.report.compose import compose
from waakzaam.report.json import to_document
from waakzaam.report.terminal import render_terminal
from waakzaam.report.text import Text

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
