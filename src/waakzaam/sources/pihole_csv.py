"""Pi-hole: a table of queries as CSV."""

from __future__ import annotations

from waakzaam import _core
from waakzaam.sources.order import Order
from waakzaam.sources.text import columns


class _PiholeCsv:
    name = "pihole-csv"
    title = "Pi-hole queries CSV"
    made_with = "the query log of a Pi-hole, exported as CSV, or the view `queries` of its long-term database"
    shows = "which device looked up which names and when, and what was refused; not whether anything was sent"

    def score(self, head: bytes) -> float:
        return 0.9 if {b"domain", b"client", b"status"} <= columns(head) else 0.0

    def read(self, order: Order) -> None:
        _core.read("pihole-csv", order)


PIHOLE_CSV = _PiholeCsv()
