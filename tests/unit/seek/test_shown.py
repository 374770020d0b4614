from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waakzaam.seek.shown import shorten


@pytest.mark.parametrize(
    ("datum", "value", "shown"),
    [
        ("device-id/imei", b"490154203237518", "4901…7518"),
        ("device-id/serial", b"abcdefgh", "ab…"),
        ("network/ssid", b"home", "…"),
        ("contact/email", b"jan.peeters@example.org", "ja…@example.org"),
        ("search-query", b"how long does it take", "how long…"),
        (
            "browsing-history/url",
            b"https://www.example.org/a/very/long/path?q=1",
            "https://www.example.org/a/very/…",
        ),
        ("browsing-history/url", b"https://user:secret@example.org/", "https://example.org/"),
    ],
)
def test_values_are_shortened(datum: str, value: bytes, shown: str) -> None:
    assert shorten(datum, value) == shown


@given(
    st.binary(min_size=5, max_size=60),
    st.sampled_from(["device-id/imei", "search-query", "contact/email", "x"]),
)
def test_an_identifier_is_never_shown_in_full(value: bytes, datum: str) -> None:
    text = value.decode("utf-8", "replace")
    if len(text) > 8 and "@" not in text:
        assert text not in shorten(datum, value)
