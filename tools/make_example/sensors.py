"""Requests as the Sensors Analytics SDK for Android builds them, written from its description alone.

Body: ``crc=<Java hashCode of data_list>&gzip=1&data_list=<base64(gzip(JSON array))>``, form-encoded.
Nothing here is a key: whoever has the body can read it.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

FORM_SAFE = "_-!.~'()*"  # what Android's Uri.encode leaves as it is, besides letters and digits


def java_hash(text: str) -> int:
    """Return Java's ``String.hashCode`` of ASCII text: ``h = 31*h + c`` in 32 bits, signed."""
    value = 0
    for character in text:
        value = (31 * value + ord(character)) & 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def android_json(value: Any) -> str:
    r"""Return JSON as Android's own writer does: no spaces, UTF-8 as it is, and ``/`` written ``\/``."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("/", r"\/")


def java_gzip(data: bytes) -> bytes:
    """Return data as Java's ``GZIPOutputStream`` packs it: no name, no time, no system (RFC 1952)."""
    packer = zlib.compressobj(wbits=-15)
    body = packer.compress(data) + packer.flush()
    return b"\x1f\x8b\x08" + bytes(7) + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def body(events: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the request body that carries these events."""
    text = android_json(list(events))
    data_list = base64.b64encode(java_gzip(text.encode())).decode()
    return f"crc={java_hash(data_list)}&gzip=1&data_list={quote(data_list, safe=FORM_SAFE)}".encode()


class Tracker:
    """One installed app: its constant properties, and the events that wait to be sent."""

    def __init__(
        self,
        *,
        anonymous_id: str,
        library: Mapping[str, Any],
        properties: Mapping[str, Any],
        first_track_id: int,
    ) -> None:
        """Send `library` and `properties` with every event; `first_track_id` is the seed of `_track_id`."""
        self._anonymous_id = anonymous_id
        self._library = dict(library)
        self._properties = dict(properties)
        self._track_id = first_track_id
        self._waiting: list[dict[str, Any]] = []

    def track(self, now: float, event: str, **properties: Any) -> None:
        """Queue an event that happens at `now` (seconds since 1970, UTC)."""
        self._track_id = (self._track_id * 1103515245 + 12345) & 0x7FFFFFFF
        self._waiting.append(
            {
                "_track_id": self._track_id,
                "time": round(now * 1000),
                "type": "track",
                "distinct_id": self._anonymous_id,
                "anonymous_id": self._anonymous_id,
                "lib": self._library,
                "event": event,
                "properties": {**self._properties, **properties},
            }
        )

    def flush(self, now: float) -> bytes:
        """Return the body that sends all waiting events at `now`, and forget them."""
        events = [{**event, "_flush_time": round(now * 1000)} for event in self._waiting]
        self._waiting.clear()
        return body(events)
