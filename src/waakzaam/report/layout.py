"""Plain text in columns: widths as a terminal counts them, wrapping, tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def width_of(text: str) -> int:
    """Return the number of terminal columns of ``text`` (Unicode Standard Annex 11: wide ones take 2).

    The text must be without control characters (see `waakzaam.report.escape.escape_terminal`).
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _break(word: str, room: int) -> list[str]:
    """Cut a word that is wider than ``room`` into pieces that are not."""
    pieces: list[str] = []
    piece, used = "", 0
    for char in word:
        wide = width_of(char)
        if piece and used + wide > room:
            pieces.append(piece)
            piece, used = "", 0
        piece += char
        used += wide
    pieces.append(piece)
    return pieces


def wrap(text: str, width: int) -> list[str]:
    """Break ``text`` into lines of at most ``width`` columns, at spaces where there are any."""
    room = max(width, 2)  # a wide character must fit
    lines: list[str] = []
    line = ""
    used = 0
    for word in text.split():
        for piece in _break(word, room):
            wide = width_of(piece)
            if line and used + 1 + wide > room:
                lines.append(line)
                line, used = "", 0
            line, used = (f"{line} {piece}", used + 1 + wide) if line else (piece, wide)
    if line or not lines:
        lines.append(line)
    return lines


def indented(text: str, width: int, *, first: str = "", rest: str | None = None) -> list[str]:
    """Wrap ``text`` behind ``first`` on its first line and ``rest`` (or as many spaces) on the others."""
    follow = " " * width_of(first) if rest is None else rest
    lines = wrap(text, width - max(width_of(first), width_of(follow)))
    return [(first if number == 0 else follow) + line for number, line in enumerate(lines)]


def pad(text: str, width: int) -> str:
    """Fill ``text`` with spaces up to ``width`` columns."""
    return text + " " * max(width - width_of(text), 0)


def _fit(widths: list[int], room: int, least: Sequence[int]) -> list[int]:
    """Take from the widest column that may still give, until all fit or none may give any more."""
    fitted = list(widths)
    while sum(fitted) > room:
        giving = [place for place, wide in enumerate(fitted) if wide > least[place]]
        if not giving:
            break
        place = max(giving, key=fitted.__getitem__)
        others = sum(fitted) - fitted[place]
        next_widest = max((fitted[other] for other in giving if other != place), default=0)
        fitted[place] = max(room - others, min(next_widest, fitted[place] - 1), least[place])
    return fitted


def columns(rows: Sequence[Sequence[str]], width: int, least: Sequence[int], gap: int = 2) -> list[list[str]]:
    """Lay rows out in columns that together take at most ``width``; returns the lines of each row.

    A column gets what its widest cell needs. If that is too much, the widest give way first, down to their
    ``least``, and cells wrap. The caller sees to it that the least widths and the gaps fit.
    """
    if not rows:
        return []
    widths = [max(max(width_of(row[place]) for row in rows), 1) for place in range(len(rows[0]))]
    widths = _fit(widths, width - gap * (len(widths) - 1), least)
    laid: list[list[str]] = []
    for row in rows:
        cells = [wrap(cell, widths[place]) for place, cell in enumerate(row)]
        lines = []
        for number in range(max(len(cell) for cell in cells)):
            parts = (
                pad(cell[number] if number < len(cell) else "", widths[place])
                for place, cell in enumerate(cells)
            )
            lines.append((" " * gap).join(parts).rstrip())
        laid.append(lines)
    return laid
