"""Laws and adequacy decisions as records, as they were on a day."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from waakzaam.knowledge.dates import holds
from waakzaam.knowledge.laws import Law, Period
from waakzaam.knowledge.loader import Facts
from waakzaam.knowledge.query import adequacy
from waakzaam.knowledge.record import Entry, Record
from waakzaam.knowledge.transfers import Decision

NOTE = 100
"""Order of the note: after all states and before the articles."""
DEBATE = 1_000
"""Order of the debate: after all articles."""
TRANSFER = "adequacy decision transfer GDPR"


def entries(base: Facts, at: datetime.date | None) -> Iterator[Entry]:
    """Give them all."""
    for law in base.laws.values():
        yield from _law(base, law, at)
    yield from _adequacy(base, at)


def _law(base: Facts, law: Law, at: datetime.date | None) -> Iterator[Entry]:
    """State, articles and debate; before its adoption a law has none."""
    first = law.adopted or law.periods[0].start
    if at is not None and first is not None and first > at:
        return
    title = f"{law.name}{f' ({law.original})' if law.original else ''}, {law.country}"
    words = " ".join((law.country, *law.about, "law"))

    def record(kind: str, text: str, row: Law | Period, order: int) -> Record:
        return Record(
            subject="law",
            id=law.id,
            title=title,
            text=text,
            confidence=row.confidence,
            sources=base.cited(tuple(dict.fromkeys((*row.source, *law.source)))),
            kind=kind,
            order=order,
        )

    periods = law.periods if at is None else (law.period(at),)
    for number, period in enumerate(periods):
        yield Entry(record("state", _state(law, period, at), period or law, number), words)
    if law.note:
        yield Entry(record("note", law.note, law, NOTE), words)
    for number, provision in enumerate(law.articles(at)):
        yield Entry(
            Record(
                subject="law",
                id=law.id,
                title=title,
                text=provision.text,
                confidence=provision.confidence,
                sources=base.cited(provision.source),
                kind=f"article {provision.article}" if provision.article[0].isdigit() else provision.article,
                order=NOTE + 1 + number,
            ),
            words,
        )
    for statement in law.debate:
        yield Entry(
            Record(
                subject="law",
                id=law.id,
                title=title,
                text=statement.text,
                confidence=statement.confidence,
                sources=base.cited(statement.source),
                kind=f"debate, {statement.kind}",
                by=statement.by,
                date=statement.date,
                order=DEBATE,
            ),
            words,
        )


def _state(law: Law, period: Period | None, at: datetime.date | None) -> str:
    adopted = f"Adopted {law.adopted}. " if law.adopted else ""
    if period is None:
        later = next((each.start for each in law.periods if each.start and at and each.start > at), None)
        return f"{adopted}Not in force on {at}{f'; in force from {later}' if later else ''}."
    since = f" from {period.start}" if period.start else ""
    until = f" until {period.end}" if period.end else ""
    return f"{adopted}{period.state.capitalize()}{since}{until}. {period.note or ''}".strip()


def _adequacy(base: Facts, at: datetime.date | None) -> Iterator[Entry]:
    if at is not None:
        names = {row.country: row.name for row in base.members}
        names |= {row.country: row.name for row in base.adequacy}
        for country, name in names.items():
            found = adequacy(country, at, base)
            yield Entry(
                Record(
                    subject="adequacy",
                    id=country,
                    title=f"{name} on {at}: {found.status}",
                    text=found.text,
                    confidence=found.confidence,
                    sources=base.cited(found.source),
                ),
                f"{name} {TRANSFER}",
            )
        return
    for row in base.adequacy:
        yield Entry(
            Record(
                subject="adequacy",
                id=row.country,
                title=f"{row.name}: {row.title}",
                text=_decision(row),
                confidence=row.confidence,
                sources=base.cited(row.source),
                date=row.start,
                until=row.end,
            ),
            TRANSFER,
        )
    for member in base.members:
        period = "" if holds(member.start, member.end, base.as_of) else " (no more)"
        yield Entry(
            Record(
                subject="adequacy",
                id=member.country,
                title=f"{member.name}: member of the {member.union}{period}",
                text=f"Counts as no third country. {member.note or ''}".strip(),
                confidence=member.confidence,
                sources=base.cited(member.source),
                date=member.start,
                until=member.end,
            ),
            TRANSFER,
        )


def _decision(row: Decision) -> str:
    parts = [
        {"decision": "Adequacy decision", "bridge": "Stood in for a decision", "none": "None found"}[
            row.kind
        ],
        f"only for {row.limits}" if row.limits else "",
        f"names {row.expires} as its end" if row.expires else "",
        row.ended_by or "",
        row.note or "",
    ]
    return ". ".join(part[0].upper() + part[1:] for part in parts if part) + "."
