"""Reads the plain part of TOML in which facts are written, several times as fast as ``tomllib``.

Plain are: comments on lines of their own, ``[table]``, ``[[rows]]`` and ``[[rows.inner]]``, keys whose value
stands on one line, and lists of texts over several lines. Where a text has anything else, it is left to
``tomllib``: this reader says that it cannot, and never reads a text differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

_HEAD = re.compile(r"\[\[([\w-]+)(?:\.([\w-]+))?\]\]|\[([\w-]+)\]", re.ASCII)
_PLAIN = r'"[^"\\\x00-\x08\x0a-\x1f\x7f]*"'
_LINE = re.compile(
    rf"([\w-]+) = (?:(?P<text>{_PLAIN})|(?P<list>\[{_PLAIN}(?:, {_PLAIN})*\])"
    r"|(?P<raw>'[^'\x00-\x08\x0a-\x1f\x7f]*')|(?P<open>\[)|(?P<none>\[\])"
    r"|(?P<day>\d{4}-\d\d-\d\d)|(?P<flag>true|false)|(?P<number>0|[1-9]\d*))",
    re.ASCII,
)


_MORE = re.compile(rf" *({_PLAIN}(?:, {_PLAIN})*)(,?)")


def plain(text: str) -> dict[str, Any] | None:
    """Give what ``tomllib.loads`` gives for the text, or None where it holds more than plain TOML."""
    if "\r" in text:
        return None
    top: dict[str, Any] = {}
    here = top
    lists: dict[
        int, list[dict[str, Any]]
    ] = {}  # those that headers made, kept alive so that no id comes twice
    match = _LINE.fullmatch
    lines = iter(text.split("\n"))
    for line in lines:
        if not line or (line[0] == "#" and line.isprintable()):
            continue
        found = match(line)
        if found is None:
            if line[0] == "[":
                begun = _table(line, top, lists)
                if begun is None:
                    return None
                here = begun
                continue
            alone = _alone(line)
            if alone is None or alone.keys() & here.keys():
                return None
            here.update(alone)
            continue
        key, kind = found[1], found.lastgroup
        if key in here:
            return None
        value = found[kind or 0]
        if kind in ("text", "raw"):
            here[key] = value[1:-1]
        elif kind == "list":
            here[key] = value[2:-2].split('", "')
        elif kind in ("open", "none"):
            several = _list(lines) if kind == "open" else []
            if several is None:
                return None
            here[key] = several
        elif kind == "day":
            try:
                here[key] = date.fromisoformat(value)
            except ValueError:
                return None
        else:
            here[key] = value == "true" if kind == "flag" else int(value)
    return top


def _list(lines: Iterator[str]) -> list[str] | None:
    """Read the rest of a list of texts that was begun on the line before."""
    found: list[str] = []
    more = True  # a comma stood before, or nothing
    for line in lines:
        if line == "]":
            return found
        part = _MORE.fullmatch(line)
        if part is None or not more:
            return None
        found += part[1][1:-1].split('", "')
        more = bool(part[2])
    return None


def _table(line: str, top: dict[str, Any], lists: dict[int, list[dict[str, Any]]]) -> dict[str, Any] | None:
    """Begin the table of a header; None where it is not plain, or not allowed."""
    found = _HEAD.fullmatch(line)
    if found is None:
        return None
    rows, inner, table = found.groups()
    begun: dict[str, Any] = {}
    if table:
        return None if table in top else top.setdefault(table, begun)
    parent = top
    if inner:
        if id(top.get(rows)) not in lists:
            return None
        parent, rows = top[rows][-1], inner
    if rows not in parent:
        parent[rows] = []
        lists[id(parent[rows])] = parent[rows]
    if id(parent[rows]) not in lists:
        return None
    parent[rows].append(begun)
    return begun


def _alone(line: str) -> dict[str, Any] | None:
    """Read one line with a key by itself: what it opens and does not close is not read."""
    import tomllib

    try:
        found = tomllib.loads(line)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    # A dotted key makes a table that a later line may add to.
    return None if any(isinstance(value, dict) for value in found.values()) else found
