"""Networks of companies that lend machines, networks that companies keep for themselves, and addresses that
stand in many places at once."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from waakzaam.knowledge.rows import Row
    from waakzaam.knowledge.subjects import Subjects

ANYCAST = ("yes", "some")
"""Whether all or some addresses of a network are announced from many places."""


class HostingNetwork(NamedTuple):
    """A network in which unrelated customers of a provider keep their servers."""

    network: str  # name of the holder, as the address database writes it
    provider: str
    confidence: str
    source: tuple[str, ...]
    anycast: str | None = None
    note: str | None = None


class OwnNetwork(NamedTuple):
    """A network that one company keeps for its own services."""

    network: str  # name of the holder, as the address database writes it
    organisation: str
    confidence: str
    source: tuple[str, ...]
    note: str | None = None


class Anycast(NamedTuple):
    """An address that is announced from many places at once (RFC 4786)."""

    address: str
    service: str
    confidence: str
    source: tuple[str, ...]
    note: str | None = None
    organisation: str = ""  # id of who runs the service


def read_hosting_networks(base: Subjects) -> Mapping[str, HostingNetwork]:
    """Read ``hosting_networks.csv``; keys are names of networks in lower case. Raises ``FactsError``."""
    found: dict[str, HostingNetwork] = {}
    for row in base.table("hosting_networks"):
        one = HostingNetwork(
            network=row.text("network"),
            provider=row.text("provider"),
            confidence=row.confidence(),
            source=base.sourced(row),
            anycast=row.text("anycast", choices=ANYCAST)
            if row.has("anycast")
            else row.text_or_none("anycast"),
            note=row.text_or_none("note"),
        )
        if one.network.lower() in found:
            raise row.fail(f"the network '{one.network}' is listed twice")
        found[one.network.lower()] = one
    return found


def read_own_networks(base: Subjects) -> Mapping[str, OwnNetwork]:
    """Read ``own_networks.csv``; keys are names of networks in lower case. Raises ``FactsError``."""
    found: dict[str, OwnNetwork] = {}
    for row in base.table("own_networks"):
        one = OwnNetwork(
            network=row.text("network"),
            organisation=_organisation(base, row, row.text("organisation")),
            confidence=row.confidence(),
            source=base.sourced(row),
            note=row.text_or_none("note"),
        )
        if one.network.lower() in found or one.network.lower() in base.hosting_networks:
            raise row.fail(f"the network '{one.network}' is listed twice, here or in hosting_networks.csv")
        found[one.network.lower()] = one
    return found


def _organisation(base: Subjects, row: Row, identity: str) -> str:
    if identity not in base.organisations:
        raise row.fail(f"the organisation '{identity}' is not in organisations.toml")
    return identity


def read_anycast(base: Subjects) -> Mapping[str, Anycast]:
    """Read ``anycast.csv``; keys are addresses in canonical form. Raises ``FactsError``."""
    found: dict[str, Anycast] = {}
    for row in base.table("anycast"):
        text = row.text("address")
        try:
            address = str(ipaddress.ip_address(text))
        except ValueError:
            raise row.fail(f"'{text}' is no address") from None
        found[address] = Anycast(
            address=address,
            service=row.text("service"),
            confidence=row.confidence(),
            source=base.sourced(row),
            note=row.text_or_none("note"),
            organisation=_organisation(base, row, row.text("organisation")),
        )
    return found
