"""AdGuard Home: the query log as JSON lines."""

from __future__ import annotations

from waakzaam import _core
from waakzaam.sources.order import Order
from waakzaam.sources.text import first_lines, share


class _AdguardHome:
    name = "adguard-home"
    title = "AdGuard Home query log"
    made_with = "AdGuard Home (data/querylog.json)"
    shows = (
        "which device looked up which names and when, with the answers, and what was refused; not whether "
        "anything was sent"
    )

    def score(self, head: bytes) -> float:
        lines = first_lines(head)
        if not lines or not lines[0].startswith(b"{"):
            return 0.0
        return min(0.97, share(lines, b'"QH":', b'"QT":'))

    def read(self, order: Order) -> None:
        _core.read("adguard-home", order)


ADGUARD_HOME = _AdguardHome()
