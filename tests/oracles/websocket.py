"""WebSocket messages in the bytes that tshark reassembles and decrypts, read anew (RFC 6455, RFC 7692)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

TAIL = b"\x00\x00\xff\xff"
"""What a sender leaves out of each compressed message (RFC 7692 section 7.2.1)."""
_SWITCHED = re.compile(rb"HTTP/1\.1 101 .*?\r\n\r\n", re.DOTALL)
_ASKED = re.compile(rb"\r\nupgrade:\s*websocket\r\n(?:.*?\r\n)??\r\n", re.DOTALL | re.IGNORECASE)


def frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """First byte and payload of each whole frame (RFC 6455 section 5.2), unmasked."""
    at = 0
    while at + 2 <= len(data):
        first, masked, length = data[at], data[at + 1] >> 7, data[at + 1] & 0x7F
        at += 2
        if (more := {126: 2, 127: 8}.get(length, 0)) != 0:
            length = int.from_bytes(data[at : at + more])
            at += more
        key = data[at : at + 4] if masked else bytes(4)
        at += 4 * masked
        if at + length > len(data):
            return
        mask = (key * (length // 4 + 1))[:length]
        plain = int.from_bytes(data[at : at + length]) ^ int.from_bytes(mask)
        yield first, plain.to_bytes(length)
        at += length


def messages(data: bytes) -> list[bytes]:
    """Texts and binary messages of one side, put together and inflated.

    One window serves all messages: a sender that begins anew with each never looks back (RFC 7692 section
    7.1.1).
    """
    found: list[bytes] = []
    open_message, packed = b"", False
    inflate = zlib.decompressobj(-15)
    for first, payload in frames(data):
        opcode = first & 0x0F
        if opcode >= 8:
            continue  # control frames may stand within a message
        if opcode:
            open_message, packed = b"", bool(first & 0x40)
        open_message += payload
        if first & 0x80:
            if packed:
                open_message = inflate.decompress(open_message + TAIL)
                if inflate.eof:
                    inflate = zlib.decompressobj(-15)
            found.append(open_message)
    return found


def said(up: bytes, down: bytes) -> tuple[list[bytes], list[bytes]]:
    """The messages of the client and of the server on a connection that became a WebSocket."""
    asked, switched = _ASKED.search(up), _SWITCHED.search(down)
    if not asked or not switched:
        return [], []
    return messages(up[asked.end() :]), messages(down[switched.end() :])
