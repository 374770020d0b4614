"""Reported cases and the news of 2021 as records: one per statement."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from waakzaam.knowledge.loader import Facts
from waakzaam.knowledge.record import Entry, Record, place

NEWS = "State Security and Chinese phones, 2021"


def entries(base: Facts, at: datetime.date | None) -> Iterator[Entry]:
    """Give them all; a statement without a day of its own counts from the day of its case."""
    del at
    for case in base.cases.values():
        names = (base.organisations[one].name for one in (case.organisation, *case.also))
        words = " ".join((case.subject, *names, *case.also, case.organisation, *case.hosts, *case.data))
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
