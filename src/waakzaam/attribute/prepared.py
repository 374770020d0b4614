"""The address database in a form that is mapped, not read: made once, kept in the user's cache folder.

Taking the shipped file apart costs half a second and 160 MB; a capture has a handful of addresses. The
prepared file is named after the SHA-256 of the shipped one. It holds public data only and may be deleted at
any time.

Layout: ``MAGIC``, length of the header (8 bytes, little-endian), header (JSON, padded with spaces to a
multiple of 8), then for places and networks the columns ``low``, ``high``, ``name`` (8 bytes each number)
and ``length`` (1 byte), padded to a multiple of 8.
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from waakzaam.cache import folder

MAGIC = b"WZPLACE1"
WORD = 8


class Columns(NamedTuple):
    """Networks in order of address: lower and upper 64 bits of the first one, name number, prefix length."""

    low: Sequence[int]
    high: Sequence[int]
    name: Sequence[int]
    length: Sequence[int]


class Prepared(NamedTuple):
    """Countries and network holders by number, and the networks that name them."""

    countries: list[str]
    holders: list[str]
    place: Columns
    network: Columns


def cache_path(digest: str) -> Path:
    """Where the prepared form of the file with this SHA-256 is kept (XDG base directories)."""
    return (folder() or Path()) / f"places-{digest[:32]}.bin"


def store(prepared: Prepared, path: Path) -> None:
    """Write the prepared form; a folder that cannot be written is no error: it is only a cache."""
    sizes = [len(prepared.place.low), len(prepared.network.low)]
    head = json.dumps({"sizes": sizes, "countries": prepared.countries, "holders": prepared.holders}).encode()
    head += b" " * (-len(head) % WORD)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.{os.getpid()}")
        with new.open("wb") as file:
            file.write(MAGIC + len(head).to_bytes(WORD, "little") + head)
            for columns in (prepared.place, prepared.network):
                for column in (columns.low, columns.high, columns.name):
                    file.write(memoryview(column))  # type: ignore[arg-type]
                file.write(memoryview(columns.length))  # type: ignore[arg-type]
                file.write(b"\0" * (-len(columns.length) % WORD))
        new.replace(path)


def load(path: Path) -> Prepared | None:
    """Map the prepared form; None when it is missing, cut or of another version."""
    try:
        with path.open("rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        at = 2 * WORD + int.from_bytes(data[WORD : 2 * WORD], "little")
        if bytes(data[:WORD]) != MAGIC:
            return None
        head = json.loads(bytes(data[2 * WORD : at]))
        tables = []
        for size in head["sizes"]:
            words = [
                data[at + part * WORD * size : at + (part + 1) * WORD * size].cast("Q") for part in range(3)
            ]
            at += 3 * WORD * size
            tables.append(Columns(words[0], words[1], words[2], data[at : at + size]))
            at += size + (-size % WORD)
        if at != len(data) or any(len(column) != len(table.low) for table in tables for column in table):
            return None
        return Prepared(head["countries"], head["holders"], *tables)
    except (OSError, ValueError, KeyError, TypeError):
        return None
