"""One row of the table ``recipients``: what facts, databases, DNS and certificates say of one host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from waakzaam.attribute.address import Place, place
from waakzaam.attribute.bare import lends, of_address
from waakzaam.attribute.host import NO_FACT, Party, party
from waakzaam.attribute.named import MAXIMUM_NAMES, Shown
from waakzaam.tables import ONLY_LOOKED_UP

MAXIMUM_PLACES = 8
"""Sentences about places of one host; all its addresses are in ``addresses``."""
MAXIMUM_NETWORKS = 4
"""Networks named in the column ``network``."""
HTTPDNS = "name server over HTTP (HTTPDNS)"
"""Role of a host that is asked for addresses of names by HTTP, past the name server of the network."""
_SHARED = "shared hosting ("


@dataclass(slots=True)
class Sums:
    """Sums for one host while groups are read. There may be very many: what is not needed is not made."""

    addresses: set[str] | None = None
    messages: int = 0
    up: int = 0
    down: int = 0
    connections: int = 0
    not_opened: int = 0
    lookups: int = 0  # devices that looked the name up, where no connection is recorded
    told: bool = False  # how much was sent is known
    last: datetime | None = None
    only_dns: bool | None = None
    origins: dict[str, None] | None = None  # sentences, in order of appearance
    several: set[tuple[str, ...]] | None = None  # names of which none was chosen, of each evidence

    def seen_with(self, protocol: str | None, last: datetime | None) -> None:
        """Note a protocol (null: none was told) and the time of what was last seen."""
        self.only_dns = protocol == "dns" and self.only_dns is not False
        self.last = max((each for each in (self.last, last) if each is not None), default=None)


@dataclass(frozen=True)
class Known:
    """What the capture itself says of names.

    ``canonical``: other names of a host (ends of CNAME chains). ``certificates``: organisations that
    certificates of a host name. ``resolvers``: hosts that were asked for addresses by HTTP, and what else
    they were told. ``shown``: certificates of an address on connections without a name.
    """

    canonical: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    certificates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    resolvers: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, tuple[Shown, ...]] = field(default_factory=dict)


def recipient_row(host: str, one: Sums, known: Known) -> dict[str, Any]:
    """Give the row of a host."""
    addresses = sorted(one.addresses or ())
    basis = [*first(one.origins or (), MAXIMUM_PLACES, "further addresses without a name")]
    is_address = one.addresses is not None and host in one.addresses
    places = [place(address) for address in addresses]
    found = _of_address(host, one, known, places, basis) if is_address else None
    if not is_address:
        found = _party(host, one.last, known, basis)
    hosting = _hosting(host, found, known, one.last)
    role = _role(host, one, found, known, basis)
    basis += first(_placed(places), MAXIMUM_PLACES, "further places")
    networks = sorted({each.network for each in places if each.network})
    countries = {country for each in places for country in (each.country, *each.others) if country}
    return {
        "host": host,
        "addresses": addresses,
        "organisation": found.organisation if found else None,
        "owner": found.owner if found else None,
        "seat": found.seat if found else None,
        "seat_country": found.seat_country if found else None,
        "server_countries": sorted(countries),
        "network": _listed(networks),
        "hosting": sorted(hosting | {each.hosting for each in places if each.hosting}),
        "canonical": list(known.canonical.get(host, ())),
        "basis": basis,
        "role": role,
        "messages": one.messages,
        "bytes_up": one.up if one.told else None,
        "bytes_down": one.down if one.told else None,
        "connections": one.connections,
        "not_opened": one.not_opened,
        "last": one.last,
    }


def _of_address(host: str, one: Sums, known: Known, places: list[Place], basis: list[str]) -> Party | None:
    """Who a bare address is counted to; one that is no public address belongs to the network around."""
    here = next(each for each in places if each.address == host)
    if here.special:
        return None
    day = one.last.date() if one.last else None
    return of_address(host, here.network, one.several or set(), known.shown.get(host, ()), day, basis)


def _party(host: str, last: datetime | None, known: Known, basis: list[str]) -> Party:
    """Who a host is counted to: by its own name, else by its other names, else by its certificate."""
    day = last.date() if last else None
    own = party(host, day)
    if own.organisation or own.role:
        basis += own.basis
        return own
    for other in known.canonical.get(host, ()):
        elsewhere = party(other, day)
        if elsewhere.organisation:
            basis.append(f"A DNS answer in the capture says that {host} is another name of {other} (CNAME).")
            basis += elsewhere.basis
            return elsewhere
    basis += own.basis if own.basis != (NO_FACT,) else ()
    organisations = [each for each in known.certificates.get(host, ()) if not lends(each)]
    if len(organisations) == 1:
        basis.append(
            f"{NO_FACT} The certificate of its server, which was not verified, is for the organisation "
            f"{organisations[0]}; its owner and seat are not known."
        )
        return Party(organisations[0], None, None, None, None, ())
    if own.basis == (NO_FACT,):
        basis.append(NO_FACT)
    return own


def _hosting(host: str, found: Party | None, known: Known, last: datetime | None) -> set[str]:
    """Who lends the machine, as the name itself or its other names tell."""
    roles = [found.role] if found else []
    roles += [party(each, last.date() if last else None).role for each in known.canonical.get(host, ())]
    return {
        each.removeprefix(_SHARED).removesuffix(")") for each in roles if each and each.startswith(_SHARED)
    }


def _role(host: str, one: Sums, found: Party | None, known: Known, basis: list[str]) -> str | None:
    if host in known.resolvers:
        basis.append(
            "It was asked by HTTP for addresses of names, past the name server of the network (HTTPDNS)."
            f"{known.resolvers[host]}"
        )
        return HTTPDNS
    if found and found.role:
        return found.role
    if one.only_dns:
        basis.append("Only DNS was seen with this address.")
        return "name server"
    if one.lookups and not one.connections and not one.messages:
        return ONLY_LOOKED_UP
    return None


def _placed(places: list[Place]) -> list[str]:
    """Say once what holds for several addresses."""
    by_text: dict[str, list[str]] = {}
    for each in places:
        by_text.setdefault(each.about, []).append(each.address)
    sentences = []
    for text, addresses in by_text.items():
        left = len(addresses) - MAXIMUM_NAMES
        more = f" and {left} more" if left > 0 else ""
        sentences.append(f"{', '.join(addresses[:MAXIMUM_NAMES])}{more}: {text}")
    return sentences


def first(sentences: Iterable[str], most: int, rest: str) -> list[str]:
    """Give the first sentences, and one that counts what is left out."""
    every = list(sentences)
    left = len(every) - most
    return [*every[:most], f"And {left} {rest}."] if left > 0 else every


def _listed(networks: list[str]) -> str | None:
    if not networks:
        return None
    left = len(networks) - MAXIMUM_NETWORKS
    return "; ".join(networks[:MAXIMUM_NETWORKS]) + (f" and {left} more" if left > 0 else "")
