"""Evidence that was made to harm its reader, written as a stream so that making it costs nothing."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

GIB = 1 << 30


def entry(
    url: str = "https://collect.example/v1",
    body: str | None = None,
    kind: str = "application/x-www-form-urlencoded",
) -> dict[str, Any]:
    """One HAR entry: a GET, or a POST where there is a body."""
    request: dict[str, Any] = {
        "method": "POST" if body is not None else "GET",
        "url": url,
        "httpVersion": "HTTP/1.1",
    }
    request |= {"headers": [], "queryString": [], "cookies": [], "headersSize": -1, "bodySize": -1}
    if body is not None:
        request["postData"] = {"mimeType": kind, "text": body}
    response = {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": [], "cookies": []}
    response |= {
        "content": {"size": 0, "mimeType": "text/plain"},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": 0,
    }
    return {
        "startedDateTime": "2026-01-01T00:00:00.000Z",
        "time": 1,
        "request": request,
        "response": response,
    } | {
        "cache": {},
        "timings": {"send": 0, "wait": 1, "receive": 0},
    }


def har(*entries: dict[str, Any]) -> str:
    """A HAR with these entries."""
    log = {"version": "1.2", "creator": {"name": "by hand", "version": "1"}, "entries": list(entries)}
    return json.dumps({"log": log})


def zeros(size: int) -> Iterator[bytes]:
    """``size`` zero bytes in pieces."""
    piece = bytes(1 << 20)
    for _ in range(size >> 20):
        yield piece
    if size % (1 << 20):
        yield bytes(size % (1 << 20))


def gzip_of_zeros(size: int, before: bytes = b"") -> bytes:
    """A gzip stream (RFC 1952) of ``before`` and ``size`` zero bytes, made without packing all of them.

    64 MiB of zeros are packed with a full flush at the end, which ends on a byte and forgets the window;
    that piece can be repeated. The checksum is wrong on purpose: who reads as far as that has read it all.
    """
    first = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = first.compress(before) + first.flush(zlib.Z_FULL_FLUSH)
    unit = min(size, 64 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = b"".join(packer.compress(each) for each in zeros(unit)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = zlib.compressobj(9, zlib.DEFLATED, -15)
    tail = b"".join(rest.compress(each) for each in zeros(size % unit)) + rest.flush()
    trailer = bytes(4) + ((len(before) + size) % (1 << 32)).to_bytes(4, "little")
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + head + piece * (size // unit) + tail + trailer


def bomb_in_form(path: Path, size: int = 10 * GIB, nested: int = 1) -> None:
    """A HAR with one form whose field is base64 of gzip (``nested`` times) of ``size`` zero bytes."""
    data = gzip_of_zeros(size)
    for _ in range(nested - 1):
        data = gzip.compress(data, mtime=0)
    field = quote(base64.b64encode(data).decode(), safe="")
    path.write_text(har(entry(body=f"v=1&data={field}")))


def har_around(path: Path, before: str, piece: str, count: int, after: str) -> None:
    """``before``, ``count`` times ``piece``, ``after``, written as a stream."""
    with path.open("w", encoding="ascii") as file:
        file.write(before)
        block = piece * 1024
        for _ in range(count // 1024):
            file.write(block)
        file.write(piece * (count % 1024))
        file.write(after)
