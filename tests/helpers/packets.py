"""Packet captures made by hand: pcap, pcapng, IPv4, TCP, UDP, so that a test knows every byte.

Formats: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng, RFC 791, RFC 9293, RFC 768. Checksums are zero
where the reader does not look at them (captures with offloading have wrong ones, too).
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable

RAW_IP = 101
ETHERNET = 1
PHONE, SERVER = "10.0.0.2", "203.0.113.7"


def pcap(packets: Iterable[bytes], *, link: int = RAW_IP, snap: int = 65535) -> bytes:
    """A little-endian microsecond pcap; the packets are a millisecond apart."""
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snap, link)]
    for number, packet in enumerate(packets):
        moment = struct.pack("<II", 1_600_000_000 + number // 1000, number % 1000 * 1000)
        parts.append(moment + struct.pack("<II", len(packet), len(packet)) + packet)
    return b"".join(parts)


def block(kind: int, body: bytes) -> bytes:
    """One block of a little-endian pcapng."""
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def section() -> bytes:
    """The section header block that begins a pcapng."""
    return block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(link: int = RAW_IP) -> bytes:
    """An interface description block."""
    return block(1, struct.pack("<HHI", link, 0, 65535))


def enhanced(packet: bytes, number: int = 0, *, on: int = 0) -> bytes:
    """An enhanced packet block."""
    moment = 1_600_000_000_000_000 + number * 1000
    head = struct.pack("<IIIII", on, moment >> 32, moment & 0xFFFFFFFF, len(packet), len(packet))
    return block(6, head + packet)


def pcapng(packets: Iterable[bytes], *, link: int = RAW_IP) -> bytes:
    """One section, one interface, the packets."""
    body = (enhanced(packet, number) for number, packet in enumerate(packets))
    return b"".join([section(), interface(link), *body])


def ipv4(
    payload: bytes,
    protocol: int,
    *,
    source: str = PHONE,
    target: str = SERVER,
    ident: int = 1,
    offset: int = 0,
    more: bool = False,
) -> bytes:
    """An IPv4 packet; ``offset`` in bytes (a multiple of 8), ``more``: further fragments follow."""
    flags = (0x2000 if more else 0) | offset // 8
    ends = ipaddress.IPv4Address(source).packed + ipaddress.IPv4Address(target).packed
    return (
        struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), ident, flags, 64, protocol, 0) + ends + payload
    )


def tcp(
    payload: bytes,
    sequence: int,
    acknowledged: int,
    flags: int,
    *,
    up: bool,
    port: int = 80,
    client: int = 40000,
) -> bytes:
    """A TCP segment in an IPv4 packet. ``up``: from the phone."""
    source, target = (client, port) if up else (port, client)
    head = struct.pack(">HHIIBBHHH", source, target, sequence, acknowledged, 0x50, flags, 65535, 0, 0)
    return ipv4(head + payload, 6, source=PHONE if up else SERVER, target=SERVER if up else PHONE)


def udp(payload: bytes, *, up: bool, port: int = 53, client: int = 40000) -> bytes:
    """A UDP datagram in an IPv4 packet."""
    source, target = (client, port) if up else (port, client)
    head = struct.pack(">HHHH", source, target, 8 + len(payload), 0)
    return ipv4(head + payload, 17, source=PHONE if up else SERVER, target=SERVER if up else PHONE)


def conversation(up: bytes, down: bytes, *, client: int = 40000, segment: int = 1400) -> list[bytes]:
    """A whole TCP connection on port 80: handshake, ``up`` in segments, ``down`` in segments, end."""
    syn, ack, push, fin = 2, 16, 24, 17
    packets = [
        tcp(b"", 1000, 0, syn, up=True, client=client),
        tcp(b"", 5000, 1001, syn | ack, up=False, client=client),
        tcp(b"", 1001, 5001, ack, up=True, client=client),
    ]
    for at in range(0, len(up), segment):
        packets.append(tcp(up[at : at + segment], 1001 + at, 5001, push, up=True, client=client))
    for at in range(0, len(down), segment):
        packets.append(tcp(down[at : at + segment], 5001 + at, 1001 + len(up), push, up=False, client=client))
    packets.append(tcp(b"", 1001 + len(up), 5001 + len(down), fin, up=True, client=client))
    packets.append(tcp(b"", 5001 + len(down), 1002 + len(up), fin, up=False, client=client))
    return packets


def post(
    body: bytes, *, host: str = "collect.example", path: str = "/v1", kind: str = "application/json"
) -> bytes:
    """The bytes of an HTTP/1.1 POST (RFC 9112)."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
"""A short answer to any request."""
