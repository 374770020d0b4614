"""An address database that the person brought (MMDB), beside the one that is built in.

It comes through `waakzaam update addresses`, with its date and SHA-256; both databases are shown where they
disagree. GeoLite2, DB-IP and IPinfo name their fields differently; all three are read.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from typing import Any

from waakzaam.errors import WaakzaamError

FEED = "addresses"


@dataclass(frozen=True, slots=True)
class Own:
    """What it says of an address. ``basis``: name and date of the database."""

    country: str | None  # ISO 3166-1 alpha-2
    network: str | None
    basis: str


@dataclass(frozen=True, slots=True)
class OwnDatabase:
    """Looks addresses up."""

    reader: Any  # maxminddb.Reader
    basis: str

    def find(self, address: str) -> Own | None:
        """Look an address up; None where the database does not have it."""
        try:
            record = self.reader.get(address)
        except (ValueError, KeyError, IndexError, RecursionError):  # damaged, or IPv6 in a file for IPv4
            return None
        if not isinstance(record, dict):
            return None
        country, network = _country(record), _network(record)
        return Own(country, network, self.basis) if country or network else None


@cache
def own_database() -> OwnDatabase | None:
    """Open the database that the person brought; None where there is none, or where it is damaged."""
    from waakzaam.knowledge.feeds.store import Store

    try:
        store = Store()
        current = store.current(FEED)
        if current is None:
            return None
        import maxminddb

        from waakzaam.knowledge.feeds.address_database import plain

        reader = maxminddb.open_database(io.BytesIO(plain(store.read(FEED, current))), maxminddb.MODE_FD)
        name = reader.metadata().database_type
    except (WaakzaamError, ValueError, OSError):
        return None
    made = f"data of {current.made}, " if current.made else ""
    return OwnDatabase(reader, f"{name}, {made}fetched on {current.fetched[:10]}")


def _country(record: dict[str, Any]) -> str | None:
    """Country code: `country.iso_code` (GeoLite2, DB-IP), `country_code` or `country` (IPinfo)."""
    value = record.get("country")
    code = value.get("iso_code") if isinstance(value, dict) else record.get("country_code", value)
    return code.upper() if isinstance(code, str) and len(code) == 2 and code.isalpha() else None


def _network(record: dict[str, Any]) -> str | None:
    """Holder of the network: `autonomous_system_organization` (GeoLite2, DB-IP) or `as_name` (IPinfo)."""
    name = record.get("autonomous_system_organization") or record.get("as_name")
    return name if isinstance(name, str) and name else None
