"""What was fetched: kept in the user's data folder with date, address and SHA-256, the version before it too.

Layout: ``feeds/<id>/state.json`` and, beside it, one file for each version, named after its SHA-256. A
version is read only if its bytes still have that digest.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from waakzaam.errors import WaakzaamError

VERSIONS = 2
"""Versions that are kept: what is used, and the one before it."""


@dataclass(frozen=True)
class Version:
    """One version of a feed. Times are ISO 8601 in UTC, ``made`` a date that the data give of themselves."""

    sha256: str
    size: int
    entries: int
    fetched: str
    address: str
    made: str | None = None
    etag: str | None = None
    last_modified: str | None = None


def data_folder() -> Path:
    """Where feeds are kept (XDG base directories).

    Raises:
        WaakzaamError: there is no home folder.
    """
    told = os.environ.get("XDG_DATA_HOME", "")
    if Path(told).is_absolute():  # the specification says that a relative one is to be ignored
        return Path(told) / "waakzaam" / "feeds"
    try:
        return Path.home() / ".local" / "share" / "waakzaam" / "feeds"
    except RuntimeError:
        raise WaakzaamError("there is no home folder to keep feeds in; set XDG_DATA_HOME") from None


class Store:
    """The versions of all feeds."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or data_folder()

    def versions(self, feed: str) -> list[Version]:
        """What is at hand of a feed, the one in use first."""
        try:
            rows = json.loads((self._folder / feed / "state.json").read_bytes())["versions"]
            return [Version(**row) for row in rows]
        except (OSError, ValueError, TypeError, KeyError):
            return []

    def current(self, feed: str) -> Version | None:
        """The version in use."""
        return next(iter(self.versions(feed)), None)

    def path(self, feed: str, version: Version) -> Path:
        """The file that holds a version."""
        return self._folder / feed / f"{version.sha256}.data"

    def read(self, feed: str, version: Version) -> bytes:
        """The bytes of a version.

        Raises:
            WaakzaamError: they are gone, or are not what was fetched.
        """
        path = self.path(feed, version)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise WaakzaamError(
                f"{path}: cannot be read ({error.strerror}); fetch it again with `waakzaam update {feed}`"
            ) from None
        if hashlib.sha256(data).hexdigest() != version.sha256:
            raise WaakzaamError(
                f"{path}: is not what was fetched on {version.fetched[:10]} (its SHA-256 differs); fetch it "
                f"again with `waakzaam update {feed}`"
            )
        return data

    def keep(self, feed: str, data: bytes, version: Version) -> None:
        """Make a version the one in use.

        Raises:
            WaakzaamError: the folder cannot be written.
        """
        others = [each for each in self.versions(feed) if each.sha256 != version.sha256]
        try:
            _write(self.path(feed, version), data)
            self._state(feed, [version, *others][:VERSIONS])
        except OSError as error:
            raise WaakzaamError(
                f"{self._folder}: cannot be written ({error.strerror}); nothing was changed"
            ) from None
        for each in [version, *others][VERSIONS:]:
            with suppress(OSError):
                self.path(feed, each).unlink()

    def confirm(self, feed: str) -> None:
        """Note that the version in use is still the newest."""
        first, *others = self.versions(feed)
        with suppress(OSError):
            self._state(feed, [replace(first, fetched=now()), *others])

    def undo(self, feed: str) -> Version | None:
        """Use the version before the one in use again.

        Returns:
            The version that is in use now; None: there was only one, and nothing is in use now.

        Raises:
            WaakzaamError: nothing was fetched, or the one before it is damaged.
        """
        versions = self.versions(feed)
        if not versions:
            raise WaakzaamError(f"{feed}: nothing was fetched, so that there is nothing to undo")
        left = versions[1:]
        for each in left[:1]:
            self.read(feed, each)
        try:
            self._state(feed, left)
            self.path(feed, versions[0]).unlink(missing_ok=True)
        except OSError as error:
            raise WaakzaamError(f"{self._folder}: cannot be written ({error.strerror})") from None
        return next(iter(left), None)

    def _state(self, feed: str, versions: list[Version]) -> None:
        text = json.dumps({"versions": [asdict(each) for each in versions]}, indent=1)
        _write(self._folder / feed / "state.json", text.encode())


def version_of(data: bytes, entries: int, address: str, made: str | None = None) -> Version:
    """Describe bytes that were fetched now."""
    return Version(hashlib.sha256(data).hexdigest(), len(data), entries, now(), address, made)


def now() -> str:
    """This moment as text."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _write(path: Path, data: bytes) -> None:
    """Write whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.write_bytes(data)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
