"""The list of trackers of Exodus Privacy: names of classes and hosts by which an SDK is recognised."""

from __future__ import annotations

import json
from dataclasses import dataclass

from waakzaam.knowledge.feeds.json_text import object_of
from waakzaam.knowledge.feeds.model import BadFeedError, Content

NAMED = ("name", "code_signature", "network_signature")
"""Fields that every tracker must have as text."""


@dataclass(frozen=True)
class TrackerList:
    """JSON as the interface of Exodus gives it: ``{"trackers": {"1": {"name", "code_signature", …}}}``."""

    id: str = "exodus"
    title: str = "Trackers in apps, by code and hosts"
    keeper: str = "Exodus Privacy"
    licence: str = "as its keeper says (not part of waakzaam)"
    serves: str = "naming SDKs in apps"
    address: str | None = "https://reports.exodus-privacy.eu.org/api/trackers"
    most_bytes: int = 16 << 20
    signed: bool = False

    def content(self, data: bytes) -> Content:
        """Read the list; see :meth:`Feed.content`."""
        trackers = object_of(data).get("trackers")
        if not isinstance(trackers, dict) or not trackers:
            raise BadFeedError("has no `trackers`; a list of trackers was expected")
        for number, tracker in trackers.items():
            if not isinstance(tracker, dict) or not all(isinstance(tracker.get(key), str) for key in NAMED):
                raise BadFeedError(f"tracker {number!r} lacks one of {', '.join(NAMED)}")
        entries = {
            f"{tracker['name']} ({number})": json.dumps(tracker, sort_keys=True)
            for number, tracker in trackers.items()
        }
        return Content(entries)
