"""The address database that the package geoip2fast ships: GeoLite2 country and network, IPv4 and IPv6.

Only its data file is used, never its code: the code unpickles whatever file of the right name lies in the
working directory, and can download. Why this file is read as it is, and how it was examined:
``docs/decisions/0003-address-database.md``.

This product includes GeoLite2 data created by MaxMind, available from https://www.maxmind.com.
"""

from __future__ import annotations

import gc
import gzip
import hashlib
import io
import pickle  # only for exact known bytes, and unable to name a class: see read()
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from waakzaam.attribute.prepared import Columns, Prepared, cache_path, load, store

FILE = "geoip2fast-asn-ipv6.dat.gz"
EXAMINED = {
    "a9c368b586facfef5ceddc82592629e2a8de93e0ba757facd58814246eff21aa": date(2024, 6, 18),
}
"""SHA-256 of the files that were examined → the day of the data in them."""

SPECIAL = 16
"""Country entries below this number stand for private and reserved networks, not countries."""
IPV4_BITS, IPV6_BITS = 32, 128
_IPV4_END = 1 << IPV4_BITS


class DatabaseError(Exception):
    """The address database is missing or not one that was examined; the text says which."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the database says about an address. ``prefix`` is the network in CIDR notation's length."""

    country: str | None  # ISO 3166-1 alpha-2
    country_name: str | None
    network: str | None  # name of the autonomous system's holder


class _DataOnly(pickle.Unpickler):
    """Builds lists, dictionaries, numbers and texts; refuses anything that could run."""

    def find_class(self, module: str, name: str) -> Any:
        """Refuse: the data name no class."""
        raise DatabaseError(f"the address database names {module}.{name}; it is not read")

    def persistent_load(self, pid: Any) -> Any:
        """Refuse: the data hold no outside references."""
        raise DatabaseError("the address database holds outside references; it is not read")


class _Builder:
    """Collects networks in order."""

    def __init__(self) -> None:
        self.low: array[int] = array("Q")
        self.high: array[int] = array("Q")
        self.name: array[int] = array("Q")
        self.length: array[int] = array("B")

    def extend(self, firsts: Sequence[int], lengths: Sequence[int], names: Sequence[int]) -> None:
        if firsts[-1] < _IPV4_END:
            self.low.extend(firsts)
            self.high.frombytes(bytes(8 * len(firsts)))
        else:
            mask = (1 << 64) - 1
            self.low.extend([first & mask for first in firsts])
            self.high.extend([first >> 64 for first in firsts])
        self.length.extend(lengths)
        self.name.extend(names)

    def columns(self) -> Columns:
        return Columns(self.low, self.high, self.name, self.length)


class Networks:
    """The networks of both families, to be searched."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        low, high = columns.low, columns.high
        # IPv4 comes first and is all below: there the lower halves can be searched as they are.
        self._ipv4 = bisect_left(range(len(low)), _IPV4_END, key=lambda i: (high[i] << 64) | low[i])

    def find(self, address: int) -> int | None:
        """Give the number of the name of the network an address lies in."""
        low, high, name, length = self._columns
        if address < _IPV4_END:
            at = bisect_right(low, address, 0, self._ipv4) - 1
            bits, start = IPV4_BITS, 0
        else:
            places = range(len(low))
            at = bisect_right(places, address, self._ipv4, key=lambda i: (high[i] << 64) | low[i]) - 1
            bits, start = IPV6_BITS, self._ipv4
        if at < start:
            return None
        first = (high[at] << 64) | low[at]
        return name[at] if address < first + (1 << (bits - length[at])) else None


class Database:
    """Looks addresses up; made by ``read``."""

    def __init__(self, day: date, prepared: Prepared) -> None:
        """Take the tables. ``day``: of the data."""
        self.day = day
        self._tables = prepared
        self._places, self._networks = Networks(prepared.place), Networks(prepared.network)

    def find(self, address: int) -> Entry:
        """Look up an address as a number; IPv4 below 2**32."""
        country = name = None
        at = self._places.find(address)
        if at is not None and at >= SPECIAL:
            country, _, name = self._tables.countries[at].partition(":")
            if len(country) != 2 or not country.isalpha():
                country = name = None
        holder = self._networks.find(address)
        network = self._tables.holders[holder] if holder is not None else None
        return Entry(
            country, name or None, None if network in (None, "", "<unknown>", "IANA.ORG") else network
        )


def locate() -> Path:
    """Give the path of the data file inside the installed package, without importing the package."""
    spec = find_spec("geoip2fast")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseError("the package geoip2fast is not installed, so countries of addresses are unknown")
    return Path(next(iter(spec.submodule_search_locations))) / FILE


def read(path: Path) -> Database:
    """Read the data file. Raises ``DatabaseError`` if it is missing or differs from those examined."""
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise DatabaseError(f"the address database cannot be read ({error.strerror})") from error
    digest = hashlib.sha256(packed).hexdigest()
    day = EXAMINED.get(digest)
    if day is None:
        raise DatabaseError(
            f"the address database (SHA-256 {digest[:16]}…) is none that was examined; it is not read"
        )
    cached = cache_path(digest)
    prepared = load(cached)
    if prepared is None:
        prepared = _prepare(packed)
        store(prepared, cached)
    return Database(day, prepared)


def _prepare(packed: bytes) -> Prepared:
    """Take the shipped file apart."""
    # Millions of small objects appear and none is garbage: the collector would only look at them in vain.
    collecting = gc.isenabled()
    gc.disable()
    try:
        version, source, _total, parts = _DataOnly(io.BytesIO(gzip.decompress(packed))).load()
        return _tables(version, source, parts)
    finally:
        if collecting:
            gc.enable()


def _tables(version: int, source: dict[str, Any], parts: list[Any]) -> Prepared:
    """Put the lists of the file into arrays."""
    if version != 120 or not (source["country"] and source["asn"] and source["ipv6"]):
        raise DatabaseError(f"the address database has the unknown version {version}")
    _, _, countries, holders, places, networks, place_names, network_names, place_lengths, network_lengths = (
        parts
    )
    place, network = _Builder(), _Builder()
    for into, chunks in (
        (place, (places, place_lengths, place_names)),
        (network, (networks, network_lengths, network_names)),
    ):
        for firsts, lengths, names in zip(*chunks, strict=True):
            into.extend(firsts, lengths, names)
    return Prepared(list(countries), list(holders), place.columns(), network.columns())
