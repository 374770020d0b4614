"""The ledger: what was seen of each app, and what was not."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from waakzaam.attribute.ledger import app_table, not_seen
from waakzaam.tables import ACCESSES, CONNECTIONS, LIMITS, MESSAGES, PROBLEMS


def rows(schema: pa.Schema, *given: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([{"evidence": "E1"} | each for each in given], schema=schema)


APP = {"app": "com.a", "app_basis": "told by capture"}
CONNECTIONS_SEEN = rows(
    CONNECTIONS,
    {"connection": 0, "opened": True, "bytes_up": 100, "bytes_down": 7, **APP},
    {"connection": 1, "opened": False, "not_opened": "no keys", "bytes_up": 900, "bytes_down": 1, **APP},
    {"connection": 2, "opened": False, "not_opened": "no keys", "bytes_up": 50},
    {"connection": 3, "not_opened": "only looked up"},
    {"connection": 4, "opened": False, "not_opened": "not in the log"},
)
MESSAGES_SEEN = rows(
    MESSAGES,
    {"message": 0, "connection": 0, "direction": "up", "body_length": 40, "complete": True, **APP},
    {
        "message": 1,
        "connection": 9,
        "direction": "up",
        "body_length": 5,
        "complete": False,
        "missing": 3,
        **APP,
    },
    {"message": 2, "connection": 9, "direction": "down", "complete": False, "missing": 4},
)


def test_everything_that_was_not_seen_has_a_row() -> None:
    problems = rows(PROBLEMS, {"code": "gap", "count": 3}, {"code": "gap", "count": None})
    limits = rows(LIMITS, {"what": "depth", "limit": 3})
    found = not_seen(CONNECTIONS_SEEN, MESSAGES_SEEN, problems, limits).to_pylist()
    assert [tuple(row.values())[1:] for row in found] == [
        ("com.a", "opened", None, 1, 100, 7),
        ("com.a", "closed", "no keys", 1, 900, 1),
        (None, "closed", "no keys", 1, 50, None),
        (None, "closed", "not in the log", 1, None, None),
        (None, "looked up", "only looked up", 1, None, None),
        ("com.a", "incomplete", None, 1, 3, None),
        (None, "incomplete", None, 1, None, 4),
        (None, "problem", "gap", 4, None, None),
        (None, "limit", "depth", 1, None, None),
    ]


def test_an_opened_tunnel_is_not_counted_beside_what_it_carried() -> None:
    tunnels = rows(
        CONNECTIONS,
        {"connection": 5, "application": "wireguard", "opened": True, "bytes_up": 120, **APP},
        {
            "connection": 6,
            "application": "wireguard",
            "opened": False,
            "not_opened": "no keys",
            "bytes_up": 8,
        },
    )
    seen = pa.concat_tables([CONNECTIONS_SEEN, tunnels])
    ledger = not_seen(seen, MESSAGES_SEEN, rows(PROBLEMS), rows(LIMITS)).to_pylist()
    counted = {(row["app"], row["state"], row["why"]): row["bytes_up"] for row in ledger}
    assert counted["com.a", "opened", None] == 100
    assert counted[None, "closed", "no keys"] == 50 + 8
    assert (
        app_table(MESSAGES_SEEN, seen, rows(ACCESSES)).to_pylist()
        == app_table(MESSAGES_SEEN, CONNECTIONS_SEEN, rows(ACCESSES)).to_pylist()
    )


def test_apps_with_what_they_sent() -> None:
    used = rows(ACCESSES, {"access": 0, "app": "com.b", "category": "camera"})
    assert app_table(MESSAGES_SEEN, CONNECTIONS_SEEN, used).to_pylist() == [
        {
            "app": "com.a", "basis": ["told by capture"], "evidence": ["E1"], "messages": 2, "connections": 2,
            "opened": 1, "bytes_up": 1005, "bytes_up_opened": 105,
        },
        {
            "app": "com.b", "basis": ["told by the record of its use of sensors"], "evidence": ["E1"],
            "messages": 0, "connections": 0, "opened": 0, "bytes_up": None, "bytes_up_opened": None,
        },
    ]  # fmt: skip


def test_nothing_is_nothing() -> None:
    nothing = [schema.empty_table() for schema in (CONNECTIONS, MESSAGES, PROBLEMS, LIMITS)]
    assert len(not_seen(*nothing)) == 0
    assert len(app_table(nothing[1], nothing[0], ACCESSES.empty_table())) == 0
