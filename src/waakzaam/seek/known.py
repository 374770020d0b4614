"""What is known of the device: from its description, and from what the capture itself names and shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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

    ``basis``: how it came to be known. ``site``: for browsing history, the registrable domain of the site
    it belongs to: that party is told it anyway.
    """

    id: int
    datum: str
    value: bytes
    basis: str
    site: str | None = None

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
    rows: dict[bytes, tuple[str, bytes, str, str | None]] = {}

    def add(datum: str, value: bytes, basis: str, site: str | None = None) -> None:
        rows.setdefault(value, (datum, value, basis, site))

    for datum, text in declared:
        add(datum, text.encode(), DECLARED, _site_of(text) if datum == "browsing-history/url" else None)
    for each in evidence:
        for visit in visited_in(each):
            add(visit.datum, visit.value, VISITED, visit.site)
    for each in evidence:
        for datum, value in named_in(each):
            add(datum, value, NAMED)
    for each in evidence:
        for datum, value in linked_in(each):
            add(datum, value, LINKED)
    return [Known(number, *row) for number, row in enumerate(rows.values())]


def _site_of(url: str) -> str | None:
    from urllib.parse import urlsplit

    from waakzaam.attribute import site

    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname
    except ValueError:
        return None
    return site(host) if host else None
