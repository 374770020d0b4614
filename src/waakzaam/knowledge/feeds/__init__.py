"""Feeds: public lists that others keep up to date.

Fetched only when a person asks, verified, kept with their date. A new kind of feed is one file with a class
like :class:`waakzaam.knowledge.feeds.model.Feed`, and its place here.
"""

from __future__ import annotations

from waakzaam.knowledge.feeds.address_blocks import BLOCKS
from waakzaam.knowledge.feeds.address_database import AddressDatabase
from waakzaam.knowledge.feeds.indicators import INDICATORS
from waakzaam.knowledge.feeds.knowledge_base import KnowledgeBase
from waakzaam.knowledge.feeds.model import Feed
from waakzaam.knowledge.feeds.tracker_list import TrackerList

FEEDS: tuple[Feed, ...] = (KnowledgeBase(), TrackerList(), *INDICATORS, *BLOCKS, AddressDatabase())

GROUPS: dict[str, tuple[str, ...]] = {
    "indicators": tuple(feed.id for feed in INDICATORS),
    "hardware-addresses": tuple(feed.id for feed in BLOCKS),
}
"""Names for several feeds together."""


def feed_of(name: str) -> Feed | None:
    """The feed with this id."""
    return next((feed for feed in FEEDS if feed.id == name), None)
