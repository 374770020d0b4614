"""Facts as pages show them: a sentence with who says it, when, how sure it is, and numbers of its sources."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from waakzaam.knowledge import Facts, Source, unconfirmed
from waakzaam.knowledge.query import Sourced


@dataclass(frozen=True)
class Said:
    """One fact. ``numbers`` lead to the list of sources on the same page."""

    text: str
    letter: str  # of ``model.CONFIDENCE``
    unconfirmed: bool
    numbers: tuple[int, ...]
    by: str | None = None
    date: str | None = None  # ISO 8601, as far as it is known
    end: str | None = None
    label: str | None = None


class References:
    """The sources of one page, numbered from 1 in the order in which they are first named."""

    def __init__(self, base: Facts) -> None:
        self._base = base
        self._numbers: dict[str, int] = {}
        self._letters: set[str] = set()

    def say(
        self,
        text: str,
        row: Sourced,
        *,
        by: str | None = None,
        date: datetime.date | None = None,
        end: datetime.date | None = None,
        label: str | None = None,
    ) -> Said:
        """Put a fact into the form that is shown, and note its sources."""
        self._letters.add(row.confidence)
        return Said(
            text=text,
            letter=row.confidence,
            unconfirmed=unconfirmed(row),
            numbers=self.numbers(row.source),
            by=by,
            date=date.isoformat() if date else None,
            end=end.isoformat() if end else None,
            label=label,
        )

    def numbers(self, ids: Iterable[str]) -> tuple[int, ...]:
        """Give the numbers of sources."""
        return tuple(self._numbers.setdefault(one, len(self._numbers) + 1) for one in ids)

    def sources(self) -> tuple[tuple[int, Source], ...]:
        """Give all that were named, in order of their numbers."""
        return tuple((number, self._base.sources[one]) for one, number in self._numbers.items())

    def letters(self) -> tuple[str, ...]:
        """Give the letters of confidence that were used, in the order of the alphabet."""
        return tuple(sorted(self._letters))
