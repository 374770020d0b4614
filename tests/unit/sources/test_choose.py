from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waakzaam.sources import SOURCES, choose


class Broken:
    name = "broken"
    title = made_with = shows = ""

    def score(self, head: bytes) -> float:
        raise RuntimeError

    def read(self, *, bodies: bool, peel: bool, answers: bool, only: list[int] | None) -> None:
        raise AssertionError


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b'{"log":{"version":"1.2","creator":{},"entries":[', "har"),
        (b'\xef\xbb\xbf {\n "log": {"entries": []}}', "har"),
        (bytes.fromhex("d4c3b2a1") + bytes(20), "capture"),
        (bytes.fromhex("a1b23c4d") + bytes(20), "capture"),
        (bytes.fromhex("0a0d0d0a1c0000004d3c2b1a") + bytes(20), "capture"),
        (bytes.fromhex("0a0d0d0a1c00000000000000"), None),
        (b'{"entries_of": 1}', None),
        (b"", None),
        (b"PK\x03\x04", None),
        (b"<html>", None),
    ],
)
def test_the_format_is_told_from_content(head: bytes, name: str | None) -> None:
    source, failed = choose(head)
    assert (source.name if source else None) == name
    assert failed == []


def test_a_scorer_that_fails_is_skipped_and_reported() -> None:
    source, failed = choose(b'{"log":{"entries":[]}}', (Broken(), *SOURCES))
    assert source is not None
    assert source.name == "har"
    assert failed == ["broken"]


@given(st.binary(max_size=2000))
def test_no_scorer_fails_on_any_bytes(head: bytes) -> None:
    assert choose(head)[1] == []
