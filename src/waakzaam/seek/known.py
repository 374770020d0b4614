"""What is known of the device: from its description, and from what the capture itself names and shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from waakzaam.attribute import site
from waakzaam.knowledge import load
from waakzaam.seek.browsing import visited_in
from waakzaam.seek.links import linked_in
from waakzaam.seek.named import named_in
from waakzaam.sources.evidence import Evidence

DECLARED = "phone description"
NAMED = "named in the capture"
VISITED = "visited in the capture"
LINKED = "its digest is in the capture"


@dataclass(frozen=True)
class Known:
    """One value to seek.

    ``basis``: how it came to be known. ``sites``: for browsing history, the registrable domains that are
    told it anyway: the site that was visited, the search service that was asked.
    """

    id: int
    datum: str
    value: bytes
    basis: str
    sites: frozenset[str] = frozenset()

    @property
    def sha256(self) -> str:
        """Hex digest of the value: how it is named where it must not be shown."""
        return hashlib.sha256(self.value).hexdigest()


def collect_known(declared: Iterable[tuple[str, str]], evidence: Sequence[Evidence]) -> list[Known]:
    """All known values, each once; what a person declared comes before what the capture shows.

    Args:
        declared: (datum, value) from PHONE.toml and the command line.
        evidence: captures that were read and peeled.
    """
    rows: dict[bytes, tuple[str, bytes, str, set[str]]] = {}

    def add(datum: str, value: bytes, basis: str, *sites: str) -> None:
        rows.setdefault(value, (datum, value, basis, set()))[3].update(sites)

    for datum, text in declared:
        add(datum, text.encode(), DECLARED, *_sites_of(text) if datum == "browsing-history/url" else ())
    terms = frozenset(value for datum, value, *_ in rows.values() if datum == "search-query")
    for each in evidence:
        for visit in visited_in(each, terms):
            add(visit.datum, visit.value, VISITED, visit.site)
    for each in evidence:
        for datum, value in named_in(each):
            add(datum, value, NAMED)
    for each in evidence:
        for datum, value in linked_in(each):
            add(datum, value, LINKED)
    return [
        Known(number, datum, value, basis, frozenset(sites))
        for number, (datum, value, basis, sites) in enumerate(rows.values())
    ]


def _sites_of(url: str) -> Iterator[str]:
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname
    except ValueError:
        return
    if host:
        yield site(host)


KEYS_OF_DEVICE = 32
"""Values of the device that are tried as keys."""
_IDENTIFY = frozenset({"hardware-id", "resettable-id", "app-id", "network", "contact"})


def of_the_device(known: Iterable[Known]) -> list[tuple[str, bytes]]:
    """(datum, value) of what may be a key or stand inside a closed value; what was declared comes first."""
    group = {each.id: each.group for each in load().data.values()}
    wanted = [each for each in known if group.get(each.datum) in _IDENTIFY]
    wanted.sort(key=lambda each: each.basis != DECLARED)
    return [(each.datum, each.value) for each in wanted[:KEYS_OF_DEVICE]]
