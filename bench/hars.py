"""HAR corpora: real HAR entries looped, each copy with its own times and ids.

Only the values both sides look for stay the same. Without this a tool that remembers what it has seen
would look quicker than it is on real traffic.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any

# UUIDs, long hexadecimal and long decimal numbers (times since 1970 among them), ISO 8601 times.
TOKEN = re.compile(
    r"(?:(?<![0-9A-Za-z%])|(?<=%[0-9A-Fa-f]{2}))(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{16,}|[0-9]{9,})(?![0-9A-Za-z])"
    r"|(?<=T)\d\d:\d\d:\d\d\.\d+"
)
BUSTER = "1600000000"  # value of a query field that makes every copy of a request differ
DIGIT, LOWER, UPPER = "0123456789", "0123456789abcdef", "0123456789ABCDEF"


def varied(token: str, copy: int) -> str:
    """Return another token of the same shape: always the same for the same token and copy."""
    noise = b""
    while len(noise) < len(token):
        noise += blake2b(f"{copy}/{len(noise)}/{token}".encode()).digest()
    decimal = not any(c.isalpha() for c in token)
    letters = DIGIT if decimal else (UPPER if token.upper() == token else LOWER)
    keep = 2 if decimal else 0  # the first digits, so that a time stays a time of about then
    if ":" in token:
        return token[:9] + "".join(DIGIT[n % 10] for n in noise[: len(token) - 9])
    return token[:keep] + "".join(
        letters[n % len(letters)] if c.isalnum() else c
        for c, n in zip(token[keep:], noise[: len(token) - keep], strict=True)
    )


def _vary(text: str, copy: int, same: frozenset[str]) -> str:
    def other(match: re.Match[str]) -> str:
        token = match.group()
        return token if token.lower() in same else varied(token, copy)

    return TOKEN.sub(other, text)


def entries(files: Iterable[Path]) -> list[str]:
    """Return every entry of these HAR files as JSON text, with something that can vary in each request."""
    found: list[str] = []
    for file in files:
        for entry in json.loads(file.read_text("utf-8-sig"))["log"]["entries"]:
            request = entry["request"]
            if not TOKEN.search(json.dumps(request, ensure_ascii=False)):
                url, mark, fragment = request["url"].partition("#")
                request["url"] = url + ("&" if "?" in url else "?") + f"_={BUSTER}" + mark + fragment
                request.setdefault("queryString", []).append({"name": "_", "value": BUSTER})
            found.append(json.dumps(entry, ensure_ascii=False))
    return found


def write(originals: list[str], target: Path, count: int, same: Iterable[str]) -> int:
    """Write copies of the entries to `target` until it has `count`; return the bytes written."""
    kept = frozenset(value.lower() for value in same)
    written = 0
    with target.open("w", encoding="utf-8") as out:
        out.write('{"log":{"version":"1.2","creator":{"name":"bench","version":"1"},"entries":[')
        while written < count:
            copy = written // len(originals)
            original = originals[written % len(originals)]
            out.write((",\n" if written else "\n") + (_vary(original, copy, kept) if copy else original))
            written += 1
        out.write("\n]}}\n")
    return target.stat().st_size


def indicators(known: dict[str, Any]) -> dict[str, list[str]]:
    """Return the known values of a phone description as TrackHAR's indicator values."""
    names: dict[str, str] = {"gaid": "advertisingId", "android_id": "developerScopedId"}
    found: dict[str, list[str]] = {}
    put: Callable[[str, str], None] = lambda name, value: found.setdefault(name, []).append(value)  # noqa: E731
    for key, value in known.items():
        if key == "other":
            for item in value:
                put("otherIdentifiers", item["value"])
        else:
            put(names.get(key, "otherIdentifiers"), value)
    return found
