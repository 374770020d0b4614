"""Questions to the facts as of a day: who owns, where does it sit, which laws, which adequacy decision.

Every answer carries its sources and its confidence; ``unconfirmed`` says that it comes from memory, and then
it may be shown, marked, but nothing may rest on it. ``at=None`` asks for the latest state that is recorded.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Protocol

from waakzaam.knowledge.dates import holds
from waakzaam.knowledge.loader import Facts, load
from waakzaam.knowledge.model import UNCONFIRMED, Case, Location, Organisation, Ownership

if TYPE_CHECKING:
    from waakzaam.knowledge.apps import App
    from waakzaam.knowledge.devices import Brand, Card, Preinstalled
    from waakzaam.knowledge.laws import Law
    from waakzaam.knowledge.transfers import Adequacy

LONGEST_CHAIN = 16
"""Owners that are followed upwards; facts that go round in a circle end there."""


class Sourced(Protocol):
    """Anything that states a fact."""

    @property
    def confidence(self) -> str:
        """Letter of ``model.CONFIDENCE``."""

    @property
    def source(self) -> tuple[str, ...]:
        """Ids of the sources."""


def unconfirmed(fact: Sourced) -> bool:
    """Say whether a fact rests on memory: it supports nothing alone."""
    return fact.confidence == UNCONFIRMED


def organisation(name: str, facts: Facts | None = None) -> Organisation | None:
    """Give the organisation with this id, name or brand, in any case."""
    base = load() if facts is None else facts
    wanted = name.casefold()
    if wanted in base.organisations:
        return base.organisations[wanted]
    for each in base.organisations.values():
        if wanted == each.name.casefold() or wanted in (brand.casefold() for brand in each.brands):
            return each
    return None


def owner_of(name: str, at: datetime.date | None = None, facts: Facts | None = None) -> Ownership | None:
    """Give who owned an organisation (id, name or brand) on a day; None where nothing is recorded."""
    found = organisation(name, facts)
    return found.owned(at) if found else None


def owner_chain(
    name: str, at: datetime.date | None = None, facts: Facts | None = None
) -> tuple[tuple[Organisation, Ownership], ...]:
    """Give the organisation with its owner, then that owner with its own, upwards as far as recorded."""
    base = load() if facts is None else facts
    chain: list[tuple[Organisation, Ownership]] = []
    each = organisation(name, base)
    while each is not None and len(chain) < LONGEST_CHAIN and each.id not in {one.id for one, _ in chain}:
        owned = each.owned(at)
        if owned is None:
            break
        chain.append((each, owned))
        each = base.organisations[owned.parent] if owned.parent else None
    return tuple(chain)


def seat_of(name: str, at: datetime.date | None = None, facts: Facts | None = None) -> Ownership | None:
    """Give the record that names the seat (``city``, ``country``) on a day; None where none is recorded."""
    owned = owner_of(name, at, facts)
    return owned if owned and owned.country else None


def locations_of(
    name: str, at: datetime.date | None = None, facts: Facts | None = None
) -> tuple[Location, ...]:
    """Give where an organisation sits in other senses: on paper, by its work, towards users in the EU."""
    found = organisation(name, facts)
    if found is None:
        return ()
    return tuple(each for each in found.locations if at is None or holds(each.start, each.end, at))


def cases_of(name: str, at: datetime.date | None = None, facts: Facts | None = None) -> tuple[Case, ...]:
    """Give the cases about an organisation (id, name or brand) that had been reported on a day, in order.

    Those that are not confirmed are among them: look at ``unconfirmed`` before anything rests on one.
    """
    base = load() if facts is None else facts
    found = organisation(name, base)
    about = (
        case
        for case in base.cases.values()
        if found and found.id in (case.organisation, *case.also) and (at is None or case.date <= at)
    )
    return tuple(sorted(about, key=lambda case: case.date))


def laws_for(country: str, at: datetime.date | None = None, facts: Facts | None = None) -> tuple[Law, ...]:
    """Give the laws of a country (ISO 3166-1 alpha-2, or EU) that were in force on a day.

    For a member of the EU or the EEA the laws of the EU follow. ``Law.articles(at)`` gives the provisions.
    """
    base = load() if facts is None else facts
    found = [law for law in base.laws.values() if law.country == country and law.in_force(at)]
    day = at or base.as_of
    if any(each.country == country and holds(each.start, each.end, day) for each in base.members):
        found += [law for law in base.laws.values() if law.country == "EU" and law.in_force(at)]
    return tuple(found)


def adequacy(country: str, at: datetime.date | None = None, facts: Facts | None = None) -> Adequacy:
    """Give what is recorded about adequacy of a country (ISO 3166-1 alpha-2) on a day."""
    from waakzaam.knowledge.transfers import adequacy_of

    base = load() if facts is None else facts
    return adequacy_of(base, country, at or base.as_of)


def maker_of(brand: str, at: datetime.date | None = None, facts: Facts | None = None) -> Brand | None:
    """Give who makes phones of a brand on a day; without a day the latest record."""
    base = load() if facts is None else facts
    rows = [each for each in base.brands if each.brand.casefold() == brand.casefold()]
    if at is not None:
        rows = [each for each in rows if holds(each.start, each.end, at)]
    return rows[-1] if rows else None


def preinstalled_by(package: str, facts: Facts | None = None) -> Preinstalled | None:
    """Give the record with the longest name that covers a package: whose phones it comes with."""
    base = load() if facts is None else facts
    return max(
        (each for each in base.preinstalled if each.covers(package)),
        key=lambda each: len(each.name),
        default=None,
    )


def operators_of(
    app: str, at: datetime.date | None = None, users: str = "EU", facts: Facts | None = None
) -> tuple[App, ...]:
    """Give who operates an app (id, name or package) towards users of a country, or of the EU, on a day."""
    base = load() if facts is None else facts
    package = base.packages.get(app)
    wanted = (package.app if package else app).casefold()
    return tuple(
        each
        for each in base.apps
        if wanted in (each.id, each.name.casefold())
        and each.users == users
        and (at is None or holds(each.start, each.end, at))
    )


def card_vendor(vendor: str, facts: Facts | None = None) -> Card | None:
    """Give the record of a vendor as the register of network cards writes it, in any case.

    Only the whole name counts: names that merely resemble a maker's are other companies.
    """
    base = load() if facts is None else facts
    return base.network_cards.get(vendor.strip().lower())
