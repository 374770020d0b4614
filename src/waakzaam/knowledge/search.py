"""Looks facts up by words: the work behind ``waakzaam facts QUERY``."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from waakzaam.knowledge.loader import Facts, load
from waakzaam.knowledge.model import Ownership, Source

SUBJECTS = (
    "organisation",
    "host",
    "hosting",
    "case",
    "news",
    "comparison",
    "datum",
    "field",
    "search engine",
)
"""Kinds of record, in the order they are listed."""


@dataclass(frozen=True, slots=True)
class Record:
    """One fact as it is shown: what it is about, who says it, when, how sure, and from where."""

    subject: str
    id: str
    title: str
    text: str
    confidence: str
    sources: tuple[Source, ...]
    kind: str | None = None  # kind of statement, for cases and news
    by: str | None = None
    date: datetime.date | None = None
    until: datetime.date | None = None


def facts(query: str, at: datetime.date | None = None, folder: Facts | None = None) -> list[Record]:
    """Give every fact that holds all words of the query, in any case and order.

    With ``at`` only what held or had been said on that day; a statement without a day of its own counts
    from the day of its case. An empty query gives everything.
    """
    words = query.casefold().split()
    base = load() if folder is None else folder
    found = []
    for record, extra in _records(base):
        since = record.date or (base.cases[record.id].date if record.subject == "case" else None)
        if at is not None and ((since and since > at) or (record.until and record.until <= at)):
            continue
        hay = " ".join(
            (record.id, record.title, record.text, record.by or "", record.kind or "", extra)
        ).casefold()
        if all(word in hay for word in words):
            found.append(record)
    found.sort(
        key=lambda record: (SUBJECTS.index(record.subject), record.id, record.date or datetime.date.min)
    )
    return found


def _records(base: Facts) -> Iterator[tuple[Record, str]]:
    """Give every fact as a record, with further words it can be found by."""

    def sources(ids: tuple[str, ...]) -> tuple[Source, ...]:
        return tuple(base.sources[one] for one in ids)

    for organisation in base.organisations.values():
        for owned in organisation.ownership:
            yield (
                Record(
                    subject="organisation",
                    id=organisation.id,
                    title=organisation.name,
                    text=_ownership_text(owned),
                    confidence=owned.confidence,
                    sources=sources(owned.source),
                    date=owned.start,
                    until=owned.end,
                ),
                " ".join(organisation.brands),
            )
    for vendor in base.vendors:
        name = base.organisations[vendor.organisation].name
        yield (
            Record(
                subject="host",
                id=vendor.organisation,
                title=f"Host names of {name}",
                text=", ".join(vendor.suffixes),
                confidence=vendor.confidence,
                sources=sources(vendor.source),
            ),
            "",
        )
        for label in vendor.labels:
            yield (
                Record(
                    subject="host",
                    id=vendor.organisation,
                    title=f"{name}: {label.role}",
                    text=", ".join(label.patterns) + (f". {label.note}" if label.note else ""),
                    confidence=label.confidence,
                    sources=sources(label.source),
                ),
                "",
            )
    for hosting in base.hosting:
        yield (
            Record(
                subject="hosting",
                id=hosting.provider,
                title=f"Shared hosting of {hosting.provider}",
                text=", ".join(hosting.suffixes) + ": says nothing about who sends or receives",
                confidence=hosting.confidence,
                sources=sources(hosting.source),
            ),
            "",
        )
    for case in base.cases.values():
        extra = " ".join((case.subject, case.organisation, *case.also, *case.hosts, *case.data))
        for statement in case.statements:
            yield (
                Record(
                    subject="case",
                    id=case.id,
                    title=case.title,
                    text=statement.text,
                    confidence=statement.confidence,
                    sources=sources(statement.source),
                    kind=statement.kind,
                    by=statement.by,
                    date=statement.date,
                ),
                extra,
            )
    yield from _vocabulary(base)


def _vocabulary(base: Facts) -> Iterator[tuple[Record, str]]:
    def sources(ids: tuple[str, ...]) -> tuple[Source, ...]:
        return tuple(base.sources[one] for one in ids)

    said, compared = base.news
    for news in said:
        yield (
            Record(
                subject="news",
                id=news.id,
                title="State Security and Chinese phones, 2021",
                text=news.text,
                confidence=news.confidence,
                sources=sources(news.source),
                kind=news.kind,
                by=news.by,
                date=news.date,
            ),
            news.original or "",
        )
    for pair in compared:
        yield (
            Record(
                subject="comparison",
                id=pair.id,
                title=f"As it went round: {pair.statement}",
                text=pair.primary,
                confidence=pair.confidence,
                sources=sources(pair.source),
                kind="technical text",
                date=pair.date,
            ),
            "state security vsse",
        )
    for datum in base.data.values():
        yield (
            Record(
                subject="datum",
                id=datum.id,
                title=datum.label,
                text=f"group {datum.group}, sensitivity {datum.sensitivity}"
                + (f", {datum.dpv}" if datum.dpv else ""),
                confidence=datum.confidence,
                sources=sources(datum.source),
            ),
            datum.note or "",
        )
    for field in base.fields:
        yield (
            Record(
                subject="field",
                id=field.datum,
                title="Field names: " + ", ".join(field.names),
                text=f"value looks like {field.pattern}" + (f". {field.note}" if field.note else ""),
                confidence=field.confidence,
                sources=sources(field.source),
            ),
            "",
        )
    for engine in base.search_engines:
        yield (
            Record(
                subject="search engine",
                id=engine.name,
                title=", ".join(engine.hosts),
                text="words searched for in " + ", ".join(engine.parameters),
                confidence=engine.confidence,
                sources=sources(engine.source),
            ),
            "",
        )


def _ownership_text(owned: Ownership) -> str:
    """Say owner, seat, period and note in one line."""
    seat = f"; seat {owned.city}, {owned.country}" if owned.city and owned.country else ""
    since = f"; from {owned.start}" if owned.start else ""
    until = f"; until {owned.end}" if owned.end else ""
    note = f". {owned.note}" if owned.note else ""
    return f"owner {owned.owner}{seat}{since}{until}{note}"
