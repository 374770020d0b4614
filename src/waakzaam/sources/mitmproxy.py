"""mitmproxy's flow files of every version since 0.10."""

from __future__ import annotations

import re

from waakzaam import _core
from waakzaam.sources.order import Order

_START = re.compile(rb"\d{1,12}:\d{1,3}:[a-z_]+[;,]")
_KEYS = (b"7:version", b"7:request", b"8:response", b"11:client_conn", b"4:type;", b"5:error", b"2:id;")


class _Mitmproxy:
    name = "mitmproxy"
    title = "mitmproxy flow file"
    made_with = (
        "mitmproxy, mitmdump or mitmweb (save flows to a file, `-w FILE`), also as the engine of test tools"
    )
    shows = (
        "every exchange in full, opened by the proxy: HTTP, WebSocket, DNS, other TCP and UDP; nothing "
        "that went around the proxy"
    )

    def score(self, head: bytes) -> float:
        if not _START.match(head):
            return 0.0
        return 0.99 if any(key in head for key in _KEYS) else 0.3

    def read(self, order: Order) -> None:
        _core.read("mitmproxy", order)


MITMPROXY = _Mitmproxy()
