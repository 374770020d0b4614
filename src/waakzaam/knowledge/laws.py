"""Laws: what is written, when it held, and how it is read.

The text of a provision, the reading of it by somebody and the answer to that reading are different records
(``law.debate`` holds the last two). Nothing here concludes what a law means for one transfer.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from waakzaam.knowledge.dates import holds
from waakzaam.knowledge.model import STATEMENT_KINDS, Statement

if TYPE_CHECKING:
    from waakzaam.knowledge.rows import Row
    from waakzaam.knowledge.subjects import Subjects

STATES = ("in force", "lapsed", "repealed")


class Period(NamedTuple):
    """What state a law was in from ``start`` (inclusive) to ``end`` (exclusive)."""

    state: str  # one of STATES
    confidence: str
    source: tuple[str, ...]
    start: datetime.date | None = None
    end: datetime.date | None = None
    note: str | None = None


class Provision(NamedTuple):
    """One article in one neutral sentence of our own, from ``start`` to ``end`` (as ``Period``)."""

    article: str
    text: str
    confidence: str
    source: tuple[str, ...]
    start: datetime.date | None = None
    end: datetime.date | None = None


class Law(NamedTuple):
    """A law, decree or judgment that sets rules; ``periods`` are in order of time."""

    id: str
    country: str  # ISO 3166-1 alpha-2, or EU
    name: str
    about: tuple[str, ...]  # subjects of ``ABOUT``
    periods: tuple[Period, ...]
    provisions: tuple[Provision, ...]
    debate: tuple[Statement, ...]
    confidence: str
    source: tuple[str, ...]
    original: str | None = None
    adopted: datetime.date | None = None
    note: str | None = None

    def period(self, at: datetime.date | None = None) -> Period | None:
        """Give the state on a day, or the latest one; None before the first."""
        if at is None:
            return self.periods[-1]
        return next((each for each in self.periods if holds(each.start, each.end, at)), None)

    def in_force(self, at: datetime.date | None = None) -> bool:
        """Say whether it was in force on a day."""
        period = self.period(at)
        return period is not None and period.state == "in force"

    def articles(self, at: datetime.date | None = None) -> tuple[Provision, ...]:
        """Give the provisions that held on a day, by default the latest ones."""
        if at is None:
            return tuple(each for each in self.provisions if each.end is None)
        return tuple(each for each in self.provisions if holds(each.start, each.end, at))


ABOUT = ("state access", "data transfer", "data protection", "security duties", "blocking")
"""What a law is about: access by the state, transfers abroad, protection of persons, duties, blocking."""


def read_laws(base: Subjects) -> Mapping[str, Law]:
    """Read ``laws.toml``. Raises ``FactsError``."""
    found: dict[str, Law] = {}
    for row in base.rows("laws", "law"):
        law = _law(base, row)
        if law.id in found:
            raise row.fail(f"the id '{law.id}' is taken")
        found[law.id] = law
    return MappingProxyType(found)


def _law(base: Subjects, row: Row) -> Law:
    about = row.texts("about", required=True)
    if not set(about) <= set(ABOUT):
        raise row.fail(f"'about' holds other words than: {', '.join(ABOUT)}")
    periods = []
    for inner in row.rows("period"):
        start, end = inner.period()
        periods.append(
            Period(
                state=inner.text("state", choices=STATES),
                confidence=inner.confidence(),
                source=base.sourced(inner),
                start=start,
                end=end,
                note=inner.text_or_none("note"),
            )
        )
    if not periods:
        raise row.fail("has no [[law.period]]: when was it in force?")
    for before, after in pairwise(periods):
        if before.end is None or after.start is None or before.end > after.start:
            raise row.fail("its periods overlap or are not in order of time")
    return Law(
        id=row.text("id"),
        country=row.country(),
        name=row.text("name"),
        about=about,
        periods=tuple(periods),
        provisions=tuple(_provision(base, inner) for inner in row.rows("provision")),
        debate=tuple(
            Statement(
                kind=inner.text("kind", choices=STATEMENT_KINDS),
                by=inner.text("by"),
                text=inner.text("text"),
                confidence=inner.confidence(),
                source=base.sourced(inner),
                date=inner.day_or_none("date"),
            )
            for inner in row.rows("debate")
        ),
        confidence=row.confidence(),
        source=base.sourced(row),
        original=row.text_or_none("original"),
        adopted=row.day_or_none("adopted"),
        note=row.text_or_none("note"),
    )


def _provision(base: Subjects, row: Row) -> Provision:
    start, end = row.period()
    return Provision(
        article=row.text("article"),
        text=row.text("text"),
        confidence=row.confidence(),
        source=base.sourced(row),
        start=start,
        end=end,
    )
