"""Apple's App Privacy Report, and the record of app activity before it."""

from __future__ import annotations

from waakzaam import _core
from waakzaam.sources.order import Order
from waakzaam.sources.text import first_lines, share


class _AppPrivacyReport:
    name = "app-privacy-report"
    title = "iOS App Privacy Report"
    made_with = (
        "an iPhone or iPad: Settings, Privacy & Security, App Privacy Report, share (the report must have "
        "been on for some days)"
    )
    shows = (
        "which app used camera, microphone, location, contacts, photos and when, and which domains each app "
        "contacted; no contents"
    )

    def score(self, head: bytes) -> float:
        lines = first_lines(head)
        if not lines or not lines[0].startswith(b"{"):
            return 0.0
        contacts = share(lines, b'"networkActivity"', b'"bundleID"')
        return min(0.98, share(lines, b'"accessor"') + contacts)

    def read(self, order: Order) -> None:
        _core.read("app-privacy-report", order)


APP_PRIVACY_REPORT = _AppPrivacyReport()
