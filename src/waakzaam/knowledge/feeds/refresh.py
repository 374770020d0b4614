"""One feed made new: fetched or taken from a file, verified, compared, kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from waakzaam.errors import WaakzaamError
from waakzaam.knowledge.feeds.changes import Changes, compare
from waakzaam.knowledge.feeds.fetch import SECONDS, fetch
from waakzaam.knowledge.feeds.model import BadFeedError, Content, Feed
from waakzaam.knowledge.feeds.signature import MOST_BYTES, SUFFIX, trusted_keys, verify
from waakzaam.knowledge.feeds.store import Store, Version, version_of


@dataclass(frozen=True)
class Refresh:
    """How the person wants it.

    ``address``: instead of the feed's own. ``path``: a file instead of an address; nothing is fetched then.
    ``sha256``: what the bytes must have, in hexadecimal digits. ``keys``: trusted besides those that come
    with the program. ``seconds``: for fetching.
    """

    address: str | None = None
    path: Path | None = None
    sha256: str | None = None
    keys: tuple[str, ...] = ()
    seconds: float = SECONDS


class Refreshed(NamedTuple):
    """What came of it. ``changes``: None if it is what was at hand already, or if nothing was at hand."""

    version: Version
    before: Version | None
    changes: Changes | None
    same: bool = False


def refresh(
    feed: Feed, store: Store, how: Refresh, *, progress: Callable[[int, int | None], None] | None = None
) -> Refreshed:
    """Get the newest version of a feed and make it the one in use.

    Raises:
        WaakzaamError: it could not be had, or is not what it should be; what is in use stays in use.
    """
    before = store.current(feed.id)
    address = str(how.path) if how.path else how.address or feed.address
    if address is None:
        raise WaakzaamError(
            "has no address of its own; say where it is with --url, or hand it in with --file"
        )
    etag = modified = None
    if how.path:
        data = _from_file(how.path, feed.most_bytes)
    else:
        usable = before if before and before.address == address and _is_whole(store, feed, before) else None
        answer = fetch(
            address,
            most_bytes=feed.most_bytes,
            seconds=how.seconds,
            etag=usable.etag if usable else None,
            last_modified=usable.last_modified if usable else None,
            progress=progress,
        )
        if answer is None:
            if usable is None:
                raise WaakzaamError(
                    f"{address}: the server says that nothing changed, but nothing is at hand"
                )
            store.confirm(feed.id)
            return Refreshed(store.versions(feed.id)[0], before, None, same=True)
        data, etag, modified = answer.data, answer.etag, answer.last_modified
    _expect(data, how.sha256, address)
    if feed.signed:
        verify(data, _signature(how, address), (*trusted_keys(), *how.keys), address)
    content = _content(feed, data, address)
    made = content.made.isoformat() if content.made else None
    if before and before.made and made and made < before.made:
        raise WaakzaamError(
            f"{address}: is of {made}, older than what is at hand ({before.made}); nothing was changed; go "
            f"back with `waakzaam update {feed.id} --undo`"
        )
    version = replace(
        version_of(data, len(content.entries), address, made), etag=etag, last_modified=modified
    )
    changes = _changes(feed, store, before, content)
    store.keep(feed.id, data, version)
    return Refreshed(version, before, changes, same=bool(before and before.sha256 == version.sha256))


def _signature(how: Refresh, address: str) -> bytes:
    if how.path:
        return _from_file(how.path.with_name(how.path.name + SUFFIX), MOST_BYTES)
    answer = fetch(address + SUFFIX, most_bytes=MOST_BYTES, seconds=how.seconds)
    return answer.data if answer else b""


def _from_file(path: Path, most_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most_bytes + 1)
    except OSError as error:
        raise WaakzaamError(f"{path}: cannot be read ({error.strerror})") from None
    if len(data) > most_bytes:
        raise WaakzaamError(f"{path}: larger than {most_bytes} bytes, the limit for this feed")
    return data


def _expect(data: bytes, sha256: str | None, address: str) -> None:
    if sha256 is None:
        return
    found = hashlib.sha256(data).hexdigest()
    if found != sha256.strip().lower():
        raise WaakzaamError(
            f"{address}: has SHA-256 {found}, not the one that was asked for; nothing was changed"
        )


def _content(feed: Feed, data: bytes, address: str) -> Content:
    try:
        return feed.content(data)
    except BadFeedError as error:
        raise WaakzaamError(f"{address}: {error}; nothing was changed") from None


def _is_whole(store: Store, feed: Feed, version: Version) -> bool:
    """Only what can still be read may be confirmed by the server instead of fetched again."""
    try:
        store.read(feed.id, version)
    except WaakzaamError:
        return False
    return True


def _changes(feed: Feed, store: Store, before: Version | None, content: Content) -> Changes | None:
    """What is different from what was at hand; None if nothing was, or if it cannot be read any more."""
    if before is None:
        return None
    try:
        return compare(feed.content(store.read(feed.id, before)).entries, content.entries)
    except (WaakzaamError, BadFeedError):
        return None
