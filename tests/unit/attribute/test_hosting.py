"""Who lends the machine, other names of a host, names asked for by HTTP, certificates, two databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from waakzaam.attribute import address, attribute, own_database
from waakzaam.attribute.address import place
from waakzaam.attribute.lookups import http_lookups
from waakzaam.attribute.own_database import Own
from waakzaam.tables import CONNECTIONS, MESSAGES, NAMES

HTTPDNS = (
    "http://203.107.1.65/164566/sign_d?host=appmarket.micloud.xiaomi.net&sdk=android_1.3.3"
    "&bssid=02%3A00%3A00%3A00%3A00%3A00"
)


def rows(
    messages: list[dict[str, Any]] | None = None,
    connections: list[dict[str, Any]] | None = None,
    names: list[dict[str, Any]] | None = None,
) -> dict[str, dict[str, Any]]:
    table = attribute(
        pa.Table.from_pylist([{"evidence": "E1", **row} for row in messages or []], schema=MESSAGES),
        pa.Table.from_pylist(
            [{"evidence": "E1", "connection": n, **row} for n, row in enumerate(connections or [])],
            schema=CONNECTIONS,
        ),
        pa.Table.from_pylist([{"evidence": "E1", **row} for row in names or []], schema=NAMES),
    )
    return {row["host"]: row for row in table.to_pylist()}


def asked(url: str) -> list[str]:
    message = {"evidence": "E1", "direction": "up", "url": url, "frame": 1}
    return [each.name for each in http_lookups(pa.Table.from_pylist([message], schema=MESSAGES))]


def test_a_name_asked_for_by_http() -> None:
    found = rows(
        [
            {
                "direction": "up",
                "host": "203.107.1.65",
                "server_address": "203.107.1.65",
                "url": HTTPDNS,
                "frame": 52,
            }
        ]
    )
    name = found["appmarket.micloud.xiaomi.net"]
    assert (name["organisation"], name["role"], name["messages"]) == ("Xiaomi", "only looked up", 0)
    assert "203.107.1.65 by HTTP instead of DNS" in name["basis"][0]
    # Android gives 02:00:00:00:00:00 to apps that may not know the access point.
    assert "address of the Wi-Fi access point (with a value that tells none" in name["basis"][0]
    server = found["203.107.1.65"]
    assert server["role"] == "name server over HTTP (HTTPDNS)"
    assert any("address of the Wi-Fi access point" in sentence for sentence in server["basis"])
    assert (server["hosting"], server["organisation"], server["server_countries"]) == (
        ["Alibaba Cloud"],
        None,
        ["CN"],
    )
    assert any("2024-06-18" in sentence for sentence in server["basis"])


@pytest.mark.parametrize(
    ("url", "names"),
    [
        ("http://119.29.29.29/d?dn=www.example.com&ttl=1", ["www.example.com"]),
        (
            "http://203.107.1.33/1/resolve?host=a.example.com,b.example.com",
            ["a.example.com", "b.example.com"],
        ),
        ("http://[2001:db8::1]/d?host=a.example.com", ["a.example.com"]),
        ("http://119.29.29.29/d?dn=localhost", []),
        ("http://119.29.29.29/d?dn=10.0.0.1", []),
        ("http://119.29.29.29/index.html?host=a.example.com", []),
        ("http://resolver.example/d?host=a.example.com", []),
        ("http://119.29.29.29:99999999/d?host=a.example.com", []),
    ],
)
def test_what_counts_as_a_question_for_a_name(url: str, names: list[str]) -> None:
    assert asked(url) == names


def test_an_alias_leads_to_the_organisation_or_to_hosting() -> None:
    names = [
        {"name": "stats.shop.example", "canonical": "sa.api.intl.miui.com", "address": "192.0.2.1"},
        {"name": "img.shop.example", "canonical": "d1.cloudfront.net", "address": "192.0.2.2"},
    ]
    found = rows(connections=[{"sni": "stats.shop.example"}, {"sni": "img.shop.example"}], names=names)
    assert found["stats.shop.example"]["organisation"] == "Xiaomi"
    assert any(
        "another name of sa.api.intl.miui.com (CNAME)" in each
        for each in found["stats.shop.example"]["basis"]
    )
    image = found["img.shop.example"]
    assert (image["organisation"], image["hosting"]) == (None, ["Amazon Web Services"])
    assert image["canonical"] == ["d1.cloudfront.net"]


def certified(organisation: str, issuer: str = "CN=R3,O=An Authority") -> dict[str, Any]:
    return {
        "sni": "x.example",
        "certificate_organisation": organisation,
        "certificate_subject": f"CN=x.example,O={organisation}",
        "certificate_issuer": issuer,
    }


def test_a_certificate_names_an_organisation_but_no_owner() -> None:
    [row] = rows(connections=[certified("Shop Ltd")]).values()
    assert (row["organisation"], row["owner"], row["seat"]) == ("Shop Ltd", None, None)
    assert "not verified" in row["basis"][-1] or "not verified" in "".join(row["basis"])


@pytest.mark.parametrize(
    "connection",
    [
        certified("Cloudflare, Inc."),
        certified("Akamai Technologies, Inc."),
        certified("Shop Ltd", "CN=x.example,O=Shop Ltd"),
    ],
)
def test_certificates_of_hosting_and_of_oneself_name_nobody(connection: dict[str, Any]) -> None:
    [row] = rows(connections=[connection]).values()
    assert row["organisation"] is None


def test_anycast_is_said_to_be() -> None:
    assert "anycast, Google Public DNS" in place("8.8.8.8").basis
    assert "anycast" in place("104.16.1.1").basis
    assert "anycast" not in place("203.107.1.65").basis


class Brought:
    """A database that says Iceland of every address."""

    def find(self, address: str) -> Own:
        return Own("IS", None, "Own-Country, data of 2026-10-01, fetched on 2026-11-01")


@pytest.fixture
def _brought(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(address, "own_database", Brought)
    place.cache_clear()
    yield
    place.cache_clear()


@pytest.mark.usefixtures("_brought")
def test_two_databases_that_disagree_are_both_shown() -> None:
    found = place("203.107.1.65")
    assert (found.country, found.others) == ("IS", ("CN",))
    assert "2026-10-01" in found.basis
    assert "the one that is built in says China (CN)" in found.basis
    [row] = rows(connections=[{"server_address": "203.107.1.65"}]).values()
    assert row["server_countries"] == ["CN", "IS"]


def test_without_one_that_was_brought_there_is_none(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    own_database.own_database.cache_clear()
    assert own_database.own_database() is None
