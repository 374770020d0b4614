"""Reported cases and the news of 2021 as records: one per statement."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from waakzaam.knowledge.loader import Facts
from waakzaam.knowledge.model import Case
from waakzaam.knowledge.record import Entry, Record, place

ABOUT = -1
"""Order of the line that says what a case is about: before all statements."""
NEWS = "State Security and Chinese phones, 2021"


def entries(base: Facts, at: datetime.date | None) -> Iterator[Entry]:
    """Give them all; a statement without a day of its own counts from the day of its case."""
    del at
    for case in base.cases.values():
        names = (base.organisations[one].name for one in (case.organisation, *case.also))
        words = " ".join((case.subject, *names, *case.also, case.organisation, *case.hosts, *case.data))
        yield Entry(
            Record(
                subject="case",
                id=case.id,
                title=case.title,
                text=_about(case),
                confidence=case.confidence,
                sources=base.cited(case.source),
                kind="about",
                date=case.date,
                order=ABOUT,
            ),
            words,
            case.names_host,
        )
        for statement in case.statements:
            yield Entry(
                Record(
                    subject="case",
                    id=case.id,
                    title=case.title,
                    text=statement.text,
                    confidence=statement.confidence,
                    sources=base.cited(statement.source),
                    kind=statement.kind,
                    by=statement.by,
                    date=statement.date,
                    order=place(statement.kind),
                ),
                words,
                case.names_host,
                case.date,
            )
    said, compared = base.news
    for news in said:
        yield Entry(
            Record(
                subject="news",
                id=news.id,
                title=NEWS,
                text=news.text,
                confidence=news.confidence,
                sources=base.cited(news.source),
                kind=news.kind,
                by=news.by,
                date=news.date,
                order=place(news.kind),
            ),
            news.original or "",
        )
    for pair in compared:
        yield Entry(
            Record(
                subject="comparison",
                id=pair.id,
                title=f"As it went round: {pair.statement}",
                text=pair.primary,
                confidence=pair.confidence,
                sources=base.cited(pair.source),
                kind="technical text",
                date=pair.date,
            ),
            "state security vsse",
        )


def _about(case: Case) -> str:
    parts = [
        case.subject,
        f"Hosts: {', '.join(case.hosts)}" if case.hosts else "",
        f"Data: {', '.join(case.data)}" if case.data else "",
        case.encoding or "",
        case.note or "",
    ]
    return ". ".join(part.removesuffix(".") for part in parts if part) + "."
