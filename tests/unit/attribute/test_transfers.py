"""Countries that are concerned: state of the record on the day, and the same questions for every country."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from waakzaam.attribute.transfers import transfers
from waakzaam.tables import RECIPIENTS


def of(day: str, **columns: Any) -> list[dict[str, Any]]:
    row = {
        "host": "a.example",
        "organisation": "Example",
        "server_countries": [],
        "messages": 1,
        "bytes_up": 10,
        "last": datetime.fromisoformat(day).replace(tzinfo=UTC),
        **columns,
    }
    return transfers(pa.Table.from_pylist([row], schema=RECIPIENTS)).to_pylist()


def test_server_and_seat_are_two_rows() -> None:
    rows = of("2021-07-31", server_countries=["SG", "DE"], seat_country="CN")
    assert {(row["country"], row["why"]) for row in rows} == {
        ("SG", "server"),
        ("DE", "server"),
        ("CN", "seat"),
    }


@pytest.mark.parametrize(
    ("country", "day", "status"),
    [
        ("US", "2020-07-15", "adequate, limited"),
        ("US", "2020-07-17", "none"),
        ("US", "2023-07-09", "none"),
        ("US", "2023-07-11", "adequate, limited"),
        ("GB", "2019-01-01", "member"),
        ("GB", "2021-03-01", "bridge"),
        ("GB", "2021-07-01", "adequate, limited"),
        ("SG", "2021-07-31", "none"),
        ("CN", "2021-07-31", "none"),
        ("BE", "2021-07-31", "member"),
    ],
)
def test_adequacy_is_that_of_the_day(country: str, day: str, status: str) -> None:
    [row] = of(day, seat_country=country)
    assert (row["adequacy"], row["day"]) == (status, day)
    assert "Source: " in row["adequacy_text"]


def test_laws_are_those_in_force() -> None:
    [before] = of("2017-06-27", seat_country="CN")
    [after] = of("2017-06-29", seat_country="CN")
    assert "cn-national-intelligence" not in before["laws"]
    assert "cn-national-intelligence" in after["laws"]


@pytest.mark.parametrize("why", ["server", "seat"])
def test_the_same_state_gives_the_same_questions_whatever_the_country(why: str) -> None:
    def asked(country: str) -> list[str]:
        where = {"server_countries": [country]} if why == "server" else {"seat_country": country}
        [row] = of("2021-07-31", **where)
        assert row["adequacy"] == "none"
        return row["questions"]

    assert asked("CN") == asked("US") == asked("RU") == asked("SG") == asked("IN")


def test_hosts_that_were_only_looked_up_are_no_transfer() -> None:
    assert of("2021-07-31", seat_country="CN", role="only looked up") == []


def test_what_is_not_known_is_not_invented() -> None:
    assert of("2021-07-31") == []
    [row] = of("2021-07-31", organisation=None, server_countries=["CN"])
    assert row["organisation"] is None
    assert row["questions"][0] == "operator"
