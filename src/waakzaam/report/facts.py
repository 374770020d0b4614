"""Facts as lines of text and as JSON."""

from __future__ import annotations

import datetime
import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from waakzaam.knowledge import Record, Source, load
from waakzaam.knowledge.model import CONFIDENCE
from waakzaam.report.escape import escape_terminal

WIDTH = 80
SCHEMA = 1
"""Version of the JSON; it grows when a key changes its meaning or goes."""
ABOUT = "A fact is context, never a finding. To correct or add one: docs/knowledge.md."


def fact_lines(records: Iterable[Record]) -> Iterator[str]:
    """Each fact with who says it, when, how sure it is and from where; readable at 80 columns.

    The answer of a company follows the claims about it. Sources are listed once, at the end.
    """
    shown: list[Record] = []
    for (subject, title, id_), several in groupby(records, key=_heading):
        group = list(several)
        shown += group
        yield from _wrapped(f"{subject}: {title}{f' [{id_}]' if id_ else ''}", "", "  ")
        for place, record in enumerate(group):
            yield from _wrapped(_sentence(record), "  ", "    ")
            ids = ", ".join(source.id for source in record.sources)
            yield from _wrapped(f"{record.confidence}: {ids}", "    ", "       ")
            last = place + 1 == len(group) or group[place + 1].kind != "claim as reported"
            if record.kind == "claim as reported" and last and subject == "case" and _unanswered(group):
                yield "  answer: none recorded"
        yield ""
    if shown:
        yield from _legend(shown)


def _heading(record: Record) -> tuple[str, str, str]:
    # Statements of the news have an id each; they are shown under one heading.
    return record.subject, record.title, "" if record.subject == "news" else record.id


def _unanswered(group: Sequence[Record]) -> bool:
    kinds = {record.kind for record in group}
    return "claim as reported" in kinds and "answer" not in kinds


def _sentence(record: Record) -> str:
    who = ", ".join(part for part in (record.kind, record.by) if part)
    when = ""
    if record.until:
        when = f"{record.date or '…'} to {record.until}"
    elif record.date:
        when = f"from {record.date}" if record.kind is None else f"{record.date}"
    head = ", ".join(part for part in (who, when) if part)
    mark = "NOT CONFIRMED. " if record.unconfirmed else ""
    return f"{head}: {mark}{record.text}" if head else f"{mark}{record.text}"


def _legend(records: Sequence[Record]) -> Iterator[str]:
    yield "Sources"
    for source in _sources(records):
        note = f" {source.note}" if source.note else ""
        url = f" {source.url}" if source.url else ""
        read = "" if source.archived else " Only the address was confirmed; its text was not read."
        yield from _wrapped(f"{source.id}: {source.cite()}.{note}{read}{url}", "  ", "    ")
    yield ""
    yield "How sure"
    for letter in CONFIDENCE:
        if any(record.confidence == letter for record in records):
            yield from _wrapped(f"{letter}: {CONFIDENCE[letter]}", "  ", "    ")
    yield ""
    yield from _wrapped(f"Facts as of {load().as_of} ({load().origin}). {ABOUT}", "", "")


def _sources(records: Iterable[Record]) -> list[Source]:
    found = {source.id: source for record in records for source in record.sources}
    return [found[one] for one in sorted(found)]


def _wrapped(text: str, first: str, later: str) -> list[str]:
    return textwrap.wrap(
        escape_terminal(text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


def fact_json(query: str, at: datetime.date | None, records: Sequence[Record]) -> str:
    """The same facts for programs: one JSON object."""
    cases: dict[str, list[Record]] = {}
    for record in records:
        if record.subject == "case":
            cases.setdefault(record.id, []).append(record)
    told = {
        "schema": SCHEMA,
        "query": query,
        "at": at and at.isoformat(),
        "as_of": load().as_of.isoformat(),
        "origin": load().origin,
        "facts": [_plain(record) for record in records],
        "cases_without_answer": sorted(id_ for id_, group in cases.items() if _unanswered(group)),
        "sources": {
            source.id: {
                "title": source.title,
                "publisher": source.publisher,
                "kind": source.kind,
                "date": source.date and source.date.isoformat(),
                "url": source.url,
                "read": source.read.isoformat(),
                "text_read": source.archived,
                "note": source.note,
            }
            for source in _sources(records)
        },
        "confidence": dict(CONFIDENCE),
    }
    return json.dumps(told, ensure_ascii=False, indent=1)


def _plain(record: Record) -> dict[str, object]:
    return {
        "subject": record.subject,
        "id": record.id,
        "title": record.title,
        "kind": record.kind,
        "by": record.by,
        "from": record.date and record.date.isoformat(),
        "until": record.until and record.until.isoformat(),
        "text": record.text,
        "confidence": record.confidence,
        "unconfirmed": record.unconfirmed,
        "sources": [source.id for source in record.sources],
    }
