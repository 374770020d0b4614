"""What a HAR holds, by the standard library's JSON: every entry at once, no streaming."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One exchange: method, URL, bytes of the request body, status."""

    method: str
    url: str
    body: bytes
    status: int


def entries(path: Path) -> list[Entry]:
    """All entries of a HAR; raises ValueError where it is not one."""
    top = document(path)
    if "log" not in top and len(top) == 1:
        (top,) = top.values()  # some tools wrap the log once more
    return [_entry(each) for each in top["log"]["entries"]]


def document(path: Path) -> Any:
    """The JSON of a HAR, without its wrapping and byte order mark."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    elif data[:1] == b"\x78":
        data = zlib.decompress(data)
    return json.loads(data.decode("utf-8-sig"))


def _entry(entry: dict[str, Any]) -> Entry:
    request, response = entry["request"], entry.get("response") or {}
    return Entry(request["method"], request["url"], request_body(request), int(response.get("status") or 0))


def request_body(request: dict[str, Any]) -> bytes:
    """Bytes of ``postData``; lone surrogates are the bytes they stand for (PEP 383)."""
    posted = request.get("postData") or {}
    text = posted.get("text") or ""
    if posted.get("encoding", posted.get("_encoding")) == "base64":
        return base64.b64decode(text)
    return str(text).encode("utf-8", "surrogateescape")
