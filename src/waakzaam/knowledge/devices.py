"""Brands and their makers, packages that come with a phone, and names of network cards.

A brand, a package or a name on a network card tells what something is, not what it did.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from waakzaam.knowledge.rows import Row
    from waakzaam.knowledge.subjects import Subjects

PACKAGE_ROLES = (
    "telemetry",
    "advertising",
    "push messages",
    "crash reports",
    "software updates",
    "system service",
    "browser",
    "store",
    "account",
)
"""What a preinstalled package can be for: the same words for every vendor."""


class Brand(NamedTuple):
    """A brand of phones, who makes them, and the organisation that the maker is counted to."""

    brand: str
    maker: str
    organisation: str
    confidence: str
    source: tuple[str, ...]
    start: datetime.date | None = None
    end: datetime.date | None = None
    note: str | None = None


class Preinstalled(NamedTuple):
    """Packages that come with phones of a vendor.

    ``name`` ends in a dot when it is the beginning of names; ``counted`` of them were in the list on its day.
    """

    name: str
    organisation: str
    confidence: str
    source: tuple[str, ...]
    counted: int | None = None
    role: str | None = None
    note: str | None = None

    def covers(self, package: str) -> bool:
        """Say whether a package is one of these."""
        return package.startswith(self.name) if self.name.endswith(".") else package == self.name


class Card(NamedTuple):
    """A vendor as the register of network cards (IEEE OUI) writes it.

    ``organisation`` is None for a name that only resembles one: ``resembles`` says which.
    """

    vendor: str
    confidence: str
    source: tuple[str, ...]
    organisation: str | None = None
    resembles: str | None = None
    counted: int | None = None
    note: str | None = None


def known(base: Subjects, row: Row, organisation: str) -> str:
    """Give the id of an organisation after checking that it exists. Raises ``FactsError``."""
    if organisation not in base.organisations:
        raise row.fail(f"the organisation '{organisation}' is not in organisations.toml")
    return organisation


def read_brands(base: Subjects) -> tuple[Brand, ...]:
    """Read ``brands.csv``. Raises ``FactsError``."""
    found = []
    for row in base.table("brands"):
        start, end = row.period()
        found.append(
            Brand(
                brand=row.text("brand"),
                maker=row.text("maker"),
                organisation=known(base, row, row.text("organisation")),
                confidence=row.confidence(),
                source=base.sourced(row),
                start=start,
                end=end,
                note=row.text_or_none("note"),
            )
        )
    return tuple(found)


def read_preinstalled(base: Subjects) -> tuple[Preinstalled, ...]:
    """Read ``preinstalled.csv``. Raises ``FactsError``."""
    found: dict[str, Preinstalled] = {}
    for row in base.table("preinstalled"):
        one = Preinstalled(
            name=row.text("name"),
            organisation=known(base, row, row.text("organisation")),
            confidence=row.confidence(),
            source=base.sourced(row),
            counted=row.number_or_none("count", 1, 100_000),
            role=row.text("role", choices=PACKAGE_ROLES) if row.has("role") else row.text_or_none("role"),
            note=row.text_or_none("note"),
        )
        if one.name in found:
            raise row.fail(f"'{one.name}' is listed twice")
        found[one.name] = one
    return tuple(found.values())


def read_cards(base: Subjects) -> Mapping[str, Card]:
    """Read ``network_cards.csv``; keys are vendors in lower case. Raises ``FactsError``."""
    found: dict[str, Card] = {}
    for row in base.table("network_cards"):
        organisation, resembles = row.text_or_none("organisation"), row.text_or_none("resembles")
        if (organisation is None) == (resembles is None):
            raise row.fail("needs either 'organisation' or 'resembles'")
        card = Card(
            vendor=row.text("vendor"),
            confidence=row.confidence(),
            source=base.sourced(row),
            organisation=None if organisation is None else known(base, row, organisation),
            resembles=None if resembles is None else known(base, row, resembles),
            counted=row.number_or_none("count", 1, 100_000),
            note=row.text_or_none("note"),
        )
        if card.vendor.lower() in found:
            raise row.fail(f"'{card.vendor}' is listed twice")
        found[card.vendor.lower()] = card
    return MappingProxyType(found)
