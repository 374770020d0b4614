"""Why waakzaam and tshark differ: by file and kind, each looked at in the packets."""

from __future__ import annotations

REASONS: dict[tuple[str, str], str] = {}


def reason(file: str, kind: str) -> str:
    """The reason of a difference, or an empty text."""
    return REASONS.get((file, kind), "")
