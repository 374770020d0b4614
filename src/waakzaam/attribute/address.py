"""From an address to the country of the server and the network it is in.

The country is where the database places the server. It does not tell who can reach the data: the Irish DPC
held on 30 April 2025 that remote access is a transfer, too.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import cache, lru_cache

from waakzaam.attribute.database import Database, DatabaseError, Entry, locate, read
from waakzaam.attribute.own_database import Own, own_database
from waakzaam.knowledge import load
from waakzaam.knowledge.networks import HostingNetwork

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_DOCUMENTATION = tuple(
    ipaddress.ip_network(net)
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)
_SHARED = ipaddress.IPv4Network("100.64.0.0/10")
_MAYBE_SPECIAL = frozenset({0, 10, 100, 127, 169, 172, 192, 198, 203, *range(224, 256)})
"""First bytes of IPv4 addresses of which any is special: all others need no look at the registries."""

ATTRIBUTION = "MaxMind GeoLite2"
"""Name of the database in sentences of basis."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address is, as far as known.

    ``special``: what kind of address it is, if not a public one. ``about``: the sentence of basis without
    its subject, the same for all addresses of one country and network. ``others``: countries that another
    database names for it. ``hosting``: who lends machines in that network to many customers.
    """

    address: str
    country: str | None  # ISO 3166-1 alpha-2
    network: str | None
    special: str | None
    about: str
    others: tuple[str, ...] = ()
    hosting: str | None = None

    @property
    def basis(self) -> str:
        """Give the whole sentence."""
        return f"{self.address}: {self.about}"


@cache
def _database() -> Database | DatabaseError:
    try:
        return read(locate())
    except DatabaseError as error:
        return error


@lru_cache(maxsize=65_536)
def place(address: str) -> Place:
    """Say where an address is and in which network, or what kind of address it is.

    The database is loaded when the first public address is asked for (0.5 s of CPU). Any text is allowed.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return Place(address, None, None, None, "this is no IP address.")
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip in NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    if kind := special(ip):
        return Place(address, None, None, kind, f"{kind}, which has no country.")
    database = _database()
    if isinstance(database, DatabaseError):
        return Place(address, None, None, None, f"no place is known: {database}.")
    entry = database.find(int(ip))
    source = f"{ATTRIBUTION}, data of {database.day.isoformat()}, shipped by the package geoip2fast"
    own = _own(str(ip))
    country, network = entry.country, entry.network
    if own:
        country, network = own.country or country, own.network or network
    if country is None and network is None:
        return Place(address, None, None, None, f"not in the address database ({source}).")
    others = (entry.country,) if entry.country and entry.country != country else ()
    lent = load().hosting_networks.get((network or "").lower())
    about = _about(country, network, entry, own, source)
    if lent:
        about += (
            f" {lent.provider} lends machines in that network to many customers: it does not tell whose "
            f"server this is. {load().cite(lent.source, lent.confidence)}"
        )
    return Place(
        address,
        country,
        network,
        None,
        about + _anycast(str(ip), lent),
        others,
        lent.provider if lent else None,
    )


def _own(address: str) -> Own | None:
    """What the database that the person brought says."""
    database = own_database()
    return database.find(address) if database else None


def _about(country: str | None, network: str | None, entry: Entry, own: Own | None, source: str) -> str:
    """Say what the databases say, and where they disagree."""
    named = entry.country_name if entry.country == country else None
    where = f"{named} ({country})" if named else country or "no country"
    by = f"by the address database ({source})"
    if own:
        by = f"by the address database that was brought ({own.basis})"
        if own.country and entry.country and own.country != entry.country:
            by += f"; the one that is built in says {entry.country_name} ({entry.country}) ({source})"
        elif entry.country:
            by += f"; the one that is built in agrees ({source})"
    text = f"{where}{f', in the network of {network}' if network else ''}, {by}."
    return f"{text} Addresses move, and the place of a server does not tell who can reach the data."


def _anycast(address: str, lent: HostingNetwork | None) -> str:
    """Say that an address stands in many places at once, if that is known."""
    base = load()
    if known := base.anycast.get(address):
        return (
            f" The address is announced from many places at once (anycast, {known.service}), so that its "
            f"country says nothing of the server. {base.cite(known.source, known.confidence)}"
        )
    if lent and lent.anycast:
        part = "The addresses" if lent.anycast == "yes" else "Some addresses"
        return (
            f" {part} of that network are announced from many places at once (anycast): the country of one "
            "says little of the server."
        )
    return ""


def special(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str | None:
    """Name the kind of an address that is not a public one (IANA special-purpose registries, RFC 6890)."""
    if ip.version == 4 and int(ip) >> 24 not in _MAYBE_SPECIAL:
        return None
    kinds = (
        (ip.is_unspecified, "unspecified address"),
        (ip.is_loopback, "loopback address"),
        (ip.is_link_local, "link-local address"),
        (ip.is_multicast, "multicast address"),
        (str(ip) == "255.255.255.255", "broadcast address"),
        (any(ip.version == net.version and ip in net for net in _DOCUMENTATION), "documentation address"),
        (ip.version == 4 and ip in _SHARED, "shared address of a provider's network (RFC 6598)"),
        (ip.is_private, "private address"),
        (ip.is_reserved or not ip.is_global, "reserved address"),
    )
    return next((name for holds, name in kinds if holds), None)
