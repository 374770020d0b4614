"""From an address to the country of the server and the network it is in.

The country is where the database places the server. It does not tell who can reach the data: the Irish DPC
held on 30 April 2025 that remote access is a transfer, too.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import cache, lru_cache

from waakzaam.attribute.database import Database, DatabaseError, locate, read

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_DOCUMENTATION = tuple(
    ipaddress.ip_network(net)
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)
_SHARED = ipaddress.IPv4Network("100.64.0.0/10")

ATTRIBUTION = "MaxMind GeoLite2"
"""Name of the database in sentences of basis."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address is, as far as known.

    ``special``: what kind of address it is, if not a public one. ``about``: the sentence of basis without
    its subject, the same for all addresses of one country and network.
    """

    address: str
    country: str | None  # ISO 3166-1 alpha-2
    network: str | None
    special: str | None
    about: str

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
    if special := _special(ip):
        return Place(address, None, None, special, f"{special}, which has no country.")
    database = _database()
    if isinstance(database, DatabaseError):
        return Place(address, None, None, None, f"no place is known: {database}.")
    entry = database.find(int(ip))
    source = f"{ATTRIBUTION}, data of {database.day.isoformat()}, shipped by the package geoip2fast"
    if entry.country is None and entry.network is None:
        return Place(address, None, None, None, f"not in the address database ({source}).")
    where = f"{entry.country_name or entry.country} ({entry.country})" if entry.country else "no country"
    network = f", in the network of {entry.network}" if entry.network else ""
    return Place(
        address,
        entry.country,
        entry.network,
        None,
        f"{where}{network}, by the address database ({source}). Addresses move, and the place of a server "
        "does not tell who can reach the data.",
    )


def _special(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str | None:
    """Name the kind of an address that is not a public one (IANA special-purpose registries, RFC 6890)."""
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
