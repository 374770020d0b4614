"""A long capture for waiting: the same HTTP request again and again, each on a connection of its own."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.helpers.packets import ANSWER, conversation, pcap, post

ANDROID_ID = "5e2f8a91c07b43d6"
FILLING = 1_000_000
"""Bytes of the request beside the value."""


def write_long(path: Path, copies: int) -> int:
    """Write about a megabyte ``copies`` times, with the value in the first request; return the size.

    Every copy is a connection of its own port, so that all messages count.
    """
    begin = post(b'{"android_id":"%s"}' % ANDROID_ID.encode())
    packets = conversation(begin, ANSWER, client=39_999)
    with path.open("wb") as out:
        out.write(pcap(packets))
        filling = post(b'{"note":"%s"}' % (b"x" * FILLING))
        for copy in range(copies):
            for packet in conversation(filling, ANSWER, client=20_000 + copy % 19_000, segment=60_000):
                size = struct.pack("<II", len(packet), len(packet))
                out.write(struct.pack("<II", 1_600_000_100 + copy, 0) + size + packet)
    return path.stat().st_size
