"""NextDNS: the log as CSV."""

from __future__ import annotations

from waakzaam import _core
from waakzaam.sources.text import columns


class _NextDns:
    name = "nextdns"
    title = "NextDNS log CSV"
    made_with = "the page Logs of a NextDNS profile, download"
    shows = "which device looked up which names and when, and what was refused; not whether anything was sent"

    def score(self, head: bytes) -> float:
        return 0.98 if {b"timestamp", b"domain", b"query_type", b"root_domain"} <= columns(head) else 0.0

    def read(self, *, bodies: bool, peel: bool, answers: bool, only: list[int] | None) -> None:
        _core.read("nextdns", bodies=bodies, peel=peel, answers=answers, only=only)


NEXTDNS = _NextDns()
