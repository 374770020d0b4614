"""A knowledge base that a person fetched with ``waakzaam update knowledge``, instead of the packaged one.

It counts when its bytes are those that were fetched, it is newer than the packaged facts, and every subject
in it can be read by this version. Otherwise the packaged facts stay, and ``Facts.origin`` says why.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import NamedTuple

from waakzaam import cache
from waakzaam.errors import WaakzaamError
from waakzaam.knowledge.loader import Facts
from waakzaam.knowledge.subjects import FILES

FEED = "knowledge"


class Text(NamedTuple):
    """A file of a fetched knowledge base."""

    name: str
    text: str

    def read_text(self, encoding: str | None = None) -> str:
        """Give the whole text."""
        del encoding
        return self.text


class Texts:
    """The files of a fetched knowledge base; what it does not have is taken from the packaged one."""

    def __init__(self, texts: dict[str, str], packaged: Path) -> None:
        self._texts = texts
        self._packaged = packaged

    def joinpath(self, name: str) -> Text | Path:
        """Give a file by name."""
        if name in self._texts:
            return Text(name, self._texts[name])
        return self._packaged / name


def replace(packaged: Facts, folder: Path) -> Facts:
    """Give the facts to use: the fetched ones if they count, else the packaged ones. Raises nothing."""
    try:
        return _fetched(packaged, folder) or packaged
    except (WaakzaamError, ValueError) as error:
        packaged.origin = f"{packaged.origin}; the fetched ones are not used: {error}"
        return packaged


def _fetched(packaged: Facts, folder: Path) -> Facts | None:
    from waakzaam.knowledge.feeds.knowledge_base import KnowledgeBase
    from waakzaam.knowledge.feeds.store import Store

    store = Store()
    version = store.current(FEED)
    if version is None:
        return None
    content = KnowledgeBase().content(store.read(FEED, version))
    if content.made is None or content.made <= packaged.as_of:
        raise WaakzaamError(f"they were made on {content.made}, and are not newer")
    origin = f"fetched, made on {content.made}, SHA-256 {version.sha256}"
    facts = Facts(Texts(dict(content.entries), folder), origin)
    _checked(facts, version.sha256)
    return facts


def _checked(facts: Facts, digest: str) -> None:
    """Read every subject once; that it went well is kept, so that the next start need not."""
    place = cache.folder()
    seen = place / f"facts-{digest[:32]}-{_version()}.ok" if place else None
    if seen is not None and seen.exists():
        return
    for subject in FILES:
        getattr(facts, subject)
    if seen is not None:
        with suppress(OSError):
            cache.keep(seen, date.today().isoformat().encode())


def _version() -> str:
    from waakzaam import __version__

    return __version__
