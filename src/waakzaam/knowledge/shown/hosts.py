"""Hosts, shared hosting and wire formats as records."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from waakzaam.knowledge.loader import Facts
from waakzaam.knowledge.model import UNCONFIRMED, Label
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
    yield from _networks(base)
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
        parts = (
            ("recognised by", one.recognise),
            ("layers", one.layers),
            ("the format adds", one.protection),
            ("readable from the message alone", one.readable),
            ("key", one.key),
            ("examined in", one.seen_in),
            ("how it is read", " ".join(one.steps)),
            ("what it says", " ".join(one.says)),
            ("note", one.note),
            ("details from memory", " ".join(one.unconfirmed)),
        )
        for number, (kind, text) in enumerate(parts):
            if not text:
                continue
            memory = kind == "details from memory"
            yield Entry(
                Record(
                    subject="wire format",
                    id=one.id,
                    title=f"{one.name}, {base.organisations[one.organisation].name}",
                    text=text,
                    confidence=UNCONFIRMED if memory else one.confidence,
                    sources=base.cited(("memory",) if memory else one.source),
                    kind=kind,
                    order=number,
                ),
                " ".join((one.recognise, one.organisation)),
            )


def _networks(base: Facts) -> Iterator[Entry]:
    for number, lent in enumerate(base.hosting_networks.values()):
        cast = {"yes": "; announced from many places", "some": "; parts are announced from many places"}
        yield Entry(
            Record(
                subject="hosting",
                id=lent.provider,
                title=f"Network of {lent.provider}",
                text=f"{lent.network}: does not tell who sends or receives{cast.get(lent.anycast or '', '')}",
                confidence=lent.confidence,
                sources=base.cited(lent.source),
                order=number,
            )
        )
    for number, own in enumerate(base.own_networks.values()):
        name = base.organisations[own.organisation].name
        yield Entry(
            Record(
                subject="host",
                id=own.organisation,
                title=f"Network of {name}",
                text=f"{own.network}: kept for its own services",
                confidence=own.confidence,
                sources=base.cited(own.source),
                order=number,
            )
        )
    for number, each in enumerate(base.anycast.values()):
        yield Entry(
            Record(
                subject="hosting",
                id=each.service,
                title=f"Address of {each.service}",
                text=f"{each.address}: a server of {base.organisations[each.organisation].name}, announced "
                "from many places (anycast), its country says nothing",
                confidence=each.confidence,
                sources=base.cited(each.source),
                order=number,
            )
        )
