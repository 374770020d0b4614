"""What recognisers of text formats look at: the first lines of a file."""

from __future__ import annotations

LINES = 20
"""Lines that are looked at; logs say early what they are."""

_BOM = b"\xef\xbb\xbf"


def first_lines(head: bytes) -> list[bytes]:
    """Return the first lines that are not blank, without a byte order mark; the last may be cut."""
    lines = head.removeprefix(_BOM).split(b"\n")[: 4 * LINES]
    return [line.strip() for line in lines if line.strip()][:LINES]


def share(lines: list[bytes], *parts: bytes) -> float:
    """Return the share of the lines that hold every one of ``parts``."""
    return sum(all(part in line for part in parts) for line in lines) / len(lines) if lines else 0.0


def columns(head: bytes) -> set[bytes]:
    """Return the columns that the first line of a CSV names, in lower case; empty where it is no table."""
    lines = first_lines(head)
    if not lines or b"," not in lines[0] or lines[0].startswith(b"{"):
        return set()
    return {name.strip(b'" ').lower() for name in lines[0].split(b",")}
