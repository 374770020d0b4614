"""HTTP Archive 1.1/1.2, as browsers, proxies and test tools write it."""

from __future__ import annotations

import re

from waakzaam import _core
from waakzaam.sources.order import Order

_KEYS = (b'"log"', b'"entries"', b'"creator"', b'"request"', b'"startedDateTime"')
_START = re.compile(rb"\s*\{")


class _Har:
    name = "har"
    title = "HTTP Archive (HAR)"
    made_with = (
        "a browser's network panel (save all as HAR), mitmproxy, Charles, Insomnia, or a tweasel test run"
    )
    shows = (
        "every HTTP exchange in full, opened by the tool that recorded it, and WebSocket messages where the "
        "tool keeps them; nothing else"
    )

    def score(self, head: bytes) -> float:
        text = head.removeprefix(b"\xef\xbb\xbf")
        if not _START.match(text):
            return 0.0
        found = sum(key in text for key in _KEYS)
        # A head that holds "log" alone is worth a try: the reader says clearly what is missing.
        return min(0.95, found / 3) if b'"log"' in text or b'"entries"' in text else 0.0

    def read(self, order: Order) -> None:
        _core.read(self.name, order)


HAR = _Har()
