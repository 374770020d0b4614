"""What a feed is: public data that somebody else keeps up to date, fetched only when a person asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, Protocol


class BadFeedError(ValueError):
    """The bytes are not what the feed says it is; the text says what was expected and what is there."""


class Content(NamedTuple):
    """What stands in one version of a feed.

    ``entries``: by key, a text that changes when the entry does; ``made``: the date that the data themselves
    give, if they give one.
    """

    entries: Mapping[str, str]
    made: date | None = None


class Feed(Protocol):
    """One feed. Each kind has its own file, each feed its place in :data:`waakzaam.knowledge.feeds.FEEDS`."""

    @property
    def id(self) -> str:
        """How a person names it on the command line."""

    @property
    def title(self) -> str:
        """What it is."""

    @property
    def keeper(self) -> str:
        """Who keeps it."""

    @property
    def licence(self) -> str:
        """What its keeper says of its use."""

    @property
    def serves(self) -> str:
        """What waakzaam uses it for."""

    @property
    def address(self) -> str | None:
        """Where it is fetched from; None where the person must say it."""

    @property
    def most_bytes(self) -> int:
        """A larger answer is refused."""

    @property
    def signed(self) -> bool:
        """Whether it counts only with a signature of a key that is trusted."""

    def content(self, data: bytes) -> Content:
        """Read it to its end.

        Raises:
            BadFeedError: it is not what it should be, or holds nothing.
        """
