"""Strings from evidence, made safe to show.

Evidence is written by strangers. A control character can rewrite a terminal (ECMA-48 escape sequences), a
bidirectional control can make text read differently from what it is (Unicode Standard Annex 9,
CVE-2021-42574), an invisible character can hide in a name, and a spreadsheet runs a cell that begins with
``=``. Each is replaced by a form that can be seen; nothing is dropped.
"""

from __future__ import annotations

import re

# General categories Cc, Cf, Cs, Zl and Zp, plus letters and marks that show as nothing. Written as ranges
# because asking unicodedata about every code point at import costs a third of a second; a test compares.
_UNSEEN = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164"
    "\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
    "]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet read a cell as a formula (OWASP, CSV injection; with the full-width forms)."""


def _visible(match: re.Match[str]) -> str:
    char = match.group()
    short = _SHORT.get(char)
    if short is not None:
        return short
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    if code < 0x10000:
        return f"\\u{code:04x}"
    return f"\\U{code:08x}"


def escape_terminal(text: str) -> str:
    r"""Return ``text`` on one line, with every control, bidirectional and invisible character written out.

    ``\x1b[2J`` and U+202E become the visible text ``\x1b[2J`` and ``\u202e``. Other characters stay, a
    backslash included: the result is for reading, not for parsing back. Applying it twice changes nothing.
    """
    return _UNSEEN.sub(_visible, text)


def escape_cell(text: str) -> str:
    """Return ``text`` for a cell of a CSV file that a spreadsheet may open.

    Unseen characters are written out, and a cell that would be read as a formula gets an apostrophe in front.
    Quoting of separators is the CSV writer's work.
    """
    formula = text.startswith(FORMULA_STARTS) or text.lstrip(" \u00a0").startswith(FORMULA_STARTS)
    return ("'" if formula else "") + escape_terminal(text)


def shorten(text: str, most: int) -> tuple[str, int]:
    """Return at most ``most`` characters of ``text``, cut in the middle with ``…``, and how many it had.

    The second value lets the caller say how long the whole was: a cut is never silent.
    """
    if most < 1:
        raise ValueError("most must be at least 1")
    if len(text) <= most:
        return text, len(text)
    head = most // 2
    tail = most - 1 - head
    return text[:head] + "…" + (text[-tail:] if tail else ""), len(text)
