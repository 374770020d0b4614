"""A newer knowledge base than the one that came with the program: signed, whole, and never older."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from waakzaam.knowledge.feeds.json_text import object_of
from waakzaam.knowledge.feeds.model import BadFeedError, Content

MARK = "waakzaam-knowledge"
VERSION = 1
NAME = re.compile(r"[a-z][a-z0-9_]*\.(toml|csv)")
"""Names of its files: nothing that could lead out of a folder."""


@dataclass(frozen=True)
class KnowledgeBase:
    """JSON: ``{"waakzaam-knowledge": 1, "made": "2026-11-30", "files": {"laws.toml": "…", …}}``."""

    id: str = "knowledge"
    title: str = "Facts of waakzaam: companies, hosts, laws, cases"
    keeper: str = "the keepers of waakzaam, or whose key you trust"
    licence: str = "as it says"
    serves: str = "everything that a report says about hosts, owners and laws"
    address: str | None = None
    most_bytes: int = 64 << 20
    signed: bool = True

    def content(self, data: bytes) -> Content:
        """Read it; see :meth:`Feed.content`. Keys are files and their lines."""
        base = object_of(data)
        if base.get(MARK) != VERSION:
            raise BadFeedError(f"is no knowledge base that this version reads (`{MARK}` is not {VERSION})")
        made, named = base.get("made"), base.get("files")
        try:
            day = date.fromisoformat(made) if isinstance(made, str) else None
        except ValueError:
            day = None
        if day is None:
            raise BadFeedError("does not say when it was made (`made`: a date)")
        if not isinstance(named, dict) or not named:
            raise BadFeedError("holds no files")
        for name, text in named.items():
            if not NAME.fullmatch(name) or not isinstance(text, str):
                raise BadFeedError(f"{name!r} is no file of a knowledge base")
        return Content(dict(named), day)
