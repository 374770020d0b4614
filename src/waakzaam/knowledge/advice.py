"""What public bodies advise, who asks what, what has to be shown, market shares, and cautions."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, NamedTuple

from waakzaam.knowledge.devices import known

if TYPE_CHECKING:
    from waakzaam.knowledge.subjects import Subjects


class Advice(NamedTuple):
    """What a public body advised on a day, and which part of it can be checked on a phone."""

    id: str
    body: str
    country: str
    text: str
    check: str
    confidence: str
    source: tuple[str, ...]
    date: datetime.date | None = None
    note: str | None = None


class UserGroup(NamedTuple):
    """Who uses the tool, the question they bring, and the least it must answer."""

    id: str
    who: str
    question: str
    answer: str
    confidence: str
    source: tuple[str, ...]


class Requirement(NamedTuple):
    """What a rule asks an organisation to show, and which output shows it; ``law`` is an id of laws.toml."""

    id: str
    provision: str
    output: str
    confidence: str
    source: tuple[str, ...]
    law: str | None = None
    note: str | None = None


class Share(NamedTuple):
    """The part of one market that one organisation had, as one body counted it."""

    country: str
    period: str
    measure: str
    by: str
    organisation: str
    confidence: str
    source: tuple[str, ...]
    percent: int | None = None
    rank: int | None = None
    note: str | None = None


class Caution(NamedTuple):
    """What a reader, or the writer of a rule, must keep in mind."""

    id: str
    about: str
    text: str
    confidence: str
    source: tuple[str, ...]


def read_advice(base: Subjects) -> tuple[Advice, ...]:
    """Read ``advice.toml``. Raises ``FactsError``."""
    return tuple(
        Advice(
            id=row.text("id"),
            body=row.text("body"),
            country=row.country(),
            text=row.text("text"),
            check=row.text("check"),
            confidence=row.confidence(),
            source=base.sourced(row),
            date=row.day_or_none("date"),
            note=row.text_or_none("note"),
        )
        for row in base.rows("advice", "advice")
    )


def read_user_groups(base: Subjects) -> tuple[UserGroup, ...]:
    """Read ``user_groups.toml``. Raises ``FactsError``."""
    return tuple(
        UserGroup(
            id=row.text("id"),
            who=row.text("who"),
            question=row.text("question"),
            answer=row.text("answer"),
            confidence=row.confidence(),
            source=base.sourced(row),
        )
        for row in base.rows("user_groups", "group")
    )


def read_requirements(base: Subjects) -> tuple[Requirement, ...]:
    """Read ``requirements.toml``. Raises ``FactsError``."""
    found = []
    for row in base.rows("requirements", "requirement"):
        law = row.text_or_none("law")
        if law is not None and law not in base.laws:
            raise row.fail(f"the law '{law}' is not in laws.toml")
        found.append(
            Requirement(
                id=row.text("id"),
                provision=row.text("provision"),
                output=row.text("output"),
                confidence=row.confidence(),
                source=base.sourced(row),
                law=law,
                note=row.text_or_none("note"),
            )
        )
    return tuple(found)


def read_shares(base: Subjects) -> tuple[Share, ...]:
    """Read ``market_shares.csv``. Raises ``FactsError``."""
    return tuple(
        Share(
            country=row.country(),
            period=row.text("period"),
            measure=row.text("measure"),
            by=row.text("by"),
            organisation=known(base, row, row.text("organisation")),
            confidence=row.confidence(),
            source=base.sourced(row),
            percent=row.number_or_none("percent", 0, 100),
            rank=row.number_or_none("rank", 1, 100),
            note=row.text_or_none("note"),
        )
        for row in base.table("market_shares")
    )


def read_cautions(base: Subjects) -> tuple[Caution, ...]:
    """Read ``cautions.toml``. Raises ``FactsError``."""
    return tuple(
        Caution(
            id=row.text("id"),
            about=row.text("about"),
            text=row.text("text"),
            confidence=row.confidence(),
            source=base.sourced(row),
        )
        for row in base.rows("cautions", "caution")
    )
