"""Kinds of data, field names and search engines as records."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from waakzaam.knowledge.loader import Facts
from waakzaam.knowledge.record import Entry, Record


def entries(base: Facts, at: datetime.date | None) -> Iterator[Entry]:
    """Give them all."""
    del at
    for datum in base.data.values():
        yield Entry(
            Record(
                subject="datum",
                id=datum.id,
                title=datum.label,
                text=f"group {datum.group}, sensitivity {datum.sensitivity}"
                + (f", {datum.dpv}" if datum.dpv else ""),
                confidence=datum.confidence,
                sources=base.cited(datum.source),
            ),
            datum.note or "",
        )
    for field in base.fields:
        yield Entry(
            Record(
                subject="field",
                id=field.datum,
                title="Field names: " + ", ".join(field.names),
                text=f"value looks like {field.pattern}" + (f". {field.note}" if field.note else ""),
                confidence=field.confidence,
                sources=base.cited(field.source),
            )
        )
    for engine in base.search_engines:
        yield Entry(
            Record(
                subject="search engine",
                id=engine.name,
                title=", ".join(engine.hosts),
                text="words searched for in " + ", ".join(engine.parameters),
                confidence=engine.confidence,
                sources=base.cited(engine.source),
            )
        )
