"""Devices of a recorded network: what is known of each, and what is not concluded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from waakzaam.attribute.devices import devices
from waakzaam.attribute.maker import holder_of, is_random
from waakzaam.tables import ANNOUNCEMENTS, CONNECTIONS, MESSAGES

APPLE = "28:37:37:00:6d:c8"
HMD = "4c:6a:f6:9f:f6:27"
RANDOM = "c6:2c:03:60:6a:64"
TIME = datetime(2026, 1, 1, tzinfo=UTC)


def announced(*rows: tuple[str | None, str | None, str, str, str]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "evidence": "E1",
                "mac": mac,
                "address": address,
                "kind": kind,
                "name": name,
                "value": value,
                "first": TIME,
                "last": TIME,
                "count": 1,
                "frame": number,
            }
            for number, (mac, address, kind, name, value) in enumerate(rows, 1)
        ],
        schema=ANNOUNCEMENTS,
    )


def connected(*rows: tuple[str, str, int]) -> pa.Table:
    named = ("client_address", "sni", "bytes_up")
    return pa.Table.from_pylist(
        [{"evidence": "E1", **dict(zip(named, row, strict=True))} for row in rows], schema=CONNECTIONS
    )


def asked(*rows: tuple[str, str]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "evidence": "E1",
                "client_address": address,
                "direction": "up",
                "header_names": ["Host", "User-Agent"],
                "header_values": ["a.example", agent],
                "frame": 9,
            }
            for address, agent in rows
        ],
        schema=MESSAGES,
    )


def of(
    announcements: pa.Table, connections: pa.Table | None = None, messages: pa.Table | None = None
) -> list[dict[str, Any]]:
    return devices(announcements, connections or connected(), messages or asked()).to_pylist()


def test_no_announcement_no_device() -> None:
    assert of(announced(), connected(("192.168.1.2", "a.example", 5))) == []


def test_a_phone_by_its_address_and_by_what_it_says() -> None:
    [phone] = of(
        announced(
            (HMD, "192.168.2.16", "arp", "address", "192.168.2.16"),
            (HMD, "192.168.2.16", "dhcp", "vendor-class", "android-dhcp-9"),
        ),
        connected(
            ("192.168.2.16", "a.example", 10), ("192.168.2.16", "b.example", 30), ("192.168.2.9", "c", 1)
        ),
        asked(
            ("192.168.2.16", "Dalvik/2.1.0 (Linux; U; Android 9; Nokia 2.2 Build/PPR1)"), ("192.168.2.9", "x")
        ),
    )
    assert (phone["brand"], phone["model"], phone["system"]) == ("HMD", "Nokia 2.2", "Android")
    assert phone["mac_holder"] == "HMD Global Oy"
    assert phone["hosts"] == ["b.example", "a.example"]
    assert (phone["connections"], phone["bytes_up"]) == (2, 40)
    assert any("android-dhcp-9" in sentence and "packet 2" in sentence for sentence in phone["basis"])


def test_a_brand_that_a_model_begins_with() -> None:
    agent = "Dalvik/2.1.0 (Linux; U; Android 10; Redmi Note 9 Pro MIUI/V12.0.3.0.QJZMIXM)"
    [phone] = of(
        announced((None, "192.168.1.2", "ssdp", "server", "x")), messages=asked(("192.168.1.2", agent))
    )
    assert (phone["brand"], phone["model"]) == ("Redmi", "Redmi Note 9 Pro")
    assert (phone["mac"], phone["mac_random"], phone["device"]) == (None, None, "192.168.1.2")


def test_a_user_agent_counts_once_and_only_where_it_was_sent() -> None:
    agents = [f"Dalvik/2.1.0 (Linux; U; Android {number}; Nokia {number}.2 Build/P)" for number in (9, 8)]
    sent = [("192.168.1.2", each) for each in (*agents, agents[0])]
    messages = asked(*sent)
    frames = pa.array([3, 5, 7], pa.int64())
    messages = messages.set_column(messages.schema.get_field_index("frame"), "frame", frames)
    here = announced((None, "192.168.1.2", "ssdp", "server", "x"))
    [phone] = of(here, messages=messages)
    said = [sentence for sentence in phone["basis"] if "Dalvik" in sentence]
    assert len(said) == 2
    assert all(part in text for part, text in zip(("packet 3", "packet 5"), said, strict=True))
    down = pa.array(["down"] * 3)
    [phone] = of(
        here,
        messages=messages.set_column(messages.schema.get_field_index("direction"), "direction", down),
    )
    assert phone["model"] is None


def test_a_random_address_tells_nothing_and_is_said_to_be_random() -> None:
    [device] = of(announced((RANDOM, "192.168.1.2", "ip", "address", "192.168.1.2")))
    assert device["mac_random"] is True
    assert (device["mac_holder"], device["brand"], device["kind"], device["confidence"]) == (
        None,
        None,
        None,
        "none",
    )
    assert "locally administered" in device["basis"][0]


def test_two_signs_that_agree_are_more_than_one() -> None:
    model = (APPLE, "192.168.1.3", "mdns", "txt:model", "iMac11,3")
    [once] = of(announced(model))
    assert (once["brand"], once["kind"], once["confidence"]) == ("Apple", "computer", "single")
    [twice] = of(announced(model, (APPLE, "192.168.1.3", "dhcp", "host-name", "Lucas-iMac")))
    assert twice["confidence"] == "announced"
    assert twice["names"] == ["Lucas-iMac"]


def test_unconfirmed_signs_are_said_to_be() -> None:
    [device] = of(announced((RANDOM, None, "ssdp", "server", "Tizen/6.0 UPnP/1.0 SamsungTV/1.0")))
    assert (device["brand"], device["confidence"]) == ("Samsung", "unconfirmed")
    assert "(unconfirmed)" in device["basis"][1]


def test_a_name_that_public_code_confirms_is_a_sign() -> None:
    [device] = of(announced((RANDOM, None, "dhcp", "host-name", "Redmi-Note-9")))
    assert device["brand"] == "Xiaomi"
    assert device["confidence"] != "unconfirmed"
    [device] = of(announced((RANDOM, None, "ssdp", "server", "DLNADOC/1.50 SEC_HHP_GT-S8500/1.0")))
    assert device["kind"] != "television"  # the same word in a phone


def test_an_address_of_two_devices_is_given_to_none() -> None:
    rows = of(
        announced(
            (APPLE, "192.168.1.3", "arp", "address", "192.168.1.3"),
            (HMD, "192.168.1.3", "arp", "address", "192.168.1.3"),
            (None, "192.168.1.3", "upnp", "manufacturer", "Someone"),
        )
    )
    assert {row["mac"] for row in rows} == {APPLE, HMD}
    assert all(row["brand"] != "Someone" for row in rows)


def test_a_description_belongs_to_the_device_with_that_address() -> None:
    [device] = of(
        announced(
            (APPLE, "192.168.1.3", "arp", "address", "192.168.1.3"),
            (None, "192.168.1.3", "upnp", "modelName", "Speaker 5"),
            (None, "192.168.1.3", "upnp", "friendlyName", "Kitchen"),
        )
    )
    assert (device["model"], device["names"]) == ("Speaker 5", ["Kitchen"])


def test_only_hosts_outside_the_network_are_called() -> None:
    [device] = of(
        announced((APPLE, "192.168.1.3", "arp", "address", "192.168.1.3")),
        connected(
            ("192.168.1.3", "224.0.0.251", 5),
            ("192.168.1.3", "192.168.1.1", 5),
            ("192.168.1.3", "8.8.8.8", 7),
        ),
    )
    assert (device["hosts"], device["bytes_up"]) == (["8.8.8.8"], 7)


def test_holders_of_blocks() -> None:
    assert is_random(RANDOM)
    assert not is_random(APPLE)
    found = holder_of("28:37:37:00:00:00")
    assert found
    assert found.holder == "Apple, Inc."
    assert holder_of("ff:ff:ff:00:00:00") is None
