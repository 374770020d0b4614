"""Facts as lines of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from waakzaam.knowledge import Record
from waakzaam.knowledge.model import CONFIDENCE
from waakzaam.report.escape import escape_terminal

WIDTH = 80


def fact_lines(records: Iterable[Record]) -> Iterator[str]:
    """Each fact with who says it, when, how sure it is and from where; readable at 80 columns."""
    for record in records:
        yield escape_terminal(f"{record.subject}: {record.title} [{record.id}]")
        who = ", ".join(part for part in (record.kind, record.by) if part)
        when = ""
        if record.date or record.until:
            when = f"{record.date or '…'} to {record.until}" if record.until else f"{record.date}"
        head = ", ".join(part for part in (who, when) if part)
        yield from _wrapped(f"{head}: {record.text}" if head else record.text)
        for source in record.sources:
            yield from _wrapped(f"source: {source.cite()}{f' {source.url}' if source.url else ''}")
        yield from _wrapped(f"confidence {record.confidence}: {CONFIDENCE[record.confidence]}")
        yield ""


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(escape_terminal(text), WIDTH - 2, initial_indent="  ", subsequent_indent="    ")
