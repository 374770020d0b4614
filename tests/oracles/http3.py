"""HTTP/3 messages in the stream data that tshark decrypts, read anew (RFC 9114), without the core."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

DATA, HEADERS = 0, 1
"""Types of frames (RFC 9114 section 7.2)."""


def varint(data: bytes, at: int) -> tuple[int, int] | None:
    """A variable-length integer (RFC 9000 section 16) and where it ends; ``None`` where data end before."""
    if at >= len(data):
        return None
    length = 1 << (data[at] >> 6)
    if at + length > len(data):
        return None
    first = data[at] & 0x3F
    return int.from_bytes(bytes([first]) + data[at + 1 : at + length]), at + length


@dataclass
class Talk:
    """What one side says on one request stream: sections of header fields, and the body."""

    sections: int = 0
    body: bytes = b""


def talk(data: bytes) -> Talk:
    """The frames of a request stream (RFC 9114 section 4.1); the last one may be cut."""
    found, at = Talk(), 0
    while (kind := varint(data, at)) and (length := varint(data, kind[1])):
        payload = data[length[1] : length[1] + length[0]]
        if kind[0] == HEADERS:
            found.sections += 1
        elif kind[0] == DATA:
            found.body += payload
        at = length[1] + length[0]
    return found


@dataclass
class Streams:
    """Bytes of the streams of all connections, as they come: some twice, some late."""

    pieces: dict[tuple[str, bool, int], dict[int, bytes]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, connection: str, up: bool, stream: int, offset: int, data: bytes) -> None:
        """Note what a STREAM frame carries."""
        known = self.pieces[connection, up, stream]
        if len(data) >= len(known.get(offset, b"")):
            known[offset] = data

    def whole(self, connection: str, up: bool, stream: int) -> bytes:
        """A stream from its first byte on, up to the first one that is missing."""
        data = b""
        for offset, piece in sorted(self.pieces[connection, up, stream].items()):
            if offset > len(data):
                break
            data += piece[len(data) - offset :]
        return data

    def http3(self) -> set[str]:
        """The connections that speak HTTP/3: one side opens a control stream (RFC 9114 section 6.2.1)."""
        return {key[0] for key in self.pieces if key[2] & 2 and self.whole(*key).startswith(b"\0")}

    def talks(self) -> list[tuple[bool, Talk]]:
        """Each message (RFC 9114 section 4.1): is it from the client, and what is it."""
        connections = self.http3()
        requests = [key for key in self.pieces if key[0] in connections and key[2] % 4 == 0]
        found = [(key[1], talk(self.whole(*key))) for key in requests]
        return [(up, said) for up, said in found if said.sections]
