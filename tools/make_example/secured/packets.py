"""pcapng with a Decryption Secrets Block (draft-ietf-opsawg-pcapng), and TCP connections (RFC 9293)."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass, field

RAW_IP = 101
TLS_KEY_LOG = 0x544C534B
SYN, ACK, PUSH, FIN = 2, 16, 8, 1
SEGMENT = 1_400  # bytes


def _block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def _option(code: int, text: str) -> bytes:
    data = text.encode()
    return struct.pack("<HH", code, len(data)) + data + bytes(-len(data) % 4)


def _sum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return 0xFFFF ^ total


@dataclass
class Capture:
    """Packets with their times in microseconds since 1970, in any order."""

    packets: list[tuple[int, bytes]] = field(default_factory=list)

    def write(self, key_log: str, comment: str) -> bytes:
        """The file."""
        head = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + _option(1, comment) + bytes(4)
        secrets = key_log.encode()
        blocks = [
            _block(0x0A0D0D0A, head),
            _block(10, struct.pack("<II", TLS_KEY_LOG, len(secrets)) + secrets),
            _block(1, struct.pack("<HHI", RAW_IP, 0, 0)),
        ]
        for time, packet in sorted(self.packets, key=lambda each: each[0]):
            size = len(packet)
            blocks.append(
                _block(6, struct.pack("<5I", 0, time >> 32, time & 0xFFFFFFFF, size, size) + packet)
            )
        return b"".join(blocks)


class Connection:
    """One TCP connection between phone and server; times in microseconds since 1970."""

    def __init__(self, capture: Capture, ends: tuple[str, str], ports: tuple[int, int], time: int) -> None:
        """Begin with the handshake."""
        self._capture = capture
        self._ends = [ipaddress.IPv4Address(end).packed for end in ends]
        self._ports = ports
        self._next = [ports[0] * 1_000, ports[0] * 2_000]  # initial sequence numbers
        self._sent = 0
        self._segment(time, True, SYN)
        self._segment(time + 9_000, False, SYN | ACK)
        self._segment(time + 18_000, True, ACK)

    def _segment(self, time: int, up: bool, flags: int, data: bytes = b"") -> None:
        one, other = (0, 1) if up else (1, 0)
        ends = self._ends[one] + self._ends[other]
        acknowledged = self._next[other] if flags & ACK else 0
        head = struct.pack(
            ">HHIIBBHHH", self._ports[one], self._ports[other], self._next[one], acknowledged,
            0x50, flags, 65535, 0, 0,
        )  # fmt: skip
        check = _sum(ends + struct.pack(">BBH", 0, 6, len(head) + len(data)) + head + data)
        segment = head[:16] + check.to_bytes(2) + head[18:] + data
        self._sent += 1
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(segment), self._sent, 0x4000, 64, 6, 0) + ends
        ip = ip[:10] + _sum(ip).to_bytes(2) + ip[12:]
        self._capture.packets.append((time, ip + segment))
        self._next[one] += len(data) + (1 if flags & (SYN | FIN) else 0)

    def say(self, time: int, up: bool, data: bytes) -> None:
        """Send these bytes in segments, 0.1 ms apart; the other side acknowledges."""
        for number, at in enumerate(range(0, len(data), SEGMENT)):
            self._segment(time + 100 * number, up, ACK | PUSH, data[at : at + SEGMENT])
        self._segment(time + 100 * (len(data) // SEGMENT) + 50, not up, ACK)

    def close(self, time: int) -> None:
        """End both directions."""
        self._segment(time, True, FIN | ACK)
        self._segment(time + 9_000, False, FIN | ACK)
        self._segment(time + 18_000, True, ACK)
