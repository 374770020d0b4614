"""Nothing from evidence reaches a reader in the raw."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_rows import ESCAPE, OVERRIDE

from waakzaam.report.escape import escape_cell, escape_terminal, shorten

UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
ANYTHING = st.text(st.characters(exclude_categories=()))


def test_every_unseen_character_is_written_out() -> None:
    left = [
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in UNSEEN and escape_terminal(chr(code)) == chr(code)
    ]
    assert [hex(code) for code in left] == []


def test_what_can_be_seen_stays() -> None:
    seen = "Ægir, Ἀθήνα, Москва, 北京, عربى, 🙂, a\\b, e\u0301"
    assert escape_terminal(seen) == seen


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (ESCAPE, "\\x1b]0;owned\\x07\\x1b[2Jcleared"),
        (OVERRIDE, "invoice\\u202efdp.exe"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\x9b31m", "\\x9b31m"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("\ud800", "\\ud800"),
    ],
)
def test_forms(raw: str, shown: str) -> None:
    assert escape_terminal(raw) == shown


@given(ANYTHING)
def test_the_result_is_safe_and_stays_as_it_is(text: str) -> None:
    escaped = escape_terminal(text)
    assert not any(unicodedata.category(char) in UNSEEN for char in escaped)
    assert escape_terminal(escaped) == escaped


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u00a0=1", "＝1"])
def test_a_cell_never_becomes_a_formula(start: str) -> None:
    assert escape_cell(start).startswith("'")


@given(ANYTHING)
def test_a_cell_keeps_its_text(text: str) -> None:
    cell = escape_cell(text)
    assert cell in (escape_terminal(text), "'" + escape_terminal(text))
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))


@given(ANYTHING, st.integers(1, 40))
def test_shortening_tells_the_length(text: str, most: int) -> None:
    shown, length = shorten(text, most)
    assert length == len(text)
    assert len(shown) <= most
    assert shown == text if length <= most else "…" in shown


def test_shortening_keeps_both_ends() -> None:
    assert shorten("abcdefghij", 5) == ("ab…ij", 10)
    assert shorten("abcdefghij", 1) == ("…", 10)
    with pytest.raises(ValueError, match="at least 1"):
        shorten("a", 0)
