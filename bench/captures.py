"""Packet corpora: real captures, one after another, again and again, as one long Ethernet capture.

Each copy has its own addresses (one or two octets by exclusive or, checksums kept as right or wrong as they
were) and its own times, so that no flow of a copy is a flow of another.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ETHERNET, NULL, RAW_OLD, RAW, LOOP, SLL, SLL2 = 1, 0, 12, 101, 108, 113, 276
IPV4, IPV6, VLAN = 0x0800, 0x86DD, (0x8100, 0x88A8)
TCP, UDP = 6, 17
NO_MAC = bytes(12)
STILL, JUMP = 1_000_000_000, 600_000_000_000  # ns: the pause that replaces a longer one than JUMP


@dataclass(frozen=True)
class Packet:
    """One frame of the template: its time in ns after the beginning, and what has to change in a copy."""

    time: int
    frame: bytes
    original: int  # length on the wire
    words: tuple[int, ...]  # offsets of the 16-bit words to change
    sums: tuple[int, ...]  # offsets of the checksums that cover them


def _pcap(data: bytes) -> Iterator[tuple[int, int, bytes, int]]:
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    unit = 1 if data[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1000
    link = struct.unpack_from(order + "I", data, 20)[0] & 0x0FFFFFFF
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, kept, original = struct.unpack_from(order + "4I", data, at)
        yield link, seconds * 10**9 + fraction * unit, data[at + 16 : at + 16 + kept], original
        at += 16 + kept


def _resolution(options: bytes, order: str) -> int:
    """Return the ticks per second of an interface (option 9, if_tsresol)."""
    at = 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from(order + "HH", options, at)
        if code == 9 and length == 1:
            value = options[at + 4]
            return int(2 ** (value & 0x7F)) if value & 0x80 else int(10**value)
        if code == 0:
            break
        at += 4 + (length + 3 & ~3)
    return 10**6


def _pcapng(data: bytes) -> Iterator[tuple[int, int, bytes, int]]:
    order, at = "<", 0
    interfaces: list[tuple[int, int]] = []
    while at + 12 <= len(data):
        if data[at : at + 4] == b"\n\r\r\n":
            order = "<" if data[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, length = struct.unpack_from(order + "II", data, at)
        if length < 12 or at + length > len(data):
            return
        if kind == 1:
            link = struct.unpack_from(order + "H", data, at + 8)[0]
            interfaces.append((link, _resolution(data[at + 16 : at + length - 4], order)))
        elif kind == 6:
            number, high, low, kept, original = struct.unpack_from(order + "5I", data, at + 8)
            link, ticks = interfaces[number]
            yield link, ((high << 32) + low) * 10**9 // ticks, data[at + 28 : at + 28 + kept], original
        at += length


def packets(file: Path) -> Iterator[tuple[int, int, bytes, int]]:
    """Yield (link type, time in ns, bytes, length on the wire) of every packet of a pcap or pcapng file."""
    data = file.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    return _pcapng(data) if data[:4] == b"\n\r\r\n" else _pcap(data)


def to_ethernet(link: int, data: bytes) -> bytes | None:
    """Return the packet with an Ethernet header in place of its own, or None where there is no such thing."""
    if link == ETHERNET:
        return data
    if link == SLL:
        return NO_MAC + data[14:16] + data[16:]
    if link == SLL2:
        return NO_MAC + data[0:2] + data[20:]
    if link in (NULL, LOOP):
        data = data[4:]
    elif link not in (RAW, RAW_OLD):
        return None
    if not data:
        return None
    return NO_MAC + struct.pack(">H", IPV6 if data[0] >> 4 == 6 else IPV4) + data


def _places(frame: bytes) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return where the address words of a frame are, and the checksums over them."""
    at = 12
    while at + 2 <= len(frame) and int.from_bytes(frame[at : at + 2]) in VLAN:
        at += 4
    kind, ip = int.from_bytes(frame[at : at + 2]), at + 2
    if kind == IPV4 and len(frame) >= ip + 20:
        payload = ip + 4 * (frame[ip] & 15)
        # A group or broadcast address keeps its meaning only if it stays as it is.
        words = (ip + 13, ip + 17) if frame[ip + 16] < 224 else (ip + 13,)
        first = int.from_bytes(frame[ip + 6 : ip + 8]) & 0x1FFF == 0
        sums: tuple[int, ...] = (ip + 10,)
        protocol = frame[ip + 9] if first else 0
    elif kind == IPV6 and len(frame) >= ip + 40:
        payload = ip + 40
        words = (ip + 20, ip + 36) if frame[ip + 24] != 255 else (ip + 20,)
        sums, protocol = (), frame[ip + 6]
    else:
        return (), ()
    if protocol == TCP and len(frame) >= payload + 18:
        sums += (payload + 16,)
    elif protocol == UDP and len(frame) >= payload + 8 and frame[payload + 6 : payload + 8] != b"\0\0":
        sums += (payload + 6,)
    return words, sums


def template(files: list[Path]) -> tuple[list[Packet], list[str]]:
    """Return the packets of all files as one copy, and the names of files whose link type does not fit."""
    found: list[Packet] = []
    left_out: list[str] = []
    now = 0
    for file in files:
        before: int | None = None
        for link, time, data, original in packets(file):
            frame = to_ethernet(link, data)
            if frame is None:
                left_out.append(file.name)
                break
            step = STILL if before is None else time - before
            now += step if 0 <= step < JUMP else STILL if step > 0 else 0
            before = time
            found.append(Packet(now, frame, original + len(frame) - len(data), *_places(frame)))
    return found, left_out


def _changed(packet: Packet, copy: int) -> bytes:
    """Return the frame with the addresses of this copy (RFC 1624, equation 3, for the checksums)."""
    frame = bytearray(packet.frame)
    change = 0
    for at in packet.words:
        old = frame[at] << 8 | frame[at + 1]
        new = old ^ copy
        frame[at], frame[at + 1] = new >> 8, new & 255
        change += new - old
    if packet.sums and (packet.words[0] - packet.sums[0]) & 1:
        change *= 256  # second and third octet of an IPv4 address: across the words that the sum adds
    change %= 0xFFFF
    for at in packet.sums:
        value = (0xFFFF ^ (frame[at] << 8 | frame[at + 1])) + change
        while value >> 16:
            value = (value & 0xFFFF) + (value >> 16)
        frame[at], frame[at + 1] = (0xFFFF ^ value) >> 8, (0xFFFF ^ value) & 255
    return bytes(frame)


def write(copy_of: list[Packet], target: Path, size: int) -> int:
    """Write whole copies to `target` until it has `size` bytes; return how many copies."""
    span = copy_of[-1].time + STILL
    copies = written = 0
    with target.open("wb", buffering=1 << 20) as out:
        written += out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, ETHERNET))
        while written < size:
            begin = 1_600_000_000 * 10**9 + copies * span
            for packet in copy_of:
                frame = _changed(packet, copies) if copies else packet.frame
                seconds, fraction = divmod(begin + packet.time, 10**9)
                written += out.write(
                    struct.pack("<4I", seconds, fraction // 1000, len(frame), packet.original) + frame
                )
            copies += 1
    return copies
