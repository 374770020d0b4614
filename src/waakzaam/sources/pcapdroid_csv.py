"""PCAPdroid for Android: the list of connections as CSV."""

from __future__ import annotations

from waakzaam import _core
from waakzaam.sources.order import Order
from waakzaam.sources.text import columns


class _PcapdroidCsv:
    name = "pcapdroid-csv"
    title = "PCAPdroid connections CSV"
    made_with = "PCAPdroid on an Android phone: page Connections, save to a CSV file"
    shows = (
        "which app was connected with which server, when and how much, with host names and URLs where "
        "PCAPdroid saw them; no contents"
    )

    def score(self, head: bytes) -> float:
        return 0.98 if {b"ipproto", b"srcip", b"dstip", b"uid", b"app", b"info"} <= columns(head) else 0.0

    def read(self, order: Order) -> None:
        _core.read("pcapdroid-csv", order)


PCAPDROID_CSV = _PcapdroidCsv()
