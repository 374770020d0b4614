"""What rules look at: sightings grouped by who was told what, and what a rule may say about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from waakzaam.knowledge import load
from waakzaam.query import ask

SEVERITIES = ("note", "low", "medium", "high")
SINGLES_OUT = ("hardware-id", "resettable-id", "app-id")
"""Groups of data that single out a device or an installation."""

_DISGUISES = ("none", "encoding", "embedded-key", "to-recipient", "opaque")

# One row for each way in which one value was told by one app to one host. `place` names a message.
_QUESTION = """
WITH placed AS (
    SELECT s.*, CAST(substr(sighting, 2) AS BIGINT) AS nr, coalesce(d."group", 'other') AS "group",
           evidence || '/' || message AS place,
           lower(part) IN ('header:referer', 'header:origin') AS referrer
    FROM sightings s LEFT JOIN data d ON d.datum = s.datum
    WHERE direction = 'up'
),
identified AS (SELECT DISTINCT place FROM placed WHERE "group" IN ('hardware-id', 'resettable-id', 'app-id')),
spread AS (SELECT known, count(DISTINCT place) AS messages FROM placed GROUP BY known)
SELECT
    host, app, p.known, datum, "group", form, basis, transport, disguise, referrer,
    count(*) AS times, first(sighting ORDER BY nr) AS sighting, min(nr) AS nr,
    min(p.place) AS first_place, max(p.place) AS last_place,
    bool_or(i.place IS NOT NULL) AS linked, bool_or(m.place IS NOT NULL) AS private,
    any_value(spread.messages) AS messages
FROM placed p
LEFT JOIN identified i ON i.place = p.place
LEFT JOIN private m ON m.place = p.place
JOIN spread ON spread.known = p.known
GROUP BY host, app, p.known, datum, "group", form, basis, transport, disguise, referrer
ORDER BY nr
"""


@dataclass
class Told:
    """All sightings of data of some kinds, told by one app to one host; rows as `_QUESTION` gives them."""

    host: str | None
    app: str | None
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def data(self) -> list[str]:
        """Kinds of data, in order of appearance."""
        return list(dict.fromkeys(row["datum"] for row in self.rows))

    @property
    def values(self) -> set[int]:
        """Different known values."""
        return {row["known"] for row in self.rows}

    @property
    def times(self) -> int:
        """Number of sightings."""
        return sum(row["times"] for row in self.rows)

    @property
    def repeated(self) -> bool:
        """True when more than one message told it."""
        places = {row[name] for row in self.rows for name in ("first_place", "last_place")}
        return len(places) > 1

    @property
    def linked(self) -> bool:
        """True when a message that told it also carries a value which singles out the device."""
        return any(row["linked"] for row in self.rows)

    @property
    def private(self) -> bool:
        """True when a message that told it says itself that the page was opened in private mode."""
        return any(row["private"] for row in self.rows)

    @property
    def transport(self) -> str:
        """The weakest transport seen."""
        seen = {row["transport"] for row in self.rows}
        return next(name for name in ("clear", "unknown", "tls") if name in seen)

    @property
    def clear(self) -> bool:
        """True when anyone on the path could read it."""
        return self.transport == "clear"

    @property
    def disguise(self) -> str:
        """The strongest disguise seen; transport and disguise are two things."""
        return max((str(row["disguise"]) for row in self.rows), key=_DISGUISES.index)

    @property
    def bases(self) -> set[str]:
        """How the values were known."""
        return {row["basis"] for row in self.rows}


@dataclass(frozen=True)
class Draft:
    """A finding before it gets its number. ``reasons``: keys of the catalogue (``reason.<key>``)."""

    rule: str
    told: Told
    severity: str
    confidence: str
    reasons: tuple[str, ...]
    references: tuple[str, ...]
    not_checked: tuple[str, ...] = ()


@dataclass
class Context:
    """Everything a rule may use. ``incognito``: the owner says that the session was a private one."""

    rows: list[dict[str, Any]]
    incognito: bool

    def told(self, wanted: Callable[[dict[str, Any]], bool]) -> list[Told]:
        """Sightings that a rule wants, by (host, app)."""
        groups: dict[tuple[str | None, str | None], Told] = {}
        for row in self.rows:
            if wanted(row):
                key = (row["host"], row["app"])
                groups.setdefault(key, Told(*key)).rows.append(row)
        return list(groups.values())


def context_of(sightings: pa.Table, private: pa.Table, *, incognito: bool) -> Context:
    """Prepare the tables for rules.

    Args:
        sightings: table ``sightings``.
        private: messages (evidence, message) that say themselves that a page was opened in private mode.
        incognito: the owner says that the session was a private one.
    """
    kinds = load().data.values()
    data = pa.table({"datum": [each.id for each in kinds], "group": [each.group for each in kinds]})
    places = [f"{row['evidence']}/{row['message']}" for row in private.to_pylist()]
    marked = pa.table({"place": pa.array(sorted(set(places)), pa.string())})
    answer = ask(_QUESTION, sightings=sightings, data=data, private=marked)
    return Context(rows=answer.to_pylist(), incognito=incognito)


def grade(base: str, reason: str, **raises: bool) -> tuple[str, tuple[str, ...]]:
    """A severity and the reasons for it: each circumstance that holds raises it by one, at most to ``high``.

    Example: ``grade("medium", "browsing", linked=True, clear=False)`` → ``("high", ("browsing", "linked"))``.
    """
    held = [name for name, holds in raises.items() if holds]
    step = min(len(SEVERITIES) - 1, SEVERITIES.index(base) + len(held))
    return SEVERITIES[step], (reason, *held)


def references_for(told: Told, references: tuple[str, ...]) -> tuple[str, ...]:
    """References of a rule, and CWE-319 when the data travelled in clear text."""
    return (*references, "CWE-319") if told.clear else references
