"""Hosts: normal form, registrable domain, organisation, owner and seat."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waakzaam.attribute import normal, party, site
from waakzaam.attribute.host import NO_FACT


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("Example.BE", "example.be"),
        ("example.be.", "example.be"),
        ("example.be:8443", "example.be"),
        ("EXAMPLE.be.:443", "example.be"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("[2001:DB8::1]:443", "2001:db8::1"),
        ("[2001:0db8:0:0::1]", "2001:db8::1"),
        ("2001:db8:0:0:0:0:0:1", "2001:db8::1"),
        ("192.0.2.1:80", "192.0.2.1"),
        (" example.be ", "example.be"),
        ("localhost", "localhost"),
        ("", ""),
        ("host:port", "host:port"),
        ("_dmarc.example.be", "_dmarc.example.be"),
    ],
)
def test_normal(host: str, expected: str) -> None:
    assert normal(host) == expected


@given(st.text(max_size=400))
def test_normal_and_site_take_any_text(text: str) -> None:
    name = normal(text)
    assert normal(name) == normal(name)
    assert isinstance(site(text), str)
    assert party(text).basis


@given(st.from_regex(r"[a-z][a-z0-9]{0,8}(\.[a-z][a-z0-9]{0,8}){1,4}", fullmatch=True))
def test_site_is_stable_and_a_suffix(host: str) -> None:
    home = site(host)
    assert host == home or host.endswith("." + home)
    assert site(home) == home
    assert site(host.upper() + ".") == home
    assert site("sub." + host) in {home, "sub." + host, host}


@pytest.mark.parametrize(
    ("host", "home"),
    [
        ("www.example.co.uk", "example.co.uk"),
        ("sa.api.intl.miui.com", "miui.com"),
        ("a.b.vrt.be", "vrt.be"),
        ("one.github.io", "one.github.io"),
        ("deep.one.github.io", "one.github.io"),
        ("co.uk", "co.uk"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("localhost", "localhost"),
        ("www.食狮.公司.cn", "xn--85x722f.xn--55qx5d.cn"),
        ("www..example.be", "www..example.be"),
    ],
)
def test_site(host: str, home: str) -> None:
    assert site(host) == home


def test_known_host() -> None:
    found = party("SA.api.intl.miui.com.:443")
    assert (found.organisation, found.owner, found.seat, found.seat_country) == (
        "Xiaomi",
        "Xiaomi Corporation",
        "Beijing, CN",
        "CN",
    )
    assert found.role == "telemetry"
    assert all("Source: " in sentence and "Confidence " in sentence for sentence in found.basis)


def test_unknown_host_is_null_and_says_so() -> None:
    found = party("example.org")
    assert (found.organisation, found.owner, found.seat, found.role) == (None, None, None, None)
    assert found.basis == (NO_FACT,)


def test_shared_hosting_tells_nothing_about_the_sender() -> None:
    for host in ("bucket.oss-eu-central-1.aliyuncs.com", "d111.cloudfront.net", "x.azurewebsites.net"):
        found = party(host)
        assert found.organisation is None
        assert found.seat is None
        assert found.role is not None
        assert found.role.startswith("shared hosting")
        assert "does not tell whose server this is" in found.basis[0]


def test_owner_on_the_day_of_the_traffic() -> None:
    assert party("www.hihonor.com", date(2019, 6, 1)).owner == "Huawei Investment & Holding"
    assert party("www.hihonor.com", date(2022, 6, 1)).owner == "Shenzhen Zhixin New Information Technology"


def test_unconfirmed_seat_is_not_shown() -> None:
    found = party("t.appsflyer.com")
    assert found.organisation == "AppsFlyer"
    assert found.owner is None
    assert found.seat is None
    assert any("only an unconfirmed note exists" in sentence for sentence in found.basis)


def test_organisation_without_ownership() -> None:
    found = party("www.adups.com")
    assert found.organisation == "Adups"
    assert found.seat is None
    assert any("No fact about the owner" in sentence for sentence in found.basis)
