"""Each rule with a sighting that must give its finding, and a twin that must not."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from waakzaam.advise.findings import find
from waakzaam.seek.private import PRIVATE
from waakzaam.tables import SIGHTINGS
from waakzaam.tables_of_unlock import PROOFS, WEAKNESSES

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


SEALED = {
    "datum": "device-id/imei",
    "disguise": "embedded-key",
    "layers": ["form", "base64", "aes-128-cbc", "json"],
    "selectors": ["d", "", "key=00,iv=11,pad=pkcs7", "$.imei"],
    "proof": 7,
}
PROOF = {
    "evidence": "E1",
    "content": 7,
    "step": 2,
    "layer": "aes-128-cbc",
    "bits": 80.0,
    "source": "key file",
}
WEAK = {
    "weakness": "W1", "evidence": "E1", "host": "collector.example", "transport": "tls",
    "kind": "equal-first-blocks", "block": 16, "count": 4, "of": 4, "message": 0, "messages": [0, 1, 2, 3],
}  # fmt: skip


def hidden(
    *rows: dict[str, Any], proof: dict[str, Any] = PROOF, weak: tuple[dict[str, Any], ...] = ()
) -> dict[str, dict[str, Any]]:
    found = find(
        sightings(*rows),
        PRIVATE.empty_table(),
        proofs=pa.Table.from_pylist([proof], schema=PROOFS),
        weaknesses=pa.Table.from_pylist(list(weak), schema=WEAKNESSES),
    )
    return {row["rule"]: row for row in found.to_pylist()}


def test_data_under_a_key_at_hand_are_a_finding_of_their_own() -> None:
    found = hidden(SEALED)
    assert set(found) == {"device-identifier", "embedded-key"}
    one = found["embedded-key"]
    assert (one["severity"], one["confidence"], one["disguise"]) == ("low", "high", "embedded-key")
    assert one["references"] == ["MASVS-CRYPTO-1", "MASVS-CRYPTO-2", "CWE-321", "CWE-329"]
    assert hidden({**SEALED, "transport": "clear"})["embedded-key"]["severity"] == "medium"


@pytest.mark.parametrize("disguise", ["none", "encoding", "opaque", "to-recipient"])
def test_other_disguises_are_no_embedded_key(disguise: str) -> None:
    assert set(hidden({**SEALED, "disguise": disguise})) == {"device-identifier"}


@pytest.mark.parametrize(
    ("layer", "selector", "source", "expected"),
    [
        ("aes-128-cbc", "key=00,iv=prefix16,pad=pkcs7", "key file", ["CWE-321"]),
        ("aes-128-ecb", "key=00,pad=pkcs7", "beside it", ["CWE-656", "CWE-327"]),
        ("des-cbc", "key=00,iv=00,pad=pkcs7", "known format", ["CWE-321", "CWE-327", "CWE-326", "CWE-329"]),
        ("aes-128-ctr", "key=00,iv=00", "key file", ["CWE-321", "CWE-323"]),
        ("xor", "key=6b", "worked out", ["CWE-321", "CWE-327", "CWE-326"]),
        ("rc4", "key=00", "device", ["CWE-656", "CWE-327"]),
    ],
)
def test_references_follow_from_the_cipher_and_its_key(
    layer: str, selector: str, source: str, expected: list[str]
) -> None:
    row = {**SEALED, "layers": ["form", "base64", layer, "json"], "selectors": ["d", "", selector, "$.imei"]}
    found = hidden(row, proof={**PROOF, "layer": layer, "source": source})
    assert found["embedded-key"]["references"][2:] == expected


def test_equal_parts_of_closed_values_are_told_and_accuse_nobody() -> None:
    found = hidden(weak=(WEAK, {**WEAK, "weakness": "W2", "kind": "repeated-blocks"}))
    (one,) = found.values()
    assert (one["rule"], one["severity"], one["confidence"]) == ("repeated-ciphertext", "low", "medium")
    assert (one["data"], one["sightings"], one["weaknesses"]) == ([], [], ["W1", "W2"])
    assert one["why_severity"] == "unopened repeated-blocks equal-first-blocks"
    assert one["references"] == ["MASVS-CRYPTO-1", "CWE-327", "CWE-329"]
    assert hidden() == {}
