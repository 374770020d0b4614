"""Dates of which only the year or the month is known."""

from __future__ import annotations

import re
from datetime import date

_SHAPE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)


class PartialDate(date):
    """A date of which only the year, or the year and the month, is known.

    It compares and sorts as its first day; shown is only what is known ("2020-11", "2016").
    """

    _digits: int

    @classmethod
    def of(cls, year: int, month: int | None = None) -> PartialDate:
        """Make one from a year and perhaps a month. Raises ``ValueError``."""
        made = cls(year, month or 1, 1)
        made._digits = 4 if month is None else 7
        return made

    def isoformat(self) -> str:
        """Give what is known, in the order of ISO 8601."""
        return super().isoformat()[: self._digits]

    def __str__(self) -> str:
        return self.isoformat()


def parse(text: str) -> date:
    """Read "2020", "2020-11" or "2020-11-17". Raises ``ValueError``."""
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no date such as 2026-11-22, 2026-11 or 2026")
    year, month, day = found.groups()
    if day:
        return date(int(year), int(month), int(day))
    return PartialDate.of(int(year), int(month) if month else None)


def holds(start: date | None, end: date | None, at: date) -> bool:
    """Say whether a day lies in a period: from ``start`` (inclusive) to ``end`` (exclusive), None is open."""
    return (start is None or start <= at) and (end is None or at < end)
