"""Hosts, shared hosting and wire formats as records."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from waakzaam.knowledge.loader import Facts
from waakzaam.knowledge.model import Label
from waakzaam.knowledge.record import Entry, Record


def entries(base: Facts, at: datetime.date | None) -> Iterator[Entry]:
    """Give them all."""
    del at
    for vendor in base.vendors:
        name = base.organisations[vendor.organisation].name
        yield Entry(
            Record(
                subject="host",
                id=vendor.organisation,
                title=f"Host names of {name}",
                text=", ".join(vendor.suffixes),
                confidence=vendor.confidence,
                sources=base.cited(vendor.source),
            ),
            "",
            lambda word, suffixes=vendor.suffixes: _ends(word, suffixes),  # type: ignore[misc]
        )
        for label in vendor.labels:
            yield Entry(
                Record(
                    subject="host",
                    id=vendor.organisation,
                    title=f"{name}: {label.role}",
                    text=", ".join(label.patterns) + _seen(label) + (f". {label.note}" if label.note else ""),
                    confidence=label.confidence,
                    sources=base.cited(label.source),
                    order=1,
                ),
                "",
                label.names,
            )
    for hosting in base.hosting:
        yield Entry(
            Record(
                subject="hosting",
                id=hosting.provider,
                title=f"Shared hosting of {hosting.provider}",
                text=", ".join(hosting.suffixes) + ": says nothing about who sends or receives",
                confidence=hosting.confidence,
                sources=base.cited(hosting.source),
            ),
            "",
            lambda word, suffixes=hosting.suffixes: _ends(word, suffixes),  # type: ignore[misc]
        )
    yield from _formats(base)


def _ends(word: str, suffixes: tuple[str, ...]) -> bool:
    return any(word == suffix or word.endswith(f".{suffix}") for suffix in suffixes)


def _seen(label: Label) -> str:
    first = f"first seen {label.first_seen}" if label.first_seen else ""
    last = f"last seen {label.last_seen}" if label.last_seen else ""
    both = ", ".join(part for part in (first, last) if part)
    return f" ({both})" if both else ""


def _formats(base: Facts) -> Iterator[Entry]:
    for one in base.wire_formats.values():
        text = [
            f"Recognised by: {one.recognise}.",
            f"Layers: {one.layers}.",
            f"The format adds: {one.protection}. Readable from the message alone: {one.readable}.",
            f"Key: {one.key}" if one.key else "",
            f"Examined in: {one.seen_in}." if one.seen_in else "",
            *one.steps,
            *one.says,
            f"Not confirmed: {'; '.join(one.unconfirmed)}." if one.unconfirmed else "",
            one.note or "",
        ]
        yield Entry(
            Record(
                subject="wire format",
                id=one.id,
                title=one.name,
                text=" ".join(part for part in text if part),
                confidence=one.confidence,
                sources=base.cited(one.source),
            ),
            base.organisations[one.organisation].name,
        )
