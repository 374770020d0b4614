"""HTTP/3 messages in the stream data that tshark decrypts, read anew (RFC 9114), without the core."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

DATA, HEADERS, SETTINGS = 0, 1, 4
"""Types of frames (RFC 9114 section 7.2)."""
CONTROL, ENCODER = 0, 2
"""Types of unidirectional streams (RFC 9114 section 6.2.1, RFC 9204 section 4.2)."""
TABLE_CAPACITY = 1
"""The setting that says how large the table of a decoder may be (RFC 9204 section 5)."""


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

    blocks: list[bytes] = field(default_factory=list)
    body: bytes = b""

    @property
    def sections(self) -> int:
        """How many sections of header fields there are."""
        return len(self.blocks)


def frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Types and payloads of frames; the last one may be cut."""
    at = 0
    while (kind := varint(data, at)) and (length := varint(data, kind[1])):
        yield kind[0], data[length[1] : length[1] + length[0]]
        at = length[1] + length[0]


def talk(data: bytes) -> Talk:
    """The frames of a request stream (RFC 9114 section 4.1); the last one may be cut."""
    found = Talk()
    for kind, payload in frames(data):
        if kind == HEADERS:
            found.blocks.append(payload)
        elif kind == DATA:
            found.body += payload
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

    def of_type(self, connection: str, up: bool, kind: int) -> bytes:
        """What one side says on its unidirectional stream of this type, without the type."""
        for key in self.pieces:
            data = self.whole(*key) if key[:2] == (connection, up) and key[2] & 2 else b""
            if (found := varint(data, 0)) and found[0] == kind:
                return data[found[1] :]
        return b""

    def capacity(self, connection: str, up: bool) -> int:
        """How large a table this side lets the other one use."""
        for kind, payload in frames(self.of_type(connection, up, CONTROL)):
            at = 0
            while kind == SETTINGS and (name := varint(payload, at)) and (value := varint(payload, name[1])):
                if name[0] == TABLE_CAPACITY:
                    return value[0]
                at = value[1]
        return 0

    def talks(self) -> list[tuple[bool, Talk]]:
        """Each message (RFC 9114 section 4.1): is it from the client, and what is it."""
        connections = self.http3()
        requests = [key for key in self.pieces if key[0] in connections and key[2] % 4 == 0]
        found = [(key[1], talk(self.whole(*key))) for key in requests]
        return [(up, said) for up, said in found if said.sections]
