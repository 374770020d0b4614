"""The subjects that only a person asks for: read, with the code that reads them, on first use."""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from waakzaam.knowledge.advice import Advice, Caution, Requirement, Share, UserGroup
    from waakzaam.knowledge.apps import App, Package
    from waakzaam.knowledge.devices import Brand, Card, Preinstalled
    from waakzaam.knowledge.formats import WireFormat
    from waakzaam.knowledge.laws import Law
    from waakzaam.knowledge.model import Organisation, Source
    from waakzaam.knowledge.networks import Anycast, HostingNetwork, OwnNetwork
    from waakzaam.knowledge.rows import Row
    from waakzaam.knowledge.signs import Sign
    from waakzaam.knowledge.transfers import Decision, Member


FILES = {
    "sources": "sources.toml",
    "organisations": "organisations.toml",
    "vendors": "hosts.toml",
    "hosting": "hosting.toml",
    "cases": "cases.toml",
    "news": "news.toml",
    "data": "data.toml",
    "fields": "fields.toml",
    "search_engines": "search_engines.toml",
    "laws": "laws.toml",
    "adequacy": "adequacy.csv",
    "members": "members.csv",
    "brands": "brands.csv",
    "preinstalled": "preinstalled.csv",
    "network_cards": "network_cards.csv",
    "device_signs": "device_signs.csv",
    "hosting_networks": "hosting_networks.csv",
    "own_networks": "own_networks.csv",
    "anycast": "anycast.csv",
    "apps": "apps.csv",
    "packages": "packages.csv",
    "wire_formats": "wire_formats.toml",
    "advice": "advice.toml",
    "user_groups": "user_groups.toml",
    "requirements": "requirements.toml",
    "market_shares": "market_shares.csv",
    "cautions": "cautions.toml",
}
"""Every subject: the property of ``Facts`` and the file that it reads."""


class Subjects(ABC):
    """One property per file. An audit that asks for none of them pays for none of them."""

    @property
    @abstractmethod
    def sources(self) -> Mapping[str, Source]:
        """Sources by id."""

    @property
    @abstractmethod
    def organisations(self) -> Mapping[str, Organisation]:
        """Organisations by id."""

    @abstractmethod
    def rows(self, file: str, key: str) -> Iterable[Row]:
        """Rows of one kind of a TOML file."""

    @abstractmethod
    def table(self, file: str) -> Iterable[Row]:
        """Rows of a CSV file."""

    @abstractmethod
    def sourced(self, row: Row) -> tuple[str, ...]:
        """Give the sources of a row after checking them."""

    def cited(self, ids: tuple[str, ...]) -> tuple[Source, ...]:
        """Give the sources with these ids."""
        return tuple(self.sources[one] for one in ids)

    @cached_property
    def as_of(self) -> datetime.date:
        """The day up to which the facts were looked up: the latest day on which a source was read."""
        return max(source.read for source in self.sources.values())

    @cached_property
    def laws(self) -> Mapping[str, Law]:
        """Laws by id."""
        from waakzaam.knowledge.laws import read_laws

        return read_laws(self)

    @cached_property
    def adequacy(self) -> tuple[Decision, ...]:
        """Adequacy decisions, and searches that found none."""
        from waakzaam.knowledge.transfers import read_decisions

        return read_decisions(self)

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """Members of the EU and the EEA."""
        from waakzaam.knowledge.transfers import read_members

        return read_members(self)

    @cached_property
    def brands(self) -> tuple[Brand, ...]:
        """Brands and makers of phones."""
        from waakzaam.knowledge.devices import read_brands

        return read_brands(self)

    @cached_property
    def preinstalled(self) -> tuple[Preinstalled, ...]:
        """Packages that come with phones."""
        from waakzaam.knowledge.devices import read_preinstalled

        return read_preinstalled(self)

    @cached_property
    def network_cards(self) -> Mapping[str, Card]:
        """Vendors of network cards by name in lower case."""
        from waakzaam.knowledge.devices import read_cards

        return read_cards(self)

    @cached_property
    def hosting_networks(self) -> Mapping[str, HostingNetwork]:
        """Networks of companies that lend machines, by name in lower case."""
        from waakzaam.knowledge.networks import read_hosting_networks

        return read_hosting_networks(self)

    @cached_property
    def own_networks(self) -> Mapping[str, OwnNetwork]:
        """Networks that companies keep for their own services, by name in lower case."""
        from waakzaam.knowledge.networks import read_own_networks

        return read_own_networks(self)

    @cached_property
    def anycast(self) -> Mapping[str, Anycast]:
        """Addresses that are announced from many places."""
        from waakzaam.knowledge.networks import read_anycast

        return read_anycast(self)

    @cached_property
    def device_signs(self) -> tuple[Sign, ...]:
        """Signs by which devices of a network say what they are, in the order in which they are asked."""
        from waakzaam.knowledge.signs import read_signs

        return read_signs(self)

    @cached_property
    def apps(self) -> tuple[App, ...]:
        """Apps and their operators."""
        from waakzaam.knowledge.apps import read_apps

        return read_apps(self)

    @cached_property
    def packages(self) -> Mapping[str, Package]:
        """Package names of apps."""
        from waakzaam.knowledge.apps import read_packages

        return read_packages(self)

    @cached_property
    def wire_formats(self) -> Mapping[str, WireFormat]:
        """Wire formats by id."""
        from waakzaam.knowledge.formats import read_formats

        return read_formats(self)

    @cached_property
    def advice(self) -> tuple[Advice, ...]:
        """What public bodies advise."""
        from waakzaam.knowledge.advice import read_advice

        return read_advice(self)

    @cached_property
    def user_groups(self) -> tuple[UserGroup, ...]:
        """Who asks what."""
        from waakzaam.knowledge.advice import read_user_groups

        return read_user_groups(self)

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        """What has to be shown."""
        from waakzaam.knowledge.advice import read_requirements

        return read_requirements(self)

    @cached_property
    def market_shares(self) -> tuple[Share, ...]:
        """Market shares."""
        from waakzaam.knowledge.advice import read_shares

        return read_shares(self)

    @cached_property
    def cautions(self) -> tuple[Caution, ...]:
        """What to keep in mind."""
        from waakzaam.knowledge.advice import read_cautions

        return read_cautions(self)
