"""The secrets of captures as one key log: from their Decryption Secrets Blocks and key logs beside them."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

TLS_KEY_LOG = 0x544C534B


def _blocks(data: bytes) -> bytes:
    """Return the key logs in the Decryption Secrets Blocks of a pcapng file (type 10), joined."""
    found = b""
    order, at = "<", 0
    while at + 12 <= len(data):
        if data[at : at + 4] == b"\n\r\r\n":
            order = "<" if data[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
        kind, length = struct.unpack_from(order + "II", data, at)
        if length < 12 or at + length > len(data):
            break
        if kind == 10:
            secrets, size = struct.unpack_from(order + "II", data, at + 8)
            if secrets == TLS_KEY_LOG:
                found += data[at + 16 : at + 16 + size] + b"\n"
        at += length
    return found


def write(captures: list[Path], keys: list[Path], target: Path) -> int:
    """Write everything that opens the captures to `target`; return how many lines."""
    text = b"".join(file.read_bytes() + b"\n" for file in keys)
    for capture in captures:
        data = capture.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        if data[:4] == b"\n\r\r\n":
            text += _blocks(data)
    lines = dict.fromkeys(line.strip() for line in text.splitlines() if line.strip())
    target.write_bytes(b"\n".join(lines) + b"\n")
    return len(lines)
