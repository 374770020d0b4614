"""Addresses that nobody named: what the capture says of them, networks that companies keep for themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waakzaam.attribute import attribute, party
from waakzaam.attribute.named import named_organisation
from waakzaam.knowledge import load
from waakzaam.knowledge.model import UNCONFIRMED
from waakzaam.tables import CONNECTIONS, MESSAGES, NAMES

CDN = "151.101.1.1"  # Fastly: lends machines
META = "157.240.20.53"
NOON = datetime(2024, 5, 4, 12, tzinfo=UTC)


def rows(
    connections: list[dict[str, Any]],
    names: list[dict[str, Any]] | None = None,
    messages: list[dict[str, Any]] | None = None,
) -> dict[str, dict[str, Any]]:
    table = attribute(
        pa.Table.from_pylist([{"evidence": "E1", **row} for row in messages or []], schema=MESSAGES),
        pa.Table.from_pylist(
            [{"evidence": "E1", "connection": n, "last": NOON, **row} for n, row in enumerate(connections)],
            schema=CONNECTIONS,
        ),
        pa.Table.from_pylist([{"evidence": "E1", **row} for row in names or []], schema=NAMES),
    )
    return {row["host"]: row for row in table.to_pylist()}


def shown(names: list[str], organisation: str | None = None, **more: Any) -> dict[str, Any]:
    """A connection without a name whose server showed a certificate."""
    return {
        "server_address": CDN,
        "certificate_subject": f"CN={names[0]}" + (f",O={organisation}" if organisation else ""),
        "certificate_issuer": "CN=An Authority",
        "certificate_organisation": organisation,
        "certificate_names": names,
        **more,
    }


def test_a_name_sent_on_another_connection_is_taken() -> None:
    found = rows([{"server_address": CDN, "sni": "a.example"}, {"server_address": CDN, "bytes_up": 7}])
    assert list(found) == ["a.example"]
    assert found["a.example"]["connections"] == 2
    assert any("another connection to this address" in sentence for sentence in found["a.example"]["basis"])


def test_the_host_of_a_request_names_the_address_too() -> None:
    asked = {
        "connection": 0,
        "host": "a.example",
        "server_address": CDN,
        "direction": "up",
        "url": "http://a.example/",
    }
    assert list(
        rows([{"server_address": CDN}, {"server_address": CDN, "bytes_up": 7}], messages=[asked])
    ) == ["a.example"]


def test_of_two_names_none_is_chosen() -> None:
    """A delivery network serves many names at one address: an answer for one is no proof beside another."""
    found = rows(
        [{"server_address": CDN, "sni": "a.example"}, {"server_address": CDN, "bytes_up": 7}],
        [{"name": "b.example", "address": CDN}],
    )
    assert found[CDN]["organisation"] is None
    assert any("2 names" in sentence and "none is chosen" in sentence for sentence in found[CDN]["basis"])


def test_names_of_one_organisation_name_it_and_no_role() -> None:
    names = [{"name": name, "address": CDN} for name in ("tracking.miui.com", "api.ad.xiaomi.com")]
    one = rows([{"server_address": CDN}], names)[CDN]
    assert (one["organisation"], one["seat_country"], one["role"]) == ("Xiaomi", "CN", None)
    assert any("All names that the capture has" in sentence for sentence in one["basis"])


def test_names_of_two_organisations_name_nobody() -> None:
    names = [{"name": name, "address": CDN} for name in ("api.xiaomi.com", "www.samsung.com")]
    assert rows([{"server_address": CDN}], names)[CDN]["organisation"] is None
    names[1]["name"] = "unknown.example"
    assert rows([{"server_address": CDN}], names)[CDN]["organisation"] is None


def test_names_of_one_evidence_say_nothing_about_another() -> None:
    names = [{"name": name, "address": CDN} for name in ("a.xiaomi.com", "b.xiaomi.com")]
    later = {"server_address": CDN, "evidence": "E2"}
    assert rows([{"server_address": CDN}], names)[CDN]["organisation"] == "Xiaomi"
    assert rows([{"server_address": CDN}, later], names)[CDN]["organisation"] is None


def test_a_certificate_without_a_name_sent_names_the_organisation() -> None:
    one = rows([shown(["*.miui.com"])])[CDN]
    assert (one["organisation"], one["seat_country"]) == ("Xiaomi", "CN")
    assert any("not verified" in sentence and "miui.com" in sentence for sentence in one["basis"])
    told = rows([shown(["*.shop.example"], "A Shop Ltd")])[CDN]
    assert (told["organisation"], told["owner"]) == ("A Shop Ltd", None)


@pytest.mark.parametrize(
    "connection",
    [
        shown(["*.miui.com", "customer.example"]),  # one of many customers of a delivery network
        shown(["*.miui.com", "www.samsung.com"]),
        shown(["*.miui.com"], "Fastly, Inc."),  # who lends the machine
        shown(["*.miui.com"], certificate_issuer="CN=*.miui.com"),  # issued by itself
        shown(["*.miui.com"], server_address="192.168.1.20"),  # whatever the box in the house says
    ],
)
def test_certificates_that_name_nobody(connection: dict[str, Any]) -> None:
    [one] = rows([connection]).values()
    assert one["organisation"] is None


def test_certificates_that_disagree_name_nobody() -> None:
    assert rows([shown(["*.miui.com"]), shown(["*.samsung.com"])])[CDN]["organisation"] is None
    assert rows([shown(["*.miui.com"]), shown(["a.example"])])[CDN]["organisation"] is None


def test_a_host_name_is_no_organisation() -> None:
    """Old certificates of unchecked domains repeat the domain as the organisation."""
    assert named_organisation("*.github.example") is None
    assert named_organisation("shop.example") is None
    assert named_organisation("Amazon.com, Inc.") == "Amazon.com, Inc."
    one = rows(
        [{"server_address": CDN, **shown(["*.shop.example"], "*.shop.example"), "sni": "shop.example"}]
    )
    assert one["shop.example"]["organisation"] is None


def test_a_network_that_a_company_keeps_for_itself() -> None:
    one = rows([{"server_address": META}])[META]
    assert (one["organisation"], one["seat_country"], one["hosting"]) == ("Meta", "US", [])
    assert any(
        "keeps for its own services" in sentence and "Source:" in sentence for sentence in one["basis"]
    )


def test_a_network_in_which_machines_are_lent_names_nobody() -> None:
    one = rows([{"server_address": CDN}])[CDN]
    assert (one["organisation"], one["hosting"]) == (None, ["Fastly"])
    base = load()
    assert not set(base.own_networks) & set(base.hosting_networks)


def test_an_unconfirmed_network_names_nobody() -> None:
    base = load()
    marked = [each for each in base.own_networks.values() if each.confidence == UNCONFIRMED]
    assert {"Kakao Corp"} <= {each.network for each in marked}
    assert rows([{"server_address": "110.76.143.50"}])["110.76.143.50"]["organisation"] is None


def test_sites_of_a_project_host_are_hosting_whatever_their_alias() -> None:
    names = [{"name": "x.googlecode.com", "canonical": "code.l.google.com", "address": CDN}]
    one = rows([{"server_address": CDN, "sni": "x.googlecode.com"}], names)["x.googlecode.com"]
    assert one["organisation"] is None
    assert one["role"].startswith("shared hosting")


def test_a_public_name_server_is_known_by_its_address() -> None:
    assert rows([{"server_address": "8.8.8.8", "application": "dns"}])["8.8.8.8"]["organisation"] == "Google"


def test_the_owner_is_that_of_the_day() -> None:
    twitter = party("abs.twimg.com", datetime(2020, 6, 1, tzinfo=UTC).date())
    assert (twitter.owner, twitter.seat) == ("Twitter, Inc.", "San Francisco, US")
    assert party("abs.twimg.com", datetime(2024, 6, 1, tzinfo=UTC).date()).owner == "X Corp."
    assert party("www.google.com", datetime(2011, 1, 31, tzinfo=UTC).date()).owner == "Google Inc."
    assert party("www.google.com", datetime(2020, 1, 31, tzinfo=UTC).date()).owner == "Alphabet"
    assert party("sessions.bugsnag.com", datetime(2020, 11, 13, tzinfo=UTC).date()).owner == "Bugsnag Inc."
    assert party("app.adjust.com", datetime(2020, 6, 1, tzinfo=UTC).date()).owner == "Adjust GmbH"
    assert party("app.adjust.com", datetime(2022, 6, 1, tzinfo=UTC).date()).owner == "AppLovin"
    assert party("x.tumblr.com", datetime(2018, 6, 1, tzinfo=UTC).date()).owner == "Verizon Communications"
    assert party("x.tumblr.com", datetime(2021, 6, 1, tzinfo=UTC).date()).owner == "Automattic, Inc."


@given(
    st.lists(
        st.fixed_dictionaries(
            {"server_address": st.sampled_from([CDN, META, "10.0.0.1", "bogus"])},
            optional={
                "sni": st.sampled_from(["a.example", "x.miui.com", "", "no dots"]),
                "certificate_subject": st.text(max_size=12),
                "certificate_issuer": st.text(max_size=12),
                "certificate_organisation": st.text(max_size=12),
                "certificate_names": st.lists(st.text(max_size=12), max_size=3),
            },
        ),
        max_size=6,
    )
)
def test_any_certificates_and_names_give_every_connection_once(connections: list[dict[str, Any]]) -> None:
    found = rows(connections)
    assert sum(one["connections"] for one in found.values()) == len(connections)
    assert all(one["basis"] for one in found.values())
