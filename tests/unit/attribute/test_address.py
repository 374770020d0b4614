"""Addresses: the database is read only if it is the one that was examined, and never runs code."""

from __future__ import annotations

import gzip
import io
import ipaddress
import pickle
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waakzaam.attribute import place
from waakzaam.attribute.address import special
from waakzaam.attribute.database import DatabaseError, Networks, _DataOnly, locate, read
from waakzaam.attribute.prepared import Columns


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("47.74.160.1", "SG"),
        ("52.16.0.1", "IE"),
        ("8.8.8.8", "US"),
        ("2a00:1450:400e::1", "IE"),
        ("2A00:1450:400E:0::1", "IE"),
        ("::ffff:52.16.0.1", "IE"),
        ("64:ff9b::808:808", "US"),
    ],
)
def test_public_addresses(address: str, country: str) -> None:
    found = place(address)
    assert found.country == country
    assert found.network
    assert "2024-06-18" in found.basis
    assert "does not tell who can reach the data" in found.basis


@pytest.mark.parametrize(
    ("address", "special"),
    [
        ("127.0.0.1", "loopback address"),
        ("::1", "loopback address"),
        ("10.1.2.3", "private address"),
        ("192.168.1.1", "private address"),
        ("fd00::1", "private address"),
        ("::ffff:10.0.0.1", "private address"),
        ("169.254.1.1", "link-local address"),
        ("fe80::1", "link-local address"),
        ("fe80::1%wlan0", "link-local address"),
        ("224.0.0.251", "multicast address"),
        ("ff02::fb", "multicast address"),
        ("255.255.255.255", "broadcast address"),
        ("203.0.113.9", "documentation address"),
        ("2001:db8::1", "documentation address"),
        ("100.64.1.1", "shared address of a provider's network (RFC 6598)"),
        ("0.0.0.0", "unspecified address"),
    ],
)
def test_special_addresses_have_no_country(address: str, special: str) -> None:
    found = place(address)
    assert found.special == special
    assert found.country is None
    assert found.network is None
    assert special in found.basis


@pytest.mark.parametrize("address", ["91.198.174.192", "162.62.1.1", "52.84.1.1"])
def test_a_network_is_named_only_if_it_holds_the_address(address: str) -> None:
    # The lookup of the package itself gives the holder of a neighbouring network for these.
    assert place(address).network is None
    assert place(address).country


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    assert place(text).basis


@given(st.ip_addresses())
def test_any_address(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    found = place(str(address))
    assert found.country is None or (len(found.country) == 2 and found.country.isupper())


@given(st.ip_addresses(v=4))
def test_addresses_that_need_no_look_at_the_registries(address: ipaddress.IPv4Address) -> None:
    public = address.is_global and not (address.is_multicast or address.is_reserved)
    assert (special(address) is None) == public


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 255), st.integers(0, 6)), min_size=1),
    st.lists(st.tuples(st.booleans(), st.integers(0, 1023))),
)
def test_networks_are_found_as_one_by_one(
    rows: list[tuple[bool, int, int]], asked: list[tuple[bool, int]]
) -> None:
    """Blocks of four addresses at the start of either family, longer ones with the prefix as it is."""
    blocks = sorted({(long, number): bits for long, number, bits in rows}.items())
    first = {True: 1 << 32, False: 0}
    firsts = [first[long] + 4 * number for (long, number), _ in blocks]
    lengths = [(128 if long else 32) - bits for (long, _), bits in blocks]
    columns = Columns(
        [each & (1 << 64) - 1 for each in firsts],
        [each >> 64 for each in firsts],
        list(range(len(firsts))),
        lengths,
    )
    networks = Networks(columns)
    for long, number in asked:
        address = first[long] + number
        # Of networks in order, the last that begins at or before the address is the one that can hold it.
        before = [at for at, each in enumerate(firsts) if each <= address and (each >= first[True]) == long]
        holds = bool(before) and address < firsts[before[-1]] + (1 << blocks[before[-1]][1])
        assert networks.find(address) == (before[-1] if holds else None)


def test_the_file_is_the_examined_one() -> None:
    assert read(locate()).day == date(2024, 6, 18)


def test_another_file_is_not_read(tmp_path: Path) -> None:
    other = tmp_path / "geoip2fast-asn-ipv6.dat.gz"
    other.write_bytes(gzip.compress(pickle.dumps([120, {}, 0, []])))
    with pytest.raises(DatabaseError, match="none that was examined"):
        read(other)
    with pytest.raises(DatabaseError, match="cannot be read"):
        read(tmp_path / "missing")


def test_a_file_in_the_working_directory_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "geoip2fast-asn-ipv6.dat.gz").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    assert locate().parent != tmp_path


def test_no_class_can_be_named() -> None:
    class Runs:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (print, ("ran",))

    for value in (Runs(), date(2024, 1, 1), ValueError("x")):
        with pytest.raises(DatabaseError, match="names"):
            _DataOnly(io.BytesIO(pickle.dumps(value))).load()
