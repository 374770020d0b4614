"""What was worked out before and can be worked out again: kept in the user's cache folder.

Everything in it is named after the SHA-256 of what it was made from, holds no evidence, and may be deleted at
any time.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

_DATE = "\0date"
"""Key of the JSON object that stands for a date: TOML texts on one line cannot hold this character."""


def folder() -> Path | None:
    """Where it is kept (XDG base directories); None where there is no home folder."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    if Path(cache).is_absolute():  # the specification says that a relative one is to be ignored
        return Path(cache) / "waakzaam"
    with suppress(RuntimeError):
        return Path.home() / ".cache" / "waakzaam"
    return None


def data_folder() -> Path:
    """Where data are kept that a person fetched (XDG base directories); where there is no home, nowhere."""
    data = os.environ.get("XDG_DATA_HOME", "")
    if Path(data).is_absolute():
        return Path(data) / "waakzaam"
    with suppress(RuntimeError):
        return Path.home() / ".local" / "share" / "waakzaam"
    return Path(os.devnull)


def keep(path: Path, data: bytes) -> None:
    """Write a file of the cache; a folder that cannot be written is no error."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.{os.getpid()}")
        new.write_bytes(data)
        new.replace(path)


def toml(text: str) -> dict[str, Any]:
    """Parse TOML; what was parsed before is read three times as fast.

    Raises:
        tomli.TOMLDecodeError, RecursionError: as ``tomli.loads``.
    """
    place = folder()
    if place is None:
        return _parsed(text)
    path = place / f"toml-{hashlib.sha256(text.encode()).hexdigest()[:32]}.json"
    with suppress(OSError, ValueError, RecursionError):
        found = json.loads(path.read_bytes(), object_hook=_dated)
        if isinstance(found, dict):
            return found
    values = _parsed(text)
    with suppress(TypeError):
        keep(path, json.dumps(values, default=_undated).encode())
    return values


def _parsed(text: str) -> dict[str, Any]:
    import tomli  # compiled: three times as fast as tomllib

    return tomli.loads(text)


def _dated(value: dict[str, Any]) -> Any:
    return date.fromisoformat(value[_DATE]) if _DATE in value else value


def _undated(value: object) -> dict[str, str]:
    if type(value) is not date:  # a time of day: nobody writes them in facts
        raise TypeError(f"{value!r} cannot be kept")
    return {_DATE: value.isoformat()}
