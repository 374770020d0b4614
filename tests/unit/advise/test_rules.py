"""Each rule with a sighting that must give its finding, and a twin that must not."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from waakzaam.advise.findings import find
from waakzaam.seek.private import PRIVATE
from waakzaam.tables import SIGHTINGS

BASE: dict[str, Any] = {
    "form": "plain",
    "known": 0,
    "basis": "named in the capture",
    "host": "collector.example",
    "direction": "up",
    "transport": "tls",
    "disguise": "none",
    "part": "body",
    "path": "body | json:$.x",
    "layers": ["json"],
    "selectors": ["$.x"],
    "evidence": "E1",
    "message": 0,
}


def sightings(*rows: dict[str, Any]) -> pa.Table:
    full = [{**BASE, "sighting": f"S{number + 1}", **row} for number, row in enumerate(rows)]
    return pa.Table.from_pylist(full, schema=SIGHTINGS)


def findings(*rows: dict[str, Any], incognito: bool = False) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = find(
        sightings(*rows), PRIVATE.empty_table(), incognito=incognito
    ).to_pylist()
    return found


URL = {"datum": "browsing-history/url", "basis": "visited in the capture"}
UUID = {"datum": "identifier/uuid", "known": 9}


def test_a_visited_page_at_another_party_is_a_finding() -> None:
    (one,) = findings(URL)
    assert (one["rule"], one["severity"], one["recipient"]) == (
        "browsing-history",
        "medium",
        "collector.example",
    )
    assert one["data"] == ["browsing-history/url"]
    assert one["sightings"] == ["S1"]
    assert one["why_severity"] == "browsing"
    assert "CWE-319" not in one["references"]


def test_circumstances_raise_the_severity_and_are_named() -> None:
    linked = next(row for row in findings(URL, UUID) if row["rule"] == "browsing-history")
    assert (linked["severity"], linked["why_severity"]) == ("high", "browsing linked")
    clear = findings({**URL, "transport": "clear"})[0]
    assert (clear["severity"], clear["why_severity"]) == ("high", "browsing clear")
    assert "CWE-319" in clear["references"]
    assert findings(URL, incognito=True)[0]["why_severity"] == "browsing incognito"


def test_a_referrer_is_a_note_and_no_browsing_finding() -> None:
    (one,) = findings({**URL, "part": "header:Referer"})
    assert (one["rule"], one["severity"]) == ("third-party-referrer", "note")


def test_what_the_phone_received_is_no_finding() -> None:
    assert findings({**URL, "direction": "down"}) == []


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"datum": "search-query"}, "search-terms"),
        ({"datum": "device-id/imei"}, "device-identifier"),
        ({"datum": "advertising-id/gaid"}, "persistent-identifier"),
        ({"datum": "identifier/uuid", "basis": "phone description"}, "persistent-identifier"),
        ({"datum": "contact/email"}, "personal-data"),
        ({"datum": "network/bssid"}, "personal-data"),
    ],
)
def test_one_sighting_is_enough_for_what_is_surely_one(row: dict[str, Any], rule: str) -> None:
    assert [each["rule"] for each in findings(row)] == [rule]


def test_a_uuid_in_one_message_only_may_be_the_number_of_that_message() -> None:
    assert findings(UUID) == []
    assert findings(UUID, {**UUID, "part": "query"}) == []
    (one,) = findings(UUID, {**UUID, "message": 1})
    assert one["rule"] == "persistent-identifier"
    assert one["sightings_total"] == 2


def test_findings_are_by_recipient_and_app_and_sorted_by_severity() -> None:
    rows = [
        {"datum": "advertising-id/gaid", "host": "a.example"},
        {"datum": "advertising-id/gaid", "host": "b.example", "app": "x"},
        {"datum": "device-id/imei", "host": "b.example", "transport": "clear"},
    ]
    found = findings(*rows)
    assert [(row["finding"], row["severity"], row["recipient"], row["app"]) for row in found] == [
        ("F1", "high", "b.example", None),
        ("F2", "low", "a.example", None),
        ("F3", "low", "b.example", "x"),
    ]


def test_the_same_sighting_gives_the_same_words_whoever_receives_it() -> None:
    hosts = [
        "sa.api.intl.miui.com",
        "app-measurement.com",
        "xp.apple.com",
        "dc.di.atlas.samsung.com",
        "x.example",
    ]
    said = []
    for host in hosts:
        (one,) = findings({**URL, "host": host})
        said.append(
            {key: one[key] for key in ("rule", "severity", "confidence", "why_severity", "references")}
        )
    assert all(each == said[0] for each in said)


def test_a_message_that_says_private_mode_raises_browsing() -> None:
    private = pa.Table.from_pylist([{"evidence": "E1", "message": 0}], schema=PRIVATE)
    (one,) = find(sightings(URL), private).to_pylist()
    assert (one["severity"], one["why_severity"]) == ("high", "browsing private")
    elsewhere = pa.Table.from_pylist([{"evidence": "E1", "message": 7}], schema=PRIVATE)
    assert find(sightings(URL), elsewhere).to_pylist()[0]["severity"] == "medium"


def test_no_sighting_no_finding() -> None:
    assert find(SIGHTINGS.empty_table(), PRIVATE.empty_table()).num_rows == 0
