"""Evidence with very many rows of one kind, written as a stream: what memory has to hold out against."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from tests.helpers.hostile import entry
from tests.helpers.packets import RAW_IP, SERVER, ipv4

VALUE = "7d5a6fd0d53a566b"
"""The value that every entry of ``sightings`` sends."""
_HEAD = '{"log":{"version":"1.2","creator":{"name":"by hand","version":"1"},"entries":['


def _har(path: Path, count: int, piece: str) -> None:
    """``count`` times ``piece``, with its number in place of ``@``."""
    with path.open("w", encoding="ascii") as file:
        file.write(_HEAD)
        for number in range(count):
            file.write((",\n" if number else "\n") + piece.replace("@", str(number)))
        file.write("]}}")


def sightings(path: Path, count: int) -> None:
    """A HAR with ``count`` requests; each sends the same value in a body that no other has."""
    body = f"android_id={VALUE}&event=opened&number=@"
    _har(path, count, json.dumps(entry("https://collect.example/v1/events", body)))


def hosts(path: Path, count: int) -> None:
    """A HAR with one request to each of ``count`` hosts."""
    _har(path, count, json.dumps(entry("https://h@.collect.example/v1")))


def _name(host: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in host.split(".")) + b"\0"


def lookups(path: Path, count: int) -> None:
    """A pcap with ``count`` DNS queries (RFC 1035), each answered and on a connection of its own."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, RAW_IP))
        for number in range(count):
            client, port = f"10.0.{number // 60_000}.2", 1025 + number % 60_000
            name = _name(f"www{number % 1000}.collect.example")
            question = name + struct.pack(">HH", 1, 1)
            query = struct.pack(">6H", number & 0xFFFF, 0x0100, 1, 0, 0, 0) + question
            address = bytes([203, 0, 113, number % 250])
            answer = struct.pack(">6H", number & 0xFFFF, 0x8180, 1, 1, 0, 0) + question
            answer += struct.pack(">HHHIH", 0xC00C, 1, 1, 300, 4) + address
            for up, payload in ((True, query), (False, answer)):
                ends = (port, 53) if up else (53, port)
                datagram = struct.pack(">4H", *ends, 8 + len(payload), 0) + payload
                source, target = (client, SERVER) if up else (SERVER, client)
                packet = ipv4(datagram, 17, source=source, target=target)
                moment = 2 * number + (not up)
                file.write(struct.pack("<II", 1_600_000_000 + moment // 1000, moment % 1000 * 1000))
                file.write(struct.pack("<II", len(packet), len(packet)) + packet)
