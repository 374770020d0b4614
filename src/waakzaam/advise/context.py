"""What rules look at: sightings grouped by who was told what, and what a rule may say about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from waakzaam.knowledge import load

SEVERITIES = ("note", "low", "medium", "high")
REFERRER_PARTS = frozenset({"header:referer", "header:origin"})

_DISGUISES = ("none", "encoding", "embedded-key", "to-recipient", "opaque")
_COLUMNS = [
    "sighting", "datum", "form", "known", "basis", "app", "host", "direction", "transport", "disguise", "part",
    "path", "evidence", "message",
]  # fmt: skip


@dataclass
class Told:
    """All sightings of data of some kinds, told by one app to one host."""

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
    def messages(self) -> set[tuple[str, int]]:
        """Different messages."""
        return {(row["evidence"], row["message"]) for row in self.rows}

    @property
    def transport(self) -> str:
        """The weakest transport seen."""
        seen = {row["transport"] for row in self.rows}
        return next(name for name in ("clear", "unknown", "tls") if name in seen)

    @property
    def disguise(self) -> str:
        """The strongest disguise seen; transport and disguise are two things."""
        return max((row["disguise"] for row in self.rows), key=_DISGUISES.index)

    @property
    def clear(self) -> bool:
        """True when anyone on the path could read it."""
        return self.transport == "clear"

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
    """Everything a rule may use."""

    rows: list[dict[str, Any]]
    recipients: Mapping[str, Mapping[str, Any]]
    incognito: bool
    identified: frozenset[tuple[str, int]]
    """Messages that carry a value which singles out the device."""

    def told(self, wanted: Callable[[dict[str, Any]], bool]) -> list[Told]:
        """Sightings that a rule wants, by (host, app)."""
        groups: dict[tuple[str | None, str | None], Told] = {}
        for row in self.rows:
            if row["direction"] == "up" and wanted(row):
                key = (row["host"], row["app"])
                groups.setdefault(key, Told(*key)).rows.append(row)
        return list(groups.values())


def context_of(sightings: pa.Table, recipients: pa.Table, *, incognito: bool) -> Context:
    """Prepare the tables for rules.

    Args:
        sightings: table ``sightings``. recipients: table ``recipients``.
        incognito: the owner says that the session was a private one.
    """
    rows = sightings.select(_COLUMNS).to_pylist()
    data = load().data
    for row in rows:
        known = data.get(row["datum"])
        row["group"] = known.group if known else "other"
    by_host = {row["host"]: row for row in recipients.to_pylist()}
    identified = frozenset(
        (row["evidence"], row["message"])
        for row in rows
        if row["group"] in ("hardware-id", "resettable-id", "app-id")
    )
    return Context(rows=rows, recipients=by_host, incognito=incognito, identified=identified)


def is_referrer(row: dict[str, Any]) -> bool:
    """True for what browsers tell every server about the page they come from."""
    return str(row["part"]).lower() in REFERRER_PARTS


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
