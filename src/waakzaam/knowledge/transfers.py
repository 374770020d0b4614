"""Adequacy decisions of the European Commission, and which countries need none.

The answer for a country on a day is a state of the record, not a judgment on a transfer: without a decision
a transfer may rest on other safeguards (articles 46 to 49 GDPR), and with one it may lie outside its scope.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, NamedTuple

from waakzaam.knowledge.dates import holds

if TYPE_CHECKING:
    from waakzaam.knowledge.subjects import Subjects

KINDS = ("decision", "bridge", "none")
"""A decision, an agreement that stands in for one, or a search that found none."""
SCOPES = ("whole", "limited")


class Decision(NamedTuple):
    """A line of ``adequacy.csv``: held from ``start`` to ``end``; ``expires`` is the end it names itself."""

    kind: str
    country: str
    name: str  # of the country or organisation
    title: str  # number of the decision
    scope: str
    confidence: str
    source: tuple[str, ...]
    limits: str | None = None
    start: datetime.date | None = None
    end: datetime.date | None = None
    expires: datetime.date | None = None
    ended_by: str | None = None
    note: str | None = None

    def held(self, at: datetime.date) -> bool:
        """Say whether it held on a day."""
        return holds(self.start, self.end, at) and (self.expires is None or at < self.expires)


class Member(NamedTuple):
    """A country in which EU data protection law applies itself: a member of the EU or of the EEA."""

    country: str
    name: str
    union: str  # EU | EEA
    confidence: str
    source: tuple[str, ...]
    start: datetime.date | None = None
    end: datetime.date | None = None
    note: str | None = None


class Adequacy(NamedTuple):
    """What is recorded about a country on a day.

    ``status``: ``member`` (no third country), ``adequate``, ``adequate, limited`` (only for some recipients
    or data: see ``text``), ``bridge`` (an agreement stood in for a decision), ``none`` (none is recorded).
    """

    country: str
    at: datetime.date
    status: str
    text: str
    confidence: str
    source: tuple[str, ...]
    decision: Decision | None = None
    checked: datetime.date | None = None  # when the list of decisions was last looked at


def read_decisions(base: Subjects) -> tuple[Decision, ...]:
    """Read ``adequacy.csv``. Raises ``FactsError``."""
    found = []
    for row in base.table("adequacy"):
        start, end = row.period()
        decision = Decision(
            kind=row.text("kind", choices=KINDS),
            country=row.country(),
            name=row.text("name"),
            title=row.text("title"),
            scope=row.text("scope", choices=SCOPES),
            confidence=row.confidence(),
            source=base.sourced(row),
            limits=row.text_or_none("limits"),
            start=start,
            end=end,
            expires=row.day_or_none("expires"),
            ended_by=row.text_or_none("ended_by"),
            note=row.text_or_none("note"),
        )
        if (decision.kind != "none") != (start is not None):
            raise row.fail("a decision needs 'from', and only a decision has it")
        if (end is None) != (decision.ended_by is None):
            raise row.fail("'to' and 'ended_by' belong together")
        if (decision.scope == "limited") != (decision.limits is not None):
            raise row.fail("'limits' says what a limited decision covers, and only that")
        found.append(decision)
    return tuple(found)


def read_members(base: Subjects) -> tuple[Member, ...]:
    """Read ``members.csv``. Raises ``FactsError``."""
    found = []
    for row in base.table("members"):
        start, end = row.period()
        found.append(
            Member(
                country=row.country(),
                name=row.text("name"),
                union=row.text("union", choices=("EU", "EEA")),
                confidence=row.confidence(),
                source=base.sourced(row),
                start=start,
                end=end,
                note=row.text_or_none("note"),
            )
        )
    return tuple(found)


def adequacy_of(base: Subjects, country: str, at: datetime.date) -> Adequacy:
    """Give what is recorded about a country (ISO 3166-1 alpha-2) on a day."""
    for member in base.members:
        if member.country == country and holds(member.start, member.end, at):
            text = f"{member.name} counted to the {member.union} on that day and was no third country."
            return Adequacy(country, at, "member", text, member.confidence, member.source)
    rows = [each for each in base.adequacy if each.country == country]
    for row in rows:
        if row.kind != "none" and row.held(at):
            return _decided(row, at)
    checked = base.as_of
    none = next((row for row in rows if row.kind == "none"), None)
    past = sorted((row for row in rows if row.end and row.end <= at), key=lambda row: row.end or at)
    name = rows[0].name if rows else country
    text = f"No adequacy decision for {name} is recorded for that day (list as of {checked})."
    if past:
        text += f" {past[-1].title} ended on {past[-1].end}: {past[-1].ended_by}."
    later = [row for row in rows if row.start and row.start > at]
    if later:
        text += f" {later[0].title} came later, on {later[0].start}."
    run_out = [row for row in rows if row.expires and row.expires <= at and row.end is None]
    if run_out:
        text += f" {run_out[-1].title} names {run_out[-1].expires} as its end; look whether it was renewed."
    basis = past[-1] if past else none
    if basis is None:
        return Adequacy(country, at, "none", text, "C2", ("adequacy-list-2026",), checked=checked)
    return Adequacy(country, at, "none", text, basis.confidence, basis.source, checked=checked)


def _decided(row: Decision, at: datetime.date) -> Adequacy:
    if row.kind == "bridge":
        text = f"{row.title}: {row.note}"
        return Adequacy(row.country, at, "bridge", text, row.confidence, row.source, row)
    text = f"Adequacy decision {row.title} for {row.name} held on that day (from {row.start}"
    text += f", names {row.expires} as its end)" if row.expires else ")"
    text += f"; only for {row.limits}." if row.limits else "."
    status = "adequate, limited" if row.scope == "limited" else "adequate"
    return Adequacy(row.country, at, status, text, row.confidence, row.source, row)
