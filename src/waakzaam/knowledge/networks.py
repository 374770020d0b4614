"""Networks of companies that lend machines, and addresses that stand in many places at once."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
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


class Anycast(NamedTuple):
    """An address that is announced from many places at once (RFC 4786)."""

    address: str
    service: str
    confidence: str
    source: tuple[str, ...]
    note: str | None = None


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
        )
    return found
