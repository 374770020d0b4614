"""HTTP/2 frames (RFC 9113) and an HPACK encoder (RFC 7541), for writing."""

from __future__ import annotations

from collections.abc import Sequence

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, WINDOW_UPDATE, GOAWAY = 0, 1, 4, 8, 7
END_STREAM, ACK, END_HEADERS = 1, 1, 4
FRAME = 16_384  # bytes of one payload at most
TABLE = 4_096  # bytes of the dynamic table

# RFC 7541 appendix A, in its order from 1.
_FIXED = [
    (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"),
    (":scheme", "http"), (":scheme", "https"), (":status", "200"), (":status", "204"), (":status", "206"),
    (":status", "304"), (":status", "400"), (":status", "404"), (":status", "500"), ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", ""), ("accept", ""),
    ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""), ("content-encoding", ""), ("content-language", ""), ("content-length", ""),
    ("content-location", ""), ("content-range", ""), ("content-type", ""), ("cookie", ""),
    ("date", ""), ("etag", ""),
    ("expect", ""), ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""),
    ("if-none-match", ""), ("if-range", ""), ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""),
    ("location", ""), ("max-forwards", ""), ("proxy-authenticate", ""), ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""), ("set-cookie", ""),
    ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
]  # fmt: skip

Field = tuple[str, str]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame (RFC 9113 section 4.1)."""
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def _integer(value: int, bits: int, first: int) -> bytes:
    """An integer with a prefix of so many bits (RFC 7541 section 5.1)."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    out, value = bytearray([first | most]), value - most
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + bytes([value]))


def _string(text: str) -> bytes:
    data = text.encode()
    return _integer(len(data), 7, 0) + data


class Encoder:
    """HPACK of one direction: fields that were said before are named by number."""

    def __init__(self) -> None:
        self._table: list[Field] = []

    def block(self, fields: Sequence[Field]) -> bytes:
        """One field block."""
        return b"".join(self._field(field) for field in fields)

    def _field(self, field: Field) -> bytes:
        known = [*_FIXED, *self._table]
        if field in known:
            return _integer(known.index(field) + 1, 7, 0x80)
        name, value = field
        number = next((at for at, (each, _) in enumerate(known, 1) if each == name), 0)
        self._table.insert(0, field)
        while sum(len(a.encode()) + len(b.encode()) + 32 for a, b in self._table) > TABLE:
            self._table.pop()
        return _integer(number, 6, 0x40) + (b"" if number else _string(name)) + _string(value)


class Side:
    """What one side says on a connection."""

    def __init__(self) -> None:
        self._encoder = Encoder()

    def message(self, stream: int, fields: Sequence[Field], body: bytes) -> bytes:
        """HEADERS and DATA of one message."""
        out = [frame(HEADERS, END_HEADERS | (0 if body else END_STREAM), stream, self._encoder.block(fields))]
        for at in range(0, len(body), FRAME):
            last = at + FRAME >= len(body)
            out.append(frame(DATA, END_STREAM if last else 0, stream, body[at : at + FRAME]))
        return b"".join(out)
