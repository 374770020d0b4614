"""Zeek logs: conn, ssl, http, dns and quic, as text or JSON."""

from __future__ import annotations

from waakzaam import _core
from waakzaam.sources.order import Order
from waakzaam.sources.text import first_lines, share


class _Zeek:
    name = "zeek"
    title = "Zeek log (conn, ssl, http, dns, quic)"
    made_with = "Zeek on the network (also inside other sensors); hand in the logs of one run together"
    shows = (
        "connections, names asked for, TLS server names, and for clear HTTP the URLs and some header "
        "fields; no bodies, no apps"
    )

    def score(self, head: bytes) -> float:
        lines = first_lines(head)
        if not lines:
            return 0.0
        if lines[0].startswith(b"#separator") or share(lines[:10], b"#fields") > 0:
            return 0.98
        if not lines[0].startswith(b"{"):
            return 0.0
        return min(0.97, share(lines, b'"id.orig_h"', b'"id.resp_h"'))

    def read(self, order: Order) -> None:
        _core.read("zeek", order)


ZEEK = _Zeek()
