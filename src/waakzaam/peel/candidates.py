"""Key files: candidates for keys that a person brings.

One candidate on a line, as text: constants out of an app, in the spelling in which they stand there. A line
that is a JSON object, as hooks of crypto functions log them, gives every string in it under a name like
``key``, ``iv`` or ``salt``.
"""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path

from waakzaam.errors import WaakzaamError
from waakzaam.sources.candidates import LONGEST, NAMES

MOST_BYTES = 64 << 20
"""A larger file is no list of keys."""
GZIP = b"\x1f\x8b\x08"
LOGGED = ", logged"
"""Ends the label of a candidate that comes from a logged call: such a key need not be in the app."""


def read_candidates(path: Path) -> list[tuple[str, bytes]]:
    """(label, candidate) for every line of a key file; the label names file and line.

    Raises:
        WaakzaamError: it cannot be read, is too large, or holds no candidate.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if data.startswith(GZIP):
            with gzip.open(path) as unpacked:
                data = unpacked.read(MOST_BYTES + 1)
    except (EOFError, zlib.error):
        raise WaakzaamError(f"{path}: is a damaged gzip file; give a file with one key on a line") from None
    except OSError as error:
        raise WaakzaamError(
            f"{path}: cannot be read ({error.strerror or error}); give a file with one key on a line"
        ) from None
    if len(data) > MOST_BYTES:
        raise WaakzaamError(f"{path}: larger than {MOST_BYTES >> 20} MiB; give a file with one key on a line")
    found = [
        (f"{path.name}:{number}{origin}", candidate)
        for number, line in enumerate(data.splitlines(), 1)
        for origin, candidate in _of_line(line.strip())
        if 0 < len(candidate) <= LONGEST
    ]
    if not found:
        raise WaakzaamError(f"{path}: holds no key; write one key on a line, of at most {LONGEST} bytes")
    return found


def _of_line(line: bytes) -> list[tuple[str, bytes]]:
    try:
        logged = json.loads(line) if line.startswith(b"{") else None
    except (ValueError, RecursionError):
        logged = None
    if not isinstance(logged, dict):
        return [("", line)]
    texts = ((name, value) for name, value in logged.items() if isinstance(value, str))
    named = [(LOGGED, value.encode("utf-8", "replace")) for name, value in texts if NAMES.search(name)]
    return named or [("", line)]
