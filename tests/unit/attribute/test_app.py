"""Which app sent it, and how that is known."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from waakzaam.attribute.app import MOST_INFERRED, Named, name_apps, name_in_sightings
from waakzaam.attribute.app_names import FIELDS, of_referer, of_requested_with, of_user_agent
from waakzaam.tables import CONNECTIONS, MESSAGES, SIGHTINGS, without

IOS = "Fit%20Band/12 CFNetwork/1240.0.4 Darwin/20.6.0"
USER_AGENTS = [
    ("com.example.app/1.2 (Linux; U; Android 11)", "com.example.app"),
    ("com.whatsapp", "com.whatsapp"),
    ("Dalvik/2.1.0 (Linux; U; Android 11; Pixel 4) com.example.app/7", "com.example.app"),
    ("Mozilla/5.0 (iPhone) [FBAN/FBIOS;FBPN/com.facebook.katana;FBLC/nl_BE]", "com.facebook.katana"),
    (IOS, "Fit Band"),
    ("be.bank.app/5 CFNetwork/1240.0.4 Darwin/20.6.0", "be.bank.app"),
    ("Dalvik/2.1.0 (Linux; U; Android 11; Pixel 4)", None),
    ("okhttp/4.9.1", None),
    ("com.squareup.okhttp/3.1", None),
    ("com.apple.WebKit.Networking/1 CFNetwork/1240.0.4 Darwin/20.6.0", None),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36", None),
    ("Java/1.8.0_292", None),
    ("python-requests/2.31.0", None),
    ("www.example.be/1.0", None),
    ("", None),
]


@pytest.mark.parametrize(("value", "app"), USER_AGENTS)
def test_user_agents(value: str, app: str | None) -> None:
    assert of_user_agent(value) == app


def test_other_fields() -> None:
    assert of_requested_with("com.example.app") == "com.example.app"
    assert of_requested_with("XMLHttpRequest") is None
    assert of_referer("android-app://com.example.reader/") == "com.example.reader"
    assert of_referer("https://com.example.reader/") is None


@given(st.text())
def test_any_text_is_read_and_no_control_character_gets_into_a_name(text: str) -> None:
    for _, read in FIELDS.values():
        for value in (text, f"android-app://{text}", f"{text}/1 CFNetwork/1 Darwin/1"):
            name = read(value)
            assert name is None or name.isprintable()


def rows(schema: pa.Schema, given: list[dict[str, Any]]) -> pa.Table:
    schema = without(schema, "app_basis")
    return pa.Table.from_pylist(
        [{"evidence": "E1", "direction": "up"} | each for each in given], schema=schema
    )


def message(number: int, connection: int | None, **changes: Any) -> dict[str, Any]:
    headers = changes.pop("headers", {})
    named = {"header_names": list(headers), "header_values": list(headers.values())}
    return {"message": number, "connection": connection, **named} | changes


def run(
    messages: list[dict[str, Any]],
    connections: list[dict[str, Any]],
    kind: str = "capture",
    limited: dict[str, str] | None = None,
) -> tuple[list[tuple[str | None, str | None]], list[tuple[str | None, str | None]], Named]:
    named = name_apps(rows(MESSAGES, messages), rows(CONNECTIONS, connections), {"E1": kind}, limited or {})
    pairs = [
        list(zip(table["app"].to_pylist(), table["app_basis"].to_pylist(), strict=True))
        for table in (named.messages, named.connections)
    ]
    return pairs[0], pairs[1], named


AGENT = {"User-Agent": "com.example.a/1"}
BY_AGENT = ("com.example.a", "inferred from User-Agent")
NONE = (None, None)


def test_what_is_told_is_never_replaced() -> None:
    told = ("com.told", "told by capture")
    messages, connections, _ = run(
        [message(0, 0, headers=AGENT, app="com.told"), message(1, 0, headers=AGENT)],
        [{"connection": 0, "app": "com.told"}],
    )
    assert connections == [told]
    assert messages[0] == told


def test_the_surest_field_wins_whatever_its_case_and_order() -> None:
    fields = {
        "referer": "android-app://com.opener/",
        "USER-AGENT": "com.agent.x/1",
        "x-requested-with": "com.view.x",
    }
    messages, _, _ = run([message(0, None, headers=fields), message(1, None)], [])
    assert messages == [("com.view.x", "inferred from X-Requested-With"), NONE]


def test_a_connection_belongs_to_one_app_and_so_do_its_other_messages() -> None:
    messages, connections, _ = run(
        [message(0, 0, headers=AGENT), message(1, 0, direction="down"), message(2, 0), message(3, 1)],
        [{"connection": 0}, {"connection": 1}],
    )
    assert connections == [BY_AGENT, NONE]
    assert messages == [BY_AGENT, BY_AGENT, BY_AGENT, NONE]


def test_two_names_on_one_connection_are_no_name_for_it() -> None:
    other = {"User-Agent": "com.example.b/1"}
    messages, connections, _ = run(
        [message(0, 0, headers=AGENT), message(1, 0, headers=other), message(2, 0)], [{"connection": 0}]
    )
    assert connections == [NONE]
    assert [app for app, _ in messages] == ["com.example.a", "com.example.b", None]


def test_connections_of_a_har_may_be_many_in_one() -> None:
    _, connections, _ = run([message(0, 0, headers=AGENT), message(1, 0)], [{"connection": 0}], "har")
    assert connections == [NONE]
    _, connections, _ = run([message(0, 0, headers=AGENT)], [{"connection": 0}], "har")
    assert connections == [BY_AGENT]


def test_a_recording_of_one_app_tells_it_for_all() -> None:
    whole = ("com.only", "told by har for the whole recording")
    messages, connections, _ = run([message(0, 0)], [{"connection": 0}], "har", {"E1": "com.only"})
    assert (messages, connections) == ([whole], [whole])


def test_answers_name_no_app() -> None:
    messages, _, _ = run([message(0, 0, headers=AGENT, direction="down")], [{"connection": 0}])
    assert messages == [NONE]


def test_too_many_apps_are_a_limit() -> None:
    many = [
        message(number, None, headers={"User-Agent": f"com.example.a{number}/1"})
        for number in range(MOST_INFERRED + 2)
    ]
    messages, _, named = run(many, [])
    assert [app for app, _ in messages].count(None) == 2
    assert named.limits().to_pylist() == [
        {"evidence": "E1", "what": "inferred apps", "limit": MOST_INFERRED, "place": "header fields"}
    ]


def test_sightings_get_the_app_of_their_message() -> None:
    _, _, named = run([message(0, 0, headers=AGENT), message(1, 1)], [])
    given = [{"evidence": "E1", "message": 1}, {"evidence": "E1", "message": 0}]
    sightings = name_in_sightings(pa.Table.from_pylist(given, schema=SIGHTINGS), named.messages)
    assert sightings["app"].to_pylist() == [None, "com.example.a"]
    assert sightings["app_basis"].to_pylist() == [None, "inferred from User-Agent"]
