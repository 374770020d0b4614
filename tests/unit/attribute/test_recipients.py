"""The table of recipients: who, where, how much, on what basis."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from waakzaam.attribute import attribute
from waakzaam.tables import CONNECTIONS, MESSAGES, NAMES, RECIPIENTS

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
XIAOMI = "sa.api.intl.miui.com"


def rows(
    messages: list[dict[str, Any]],
    connections: list[dict[str, Any]] | None = None,
    names: list[Any] | None = None,
) -> dict[str, dict[str, Any]]:
    """Recipients by host; every row belongs to evidence E1 unless it says otherwise."""

    def table(values: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
        return pa.Table.from_pylist([{"evidence": "E1", **value} for value in values], schema=schema)

    found = attribute(
        table(messages, MESSAGES), table(connections or [], CONNECTIONS), table(names or [], NAMES)
    )
    assert found.schema.equals(RECIPIENTS)
    return {row["host"]: row for row in found.to_pylist()}


def message(host: str | None, *, direction: str = "up", length: int = 10, **more: Any) -> dict[str, Any]:
    return {
        "host": host,
        "direction": direction,
        "body_length": length,
        "time": NOON,
        "protocol": "http1",
        **more,
    }


def test_nothing_gives_nothing() -> None:
    assert rows([]) == {}


def test_messages_of_a_har() -> None:
    found = rows(
        [
            message(XIAOMI.upper() + ".", length=100, server_address="161.117.71.1"),
            message(XIAOMI, length=50, server_address="161.117.71.1"),
            message(XIAOMI, direction="down", length=7, server_address="161.117.71.1"),
            message("example.org"),
        ]
    )
    one = found[XIAOMI]
    assert (one["messages"], one["bytes_up"], one["bytes_down"], one["connections"]) == (2, 150, 7, 0)
    assert one["organisation"] == "Xiaomi"
    assert one["server_countries"] == ["SG"]
    assert one["addresses"] == ["161.117.71.1"]
    assert found["example.org"]["organisation"] is None
    assert found["example.org"]["basis"] == ["No fact about this host."]


def test_bytes_of_a_connection_are_not_counted_twice() -> None:
    found = rows(
        [
            message("a.example", length=10, connection=1, server_address="8.8.8.8"),
            message(None, direction="down", length=90, connection=1, server_address="8.8.8.8"),
        ],
        [{"connection": 1, "server_address": "8.8.8.8", "bytes_up": 500, "bytes_down": 700, "opened": True}],
    )
    assert list(found) == ["a.example"]
    one = found["a.example"]
    assert (one["bytes_up"], one["bytes_down"], one["connections"], one["not_opened"]) == (500, 700, 1, 0)


def test_connection_shared_by_hosts_counts_bodies() -> None:
    found = rows(
        [
            message("a.example", length=10, connection=1, server_address="8.8.8.8"),
            message("b.example", length=20, connection=1, server_address="8.8.8.8"),
        ],
        [{"connection": 1, "server_address": "8.8.8.8", "bytes_up": 500, "bytes_down": 700, "opened": True}],
    )
    assert {host: (one["bytes_up"], one["connections"]) for host, one in found.items()} == {
        "a.example": (10, 1),
        "b.example": (20, 1),
    }


def test_closed_connection_with_sni() -> None:
    found = rows(
        [],
        [
            {
                "connection": 1,
                "sni": "LOG.tiktokv.com",
                "server_address": "47.241.0.2",
                "bytes_up": 5,
                "opened": False,
            },
            {
                "connection": 2,
                "sni": "log.tiktokv.com",
                "server_address": "47.241.0.2",
                "bytes_up": 6,
                "opened": False,
            },
        ],
    )
    one = found["log.tiktokv.com"]
    assert (one["connections"], one["not_opened"], one["bytes_up"], one["messages"]) == (2, 2, 11, 0)
    assert any("SNI" in sentence for sentence in one["basis"])


def test_name_from_dns_is_said_to_be_one() -> None:
    names = [{"name": "X.umeng.com.", "address": "47.241.0.1"}]
    connection = {"connection": 1, "server_address": "47.241.0.1", "opened": False}
    one = rows([], [connection], names)["x.umeng.com"]
    assert one["organisation"] == "Umeng+"
    assert any("DNS answer" in sentence for sentence in one["basis"])


def test_address_with_several_names_is_not_guessed() -> None:
    names = [{"name": "a.example", "address": "47.241.0.1"}, {"name": "b.example", "address": "47.241.0.1"}]
    connection = {"connection": 1, "server_address": "47.241.0.1", "opened": False}
    one = rows([], [connection], names)["47.241.0.1"]
    assert one["organisation"] is None
    assert any("none is chosen" in sentence for sentence in one["basis"])


def test_dns_of_another_evidence_is_not_used() -> None:
    names = [{"evidence": "E2", "name": "a.example", "address": "47.241.0.1"}]
    connection = {"connection": 1, "server_address": "47.241.0.1", "opened": False}
    assert list(rows([], [connection], names)) == ["47.241.0.1"]


def test_name_server_and_private_address() -> None:
    found = rows([message(None, server_address="192.168.1.1", protocol="dns")])
    one = found["192.168.1.1"]
    assert one["role"] == "name server"
    assert one["server_countries"] == []
    assert any("private address" in sentence for sentence in one["basis"])


def test_ipv6_and_host_with_port() -> None:
    found = rows([message("[2A00:1450:400E::1]:443", server_address="2a00:1450:400e:0::1")])
    one = found["2a00:1450:400e::1"]
    assert one["server_countries"] == ["IE"]
    assert one["addresses"] == ["2a00:1450:400e::1"]


def test_message_without_host_and_address_is_left_out() -> None:
    assert rows([message(None)]) == {}


def test_owner_of_the_day() -> None:
    old = rows([message("www.hihonor.com", time=datetime(2019, 6, 1, tzinfo=UTC))])
    assert old["www.hihonor.com"]["owner"] == "Huawei Investment & Holding"


@given(
    st.lists(
        st.builds(
            message,
            st.one_of(st.none(), st.text(max_size=20), st.sampled_from([XIAOMI, "a.example"])),
            direction=st.sampled_from(["up", "down"]),
            length=st.integers(0, 1000),
            connection=st.one_of(st.none(), st.integers(0, 3)),
            server_address=st.one_of(
                st.none(), st.sampled_from(["8.8.8.8", "10.0.0.1", "bogus", "2001:db8::1"])
            ),
        ),
        max_size=12,
    )
)
def test_sums_hold_for_any_messages(messages: list[dict[str, Any]]) -> None:
    found = rows(messages)
    reached = [one for one in messages if (one["host"] or "").strip().strip(".") or one["server_address"]]
    assert sum(one["messages"] for one in found.values()) <= sum(one["direction"] == "up" for one in messages)
    assert sum(one["bytes_up"] for one in found.values()) <= sum(
        one["body_length"] for one in reached if one["direction"] == "up"
    )
    assert all(one["basis"] for one in found.values())


def test_a_million_messages() -> None:
    count = 1_000_000
    index = pa.array(range(count), pa.int64())
    hosts = pa.array([f"h{number}.example{number % 50}.com" for number in range(2000)])
    cols = {schema.name: pa.nulls(count, schema.type) for schema in MESSAGES}
    codes = pa.array([number % 2000 for number in range(count)], pa.int32())
    cols |= {
        "evidence": pa.array(["E1"] * count),
        "message": index,
        "connection": pa.array([number // 10 for number in range(count)], pa.int64()),
        "host": hosts.take(codes),
        "server_address": pa.array(["10.0.0.1"] * count),
        "direction": pa.array(["up"] * count),
        "body_length": pa.array([1] * count, pa.int64()),
    }
    table = pa.table(cols, schema=MESSAGES)
    start = time.process_time()
    found = attribute(table, CONNECTIONS.empty_table(), NAMES.empty_table())
    assert time.process_time() - start < 4  # about 1.3 s of CPU; room for a slow machine
    assert found.num_rows == 2000
    assert sum(found["bytes_up"].to_pylist()) == count


def test_what_holds_for_several_addresses_is_said_once() -> None:
    found = rows([message("a.example", server_address=f"10.0.0.{number}") for number in range(1, 9)])
    about = [sentence for sentence in found["a.example"]["basis"] if "private address" in sentence]
    assert len(about) == 1
    assert "and 3 more" in about[0]
    assert len(found["a.example"]["addresses"]) == 8
