"""What either side saw in a capture, in words that both sides have."""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import Counter
from dataclasses import dataclass, field

from waakzaam import _core

KINDS = (
    "HTTP/1 requests", "HTTP/1 responses", "HTTP/1 bodies", "HTTP/2 requests", "HTTP/2 responses",
    "HTTP/2 bodies", "HTTP/3 requests", "HTTP/3 responses", "HTTP/3 bodies", "WebSocket up", "WebSocket down",
    "DNS queries", "DNS answers", "DNS addresses", "server names",
)  # fmt: skip
"""What is counted, in the order of the table."""

Item = tuple[str, ...]


@dataclass
class Seen:
    """Items of each kind, with how often they occur.

    Requests are (method, host, target), responses (status), bodies (digest), DNS queries (name, type) and
    answers (name, type, code), addresses (name, address), WebSocket messages (digest). Requests and
    responses of HTTP/3 are only counted. ``either``: bodies of ours that may be compared with or without
    their content coding: (as sent, decoded).
    """

    items: dict[str, Counter[Item]] = field(default_factory=lambda: {kind: Counter() for kind in KINDS})
    either: dict[str, list[tuple[Item, Item]]] = field(default_factory=dict)

    def add(self, kind: str, *item: str) -> None:
        """Count one item."""
        self.items[kind][item] += 1

    def add_once(self, kind: str, *item: str) -> None:
        """Note an item that is not counted."""
        self.items[kind][item] = 1

    def body(self, kind: str, data: bytes, coding: str) -> None:
        """Count a body that may be compared in two forms."""
        plain = decoded(data, coding)
        if plain:  # of an empty body the oracle says nothing, whatever its coding
            self.either.setdefault(kind, []).append(((digest(data),), (digest(plain),)))

    def settle(self, oracle: Counter[Item], kind: str) -> Counter[Item]:
        """The items of a kind; each body in that form in which the oracle has it, else decoded."""
        settled, left = Counter(self.items[kind]), Counter(oracle)
        for sent, plain in self.either.get(kind, ()):
            form = sent if left[sent] > 0 and left[plain] <= 0 else plain
            left[form] -= 1
            settled[form] += 1
        return settled


def digest(data: bytes) -> str:
    """A short name for a body."""
    return f"{len(data)} bytes {hashlib.sha256(data).hexdigest()[:12]}"


def decoded(data: bytes, coding: str) -> bytes:
    """A body without its content coding (RFC 9110 section 8.4.1), as it is where that fails.

    Brotli is not in the standard library: it is done by waakzaam, as ``explain`` would.
    """
    if coding.strip().lower() == "br":
        try:
            return _core.replay(data, [("brotli", "")])[-1]
        except ValueError:
            return data
    windows = {"gzip": [31], "x-gzip": [31], "deflate": [15, -15]}
    for window in windows.get(coding.strip().lower(), ()):
        try:
            return zlib.decompressobj(window).decompress(data)
        except zlib.error:
            continue
    return data


def name_of(text: str) -> str:
    """A DNS name in lower case, its escapes (RFC 1035 section 5.1) as the characters they stand for."""
    plain = re.sub(rb"\\(\d{3})", lambda found: bytes([int(found[1])]), text.encode())
    return plain.decode("utf-8", "replace").lower()


def host_of(authority: str) -> str:
    """The name in an authority: no port, lower case, no brackets."""
    name, colon, port = authority.strip().rpartition(":")
    name = name if colon and port.isdigit() else authority.strip()
    return name.strip("[]").lower().rstrip(".")


def target(url: str) -> str:
    """The request target in origin form (RFC 9112 section 3.2.1); other forms are cut alike on both sides."""
    scheme, separator, rest = url.partition("://")
    if separator and scheme.isalpha():
        slash = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=-1)
        return rest[slash:].partition("#")[0] if slash >= 0 else "/"
    return url.partition("#")[0] if url.startswith("/") else "/"
