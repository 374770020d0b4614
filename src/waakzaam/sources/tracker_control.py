"""TrackerControl for Android: CSV of contacts with known trackers."""

from __future__ import annotations

from waakzaam import _core
from waakzaam.sources.order import Order
from waakzaam.sources.text import columns


class _TrackerControl:
    name = "tracker-control"
    title = "TrackerControl CSV"
    made_with = "TrackerControl on an Android phone: the menu of an app or of the log, export as CSV"
    shows = (
        "which app contacted which host, and when, as far as the app knows the host as a tracker; no contents"
    )

    def score(self, head: bytes) -> float:
        return 0.98 if {b"uid", b"daddr", b"tracker", b"package"} <= columns(head) else 0.0

    def read(self, order: Order) -> None:
        _core.read("tracker-control", order)


TRACKER_CONTROL = _TrackerControl()
