"""The bytes of TCP connections, as tshark puts them together and decrypts them; others read what they say."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

_STREAM = re.compile(r"Filter: tcp\.stream eq (\d+)")
_BYTES = re.compile(r"\t?(?:[0-9a-f]{2})+")


def followed(
    path: Path, options: list[str], streams: Iterable[str], *, opened: bool
) -> dict[str, tuple[bytes, bytes]]:
    """What the client and the server of HTTP say on these connections. ``opened``: inside TLS."""
    layer = "tls" if opened else "tcp"
    command = ["tshark", "-r", str(path), "-n", "-q", *options]
    for stream in streams:
        command += ["-z", f"follow,{layer},raw,{stream}"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=300)
    found: dict[str, tuple[bytearray, bytearray]] = {}
    sides = bytearray(), bytearray()
    for line in done.stdout.decode().splitlines():
        if name := _STREAM.match(line):
            sides = found.setdefault(name[1], (bytearray(), bytearray()))
        elif _BYTES.fullmatch(line):
            sides[line.startswith("\t")].extend(bytes.fromhex(line))
    # The side that comes first is the one that was seen first, not always the client.
    return {
        stream: (bytes(two), bytes(one)) if one.startswith(b"HTTP/") else (bytes(one), bytes(two))
        for stream, (one, two) in found.items()
    }
