"""The readers of the oracles, which share no code with the core, read what the standards say."""

from __future__ import annotations

import zlib

import pytest
from tests.oracles.http3 import Streams, talk, varint
from tests.oracles.websocket import messages, said

CUT = b"\x00\x00\xff\xff"


@pytest.mark.parametrize(
    ("data", "value"),
    [
        # RFC 9000 appendix A.1.
        ("c2197c5eff14e88c", 151_288_809_941_952_652),
        ("9d7f3e7d", 494_878_333),
        ("7bbd", 15_293),
        ("25", 37),
        ("4025", 37),
    ],
)
def test_variable_length_integers(data: str, value: int) -> None:
    raw = bytes.fromhex(data)
    assert varint(raw, 0) == (value, len(raw))
    assert varint(raw[:-1], 0) is None


def test_frames_of_http3() -> None:
    found = talk(b"\x01\x02ab" + b"\x21\x01x" + b"\x00\x05hello" + b"\x00\x40\x06 world" + b"\x01\x01t")
    assert (found.sections, found.body) == (2, b"hello world")
    assert talk(b"\x00\x05hel").body == b"hel"


def test_streams_come_late_twice_and_with_gaps() -> None:
    streams = Streams()
    request = b"\x01\x01h\x00\x04body"
    for at in (5, 0, 3, 0):
        streams.add("0", True, 0, at, request[at : at + 5])
    streams.add("0", False, 0, 4, b"no beginning")
    assert streams.talks() == []  # nothing says that this is HTTP/3
    streams.add("0", True, 2, 0, b"\x00\x04\x00")
    assert [(up, found.body) for up, found in streams.talks()] == [(True, b"body")]


# RFC 6455 section 5.7 and RFC 7692 section 7.2.3.
@pytest.mark.parametrize(
    ("data", "found"),
    [
        ("810548656c6c6f", [b"Hello"]),
        ("818537fa213d7f9f4d5158", [b"Hello"]),
        ("010348656c" + "8900" + "80026c6f", [b"Hello"]),
        ("c107f248cdc9c90700", [b"Hello"]),
        ("c107f248cdc9c90700" + "c105f200110000", [b"Hello", b"Hello"]),
        ("c107f348cdc9c90700" + "c107f248cdc9c90700", [b"Hello", b"Hello"]),
        ("827e0100" + "61" * 256, [b"a" * 256]),
        ("8105486565", []),
    ],
)
def test_frames_of_websocket(data: str, found: list[bytes]) -> None:
    assert messages(bytes.fromhex(data)) == found


def test_a_connection_that_becomes_a_websocket() -> None:
    deflate = zlib.compressobj(wbits=-15)
    packed = (deflate.compress(b"down") + deflate.flush(zlib.Z_SYNC_FLUSH)).removesuffix(CUT)
    up = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nX: y\r\n\r\n" + b"\x81\x02up"
    down = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n" + bytes([0xC1, len(packed)]) + packed
    assert said(up, down) == ([b"up"], [b"down"])
    assert said(up.replace(b"WebSocket", b"h2c"), down) == ([], [])
