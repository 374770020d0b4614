"""What is different between two versions of a feed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Changes(NamedTuple):
    """Keys of entries, each list in order."""

    added: list[str]
    removed: list[str]
    changed: list[str]


def compare(old: Mapping[str, str], new: Mapping[str, str]) -> Changes:
    """Compare entries by key and text."""
    return Changes(
        sorted(new.keys() - old.keys()),
        sorted(old.keys() - new.keys()),
        sorted(key for key in old.keys() & new.keys() if old[key] != new[key]),
    )
