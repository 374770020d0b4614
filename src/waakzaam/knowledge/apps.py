"""Apps and services, who operates them towards users in the EU, and their package names."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from waakzaam.knowledge.devices import known

if TYPE_CHECKING:
    from waakzaam.knowledge.subjects import Subjects


class App(NamedTuple):
    """An app or service; ``operator`` is the company that faces the users named in ``users``."""

    id: str
    name: str
    organisation: str
    users: str  # "EU" or the country whose users are meant
    confidence: str
    source: tuple[str, ...]
    operator: str | None = None
    country: str | None = None  # of the operator
    start: datetime.date | None = None
    end: datetime.date | None = None
    note: str | None = None


class Package(NamedTuple):
    """The package name of an app."""

    name: str
    app: str  # id in apps.csv
    confidence: str
    source: tuple[str, ...]
    note: str | None = None


def read_apps(base: Subjects) -> tuple[App, ...]:
    """Read ``apps.csv``: one line per operator of an app. Raises ``FactsError``."""
    found = []
    for row in base.table("apps"):
        start, end = row.period()
        found.append(
            App(
                id=row.text("id"),
                name=row.text("name"),
                organisation=known(base, row, row.text("organisation")),
                users=row.country("users"),
                confidence=row.confidence(),
                source=base.sourced(row),
                operator=row.text_or_none("operator"),
                country=row.country_or_none(),
                start=start,
                end=end,
                note=row.text_or_none("note"),
            )
        )
    return tuple(found)


def read_packages(base: Subjects) -> Mapping[str, Package]:
    """Read ``packages.csv`` by package name. Raises ``FactsError``."""
    ids = {app.id for app in base.apps}
    found: dict[str, Package] = {}
    for row in base.table("packages"):
        package = Package(
            name=row.text("name"),
            app=row.text("app"),
            confidence=row.confidence(),
            source=base.sourced(row),
            note=row.text_or_none("note"),
        )
        if package.app not in ids:
            raise row.fail(f"the app '{package.app}' is not in apps.csv")
        if package.name in found:
            raise row.fail(f"'{package.name}' is listed twice")
        found[package.name] = package
    return MappingProxyType(found)
