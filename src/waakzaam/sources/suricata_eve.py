"""Suricata's EVE log: one JSON object per event."""

from __future__ import annotations

from waakzaam import _core
from waakzaam.sources.order import Order
from waakzaam.sources.text import first_lines, share


class _SuricataEve:
    name = "suricata-eve"
    title = "Suricata EVE log"
    made_with = "Suricata on the network or over a capture (eve.json)"
    shows = (
        "flows with their amounts, TLS and QUIC server names, DNS, and for clear HTTP the URLs and some "
        "header fields; no bodies, no apps. Alerts are not read"
    )

    def score(self, head: bytes) -> float:
        lines = first_lines(head)
        if not lines or not lines[0].startswith(b"{"):
            return 0.0
        return min(0.97, share(lines, b'"event_type"', b'"timestamp"'))

    def read(self, order: Order) -> None:
        _core.read("suricata-eve", order)


SURICATA_EVE = _SuricataEve()
