"""Every subject as records: one module for each group of files, one function that gives all of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from waakzaam.knowledge.loader import Facts
from waakzaam.knowledge.record import Entry
from waakzaam.knowledge.shown import advice, cases, companies, hosts, laws, words

PARTS = (companies, hosts, cases, laws, advice, words)


def entries(base: Facts, at: datetime.date | None) -> Iterator[Entry]:
    """Give every fact; ``at`` chooses the state of those that say what held on a day."""
    for part in PARTS:
        yield from part.entries(base, at)
