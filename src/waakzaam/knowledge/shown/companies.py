"""Organisations, brands, apps, preinstalled packages, network cards and device signs as records."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import groupby

from waakzaam.knowledge.devices import Preinstalled
from waakzaam.knowledge.loader import Facts
from waakzaam.knowledge.model import Location, Organisation, Ownership
from waakzaam.knowledge.record import Entry, Record


def entries(base: Facts, at: datetime.date | None) -> Iterator[Entry]:
    """Give them all."""
    del at  # each row has its own period
    for organisation in base.organisations.values():
        yield from _organisation(base, organisation)
    for brand in base.brands:
        name = base.organisations[brand.organisation].name
        yield Entry(
            Record(
                subject="brand",
                id=brand.organisation,
                title=f"Phones of the brand {brand.brand}",
                text=f"maker {brand.maker}, counted to {name}{_note(brand.note)}",
                confidence=brand.confidence,
                sources=base.cited(brand.source),
                date=brand.start,
                until=brand.end,
            ),
            name,
        )
    yield from _apps(base)
    yield from _preinstalled(base)
    yield from _signs(base)
    for card in base.network_cards.values():
        if card.organisation:
            name = base.organisations[card.organisation].name
            text = f"counted to {name}; {card.counted or 'number of'} prefixes{_note(card.note)}"
        else:
            name = base.organisations[card.resembles or ""].name
            text = f"no phone of {name}, although the name resembles it{_note(card.note)}"
        yield Entry(
            Record(
                subject="network card",
                id=card.organisation or card.resembles or "",
                title=card.vendor,
                text=text,
                confidence=card.confidence,
                sources=base.cited(card.source),
            ),
            name,
        )


def _signs(base: Facts) -> Iterator[Entry]:
    for number, sign in enumerate(base.device_signs):
        said = ", ".join(part for part in (sign.brand, sign.kind, sign.system) if part) or "nothing follows"
        yield Entry(
            Record(
                subject="device sign",
                id=sign.place,
                title=f"What a device announces by {sign.place}",
                text=f"{sign.name} {sign.pattern.pattern}: {said}{_note(sign.note)}",
                confidence=sign.confidence,
                sources=base.cited(sign.source),
                order=number,
            )
        )


def _organisation(base: Facts, organisation: Organisation) -> Iterator[Entry]:
    rows: list[Ownership | Location] = [*organisation.ownership, *organisation.locations]
    for number, row in enumerate(rows):
        yield Entry(
            Record(
                subject="organisation",
                id=organisation.id,
                title=organisation.name,
                text=_ownership(row) if isinstance(row, Ownership) else _location(row),
                confidence=row.confidence,
                sources=base.cited(row.source),
                date=row.start,
                until=row.end,
                order=number,
            ),
            " ".join(organisation.brands),
        )


def _note(note: str | None) -> str:
    return f". {note}" if note else ""


def _ownership(owned: Ownership) -> str:
    """Say owner, seat and note in one line; the period is shown by the record."""
    seat = ", ".join(part for part in (owned.city, owned.country) if part)
    return f"owner {owned.owner}{f'; seat {seat}' if seat else ''}{_note(owned.note)}"


def _location(place: Location) -> str:
    where = ", ".join(part for part in (place.name, place.city, place.country) if part)
    return f"{place.kind}: {where}{_note(place.note)}"


def _apps(base: Facts) -> Iterator[Entry]:
    names: dict[str, list[str]] = {}
    apps = {app.id: app.name for app in base.apps}
    for package in base.packages.values():
        names.setdefault(package.app, []).append(package.name)
        yield Entry(
            Record(
                subject="app",
                id=package.app,
                title=f"Package {package.name}",
                text=f"is {apps[package.app]}{_note(package.note)}",
                confidence=package.confidence,
                sources=base.cited(package.source),
                order=1,
            )
        )
    for app in base.apps:
        company = base.organisations[app.organisation].name
        operator = ", ".join(part for part in (app.operator, app.country) if part)
        yield Entry(
            Record(
                subject="app",
                id=app.id,
                title=f"{app.name}, towards users in {app.users}",
                text=f"{f'operator {operator}; ' if operator else ''}counted to {company}{_note(app.note)}",
                confidence=app.confidence,
                sources=base.cited(app.source),
                date=app.start,
                until=app.end,
            ),
            " ".join((company, "operator", *names.get(app.id, ()))),
        )


def _preinstalled(base: Facts) -> Iterator[Entry]:
    """Beginnings of names of one vendor in one record, names with a role in one of their own."""

    def alike(row: Preinstalled) -> tuple[str, str, tuple[str, ...]]:
        return row.organisation, row.confidence, row.source

    plain = [row for row in base.preinstalled if row.name.endswith(".") and not row.note]
    for (organisation, confidence, source), rows in groupby(sorted(plain, key=alike), key=alike):
        several = tuple(rows)
        name = base.organisations[organisation].name
        listed = ", ".join(f"{row.name}{f' ({row.counted})' if row.counted else ''}" for row in several)
        yield Entry(
            Record(
                subject="preinstalled",
                id=organisation,
                title=f"Packages that come with phones of {name}",
                text=f"names that begin with: {listed}",
                confidence=confidence,
                sources=base.cited(source),
            ),
            "",
            lambda word, several=several: any(row.covers(word) for row in several),  # type: ignore[misc]
        )
    for row in base.preinstalled:
        if row in plain:
            continue
        name = base.organisations[row.organisation].name
        role = row.role or "what for was not established"
        yield Entry(
            Record(
                subject="preinstalled",
                id=row.organisation,
                title=row.name,
                text=f"comes with phones; counted to {name}: {role}{_note(row.note)}",
                confidence=row.confidence,
                sources=base.cited(row.source),
                order=1,
            ),
            "",
            row.covers,
        )
