"""NextDNS: the log as CSV."""

from __future__ import annotations

from waakzaam import _core
from waakzaam.sources.order import Order
from waakzaam.sources.text import columns


class _NextDns:
    name = "nextdns"
    title = "NextDNS log CSV"
    made_with = "the page Logs of a NextDNS profile, download"
    shows = "which device looked up which names and when, and what was refused; not whether anything was sent"

    def score(self, head: bytes) -> float:
        return 0.98 if {b"timestamp", b"domain", b"query_type", b"root_domain"} <= columns(head) else 0.0

    def read(self, order: Order) -> None:
        _core.read("nextdns", order)


NEXTDNS = _NextDns()
