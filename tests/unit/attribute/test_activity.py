"""When hosts were contacted: slices of time, and what is counted to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waakzaam.attribute.activity import GAP, LEAST, SLICES, Activity, activity, axis_over, moment
from waakzaam.tables import TABLES

START = datetime(2026, 5, 1, 10, tzinfo=UTC)
HOUR = 3_600_000_000
MOMENTS = st.integers(0, 60 * 365 * 24 * HOUR)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    schema = TABLES[name]
    return pa.Table.from_pylist([{key: row.get(key) for key in schema.names} for row in rows], schema=schema)


def connection(number: int, first: float, last: float, **more: Any) -> dict[str, Any]:
    return {"evidence": "E1", "connection": number, "first": at(first), "last": at(last), **more}


def message(number: int, connection: int | None, minutes: float, **more: Any) -> dict[str, Any]:
    row = {"evidence": "E1", "message": number, "connection": connection, "time": at(minutes)}
    return row | {"direction": "up", "protocol": "http"} | more


def seen(
    hosts: list[str],
    messages: list[dict[str, Any]],
    connections: list[dict[str, Any]],
    names: list[dict[str, Any]] | None = None,
    addresses: dict[str, list[str]] | None = None,
) -> Activity:
    wanted = [{"host": host, "addresses": (addresses or {}).get(host, [])} for host in hosts]
    found = activity(
        table("messages", messages), table("connections", connections), table("names", names or []), wanted
    )
    assert found is not None
    return found


def test_what_is_sent_is_told_from_a_connection_that_stands() -> None:
    found = seen(
        ["a.example"],
        [message(1, 1, 0, host="a.example"), message(2, 1, 59, host="a.example", direction="down")],
        [connection(1, 0, 60, sni="a.example", server_address="192.0.2.1")],
    )
    [one, others] = found.seen
    assert (one.messages, one.connections, one.first, one.last) == (1, 1, at(0), at(60))
    assert one.sent == {0}
    assert one.open == set(range(SLICES))
    assert (others.host, others.messages, others.connections, others.first) == (None, 0, 0, None)


def test_hosts_are_found_as_recipients_finds_them() -> None:
    """By the name asked for, the name of the handshake, the log, a DNS answer, else by the address."""
    connections = [
        connection(1, 0, 1, sni="A.Example.", server_address="192.0.2.1"),
        connection(2, 10, 11, host="logged.example", server_address="192.0.2.2"),
        connection(3, 20, 21, server_address="192.0.2.3"),
        connection(4, 30, 31, server_address="192.0.2.4"),
        connection(5, 40, 41, server_address="192.0.2.5", sni="else.example"),
    ]
    names = [{"evidence": "E1", "name": "dns.example", "address": "192.0.2.3"}]
    hosts = ["a.example", "logged.example", "dns.example", "192.0.2.4"]
    addresses = {"dns.example": ["192.0.2.3"], "192.0.2.4": ["192.0.2.4"]}
    found = seen(hosts, [], connections, names, addresses)
    assert [(one.host, one.connections, one.first) for one in found.seen] == [
        ("a.example", 1, at(0)),
        ("logged.example", 1, at(10)),
        ("dns.example", 1, at(20)),
        ("192.0.2.4", 1, at(30)),
        (None, 1, at(40)),
    ]


def test_a_connection_of_several_hosts_counts_by_its_messages() -> None:
    found = seen(
        ["a.example", "b.example"],
        [message(1, 1, 5, host="a.example"), message(2, 1, 6, host="b.example")],
        [connection(1, 0, 60, sni="a.example", server_address="192.0.2.1")],
    )
    assert [(one.messages, one.connections) for one in found.seen] == [(1, 0), (1, 0), (0, 0)]


def test_a_name_that_was_only_looked_up_is_no_contact() -> None:
    looked_up = connection(1, 0, 0, host="a.example", not_opened="only looked up")
    contacted = connection(2, 5, 6, host="b.example")
    found = seen(["a.example", "b.example"], [], [looked_up, contacted])
    assert [one.connections for one in found.seen] == [0, 1, 0]
    nothing = activity(
        table("messages", []),
        table("connections", [looked_up]),
        table("names", []),
        [{"host": "a.example", "addresses": []}],
    )
    assert nothing is None


def test_without_times_there_is_no_axis() -> None:
    row = {"evidence": "E1", "connection": 1, "sni": "a.example"}
    wanted = [{"host": "a.example", "addresses": []}]
    assert activity(table("messages", []), table("connections", [row]), table("names", []), wanted) is None


def test_a_row_without_a_time_is_counted_and_has_no_slice() -> None:
    rows = [
        connection(1, 0, 9, sni="a.example"),
        {"evidence": "E1", "connection": 2, "sni": "b.example"},
    ]
    found = seen(["a.example", "b.example"], [], rows)
    assert [(one.connections, bool(one.open)) for one in found.seen] == [(1, True), (1, False), (0, False)]


def test_long_gaps_are_left_out_and_longer_periods_are_wider() -> None:
    axis = axis_over([(0, 6 * HOUR), (1_000 * HOUR, 1_001 * HOUR)])
    assert axis is not None
    one, other = axis.periods
    assert (one.begin, one.end, other.begin, other.end) == (0, 6 * HOUR, 1_000 * HOUR, 1_001 * HOUR)
    assert one.slices > other.slices >= LEAST
    assert axis.place(1_000 * HOUR) == other.start
    assert axis.place(500 * HOUR) == one.slices - 1  # in the gap: with the period before it
    short = axis_over([(0, HOUR), (2 * HOUR, 30 * HOUR)])
    assert short is not None
    assert len(short.periods) == 1


@given(st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=60), st.lists(MOMENTS, max_size=20))
def test_an_axis_is_bounded_and_in_order(spans: list[tuple[int, int]], moments: list[int]) -> None:
    axis = axis_over(spans)
    assert axis is not None
    assert len(axis.periods) <= GAP
    assert LEAST <= axis.slices <= SLICES
    listed = sorted({*moments, *(begin for begin, _ in spans)})
    places = [axis.place(each) for each in listed]
    assert places == sorted(places)
    assert all(0 <= each < axis.slices for each in places)
    column = pa.chunked_array([pa.array([*listed, None], pa.int64())])
    assert axis.places(column).to_pylist() == [*places, None]


def test_moments_are_whole_microseconds() -> None:
    assert moment(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC)) == 1_000_005
    with pytest.raises(TypeError):
        moment(datetime(1970, 1, 1))
