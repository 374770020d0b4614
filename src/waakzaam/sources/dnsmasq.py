"""The text log of dnsmasq, which is also Pi-hole's."""

from __future__ import annotations

import re

from waakzaam import _core
from waakzaam.sources.order import Order
from waakzaam.sources.text import first_lines

_LINE = re.compile(rb"dnsmasq(\[\d+\])?: ")


class _Dnsmasq:
    name = "dnsmasq"
    title = "dnsmasq or Pi-hole log"
    made_with = "a Pi-hole (/var/log/pihole/pihole.log) or a router with dnsmasq and `log-queries`"
    shows = (
        "which device looked up which names, and what was refused; not whether anything was sent, and no "
        "year in the times, so times stay unknown"
    )

    def score(self, head: bytes) -> float:
        lines = first_lines(head)
        return 0.95 * sum(bool(_LINE.search(line)) for line in lines) / len(lines) if lines else 0.0

    def read(self, order: Order) -> None:
        _core.read("dnsmasq", order)


DNSMASQ = _Dnsmasq()
