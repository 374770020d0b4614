"""One fact as it is shown."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from waakzaam.knowledge.model import UNCONFIRMED, Source

SUBJECTS = (
    "organisation",
    "brand",
    "app",
    "preinstalled",
    "network card",
    "device sign",
    "host",
    "hosting",
    "wire format",
    "case",
    "news",
    "comparison",
    "law",
    "adequacy",
    "advice",
    "market share",
    "caution",
    "user",
    "requirement",
    "datum",
    "field",
    "search engine",
)
"""Kinds of record, in the order they are listed."""

COLUMNS = ("claim as reported", "answer", "technical text", "text of law", "assessment", "scope limit")
"""Kinds of statement in the order they are shown: an answer follows the claim that it answers."""


@dataclass(frozen=True, slots=True)
class Record:
    """One fact as it is shown: what it is about, who says it, when, how sure, and from where."""

    subject: str
    id: str
    title: str
    text: str
    confidence: str
    sources: tuple[Source, ...]
    kind: str | None = None  # kind of statement, for cases, news and debates; part of a law
    by: str | None = None
    date: datetime.date | None = None
    until: datetime.date | None = None
    order: int = 0  # place among the records of the same id

    @property
    def unconfirmed(self) -> bool:
        """Whether it comes from memory."""
        return self.confidence == UNCONFIRMED


class Entry(NamedTuple):
    """A record with further words it can be found by, and a test for a name that it covers."""

    record: Record
    words: str = ""
    covers: Callable[[str], bool] | None = None
    since: datetime.date | None = None  # the day it counts from, where the record itself has none


def place(kind: str) -> int:
    """Give the place of a kind of statement."""
    return COLUMNS.index(kind)
