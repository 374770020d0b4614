"""Makes the captures of a played case: ``python tools/make_example/secured [FOLDER]``.

What was really sent (``played/*.har``, recorded by ``python tools/make_example``) is put into TCP, TLS 1.3
and HTTP, with the secrets in the file. Needs nothing but Python; every run writes the same bytes.
"""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import http2
from packets import Capture, Connection
from tls13 import Session

HERE = Path(__file__).resolve().parent
PLAYED = HERE.parent / "played"
FILES = {"capture": "browsing", "negative-twin": "crashes"}
PHONE, SERVERS = "192.0.2.2", "198.51.100."  # RFC 5737: they belong to nobody
OF_CONNECTION = {"host", "connection", "keep-alive", "transfer-encoding", "upgrade"}
"""Fields that HTTP/2 does not have (RFC 9113 section 8.2.2)."""
COMMENT = (
    "Reconstruction of a reported case from published descriptions; no recording of a phone. See README.md "
    "beside this file. Made by tools/make_example/secured."
)


@dataclass
class Line:
    """One connection of the play and what stands on it."""

    tcp: Connection
    session: Session | None
    protocol: str
    sides: tuple[http2.Side, http2.Side] = field(default_factory=lambda: (http2.Side(), http2.Side()))
    stream: int = 1
    last: int = 0

    def say(self, time: int, up: bool, data: bytes) -> None:
        """Send bytes, protected if there is a session."""
        self.tcp.say(time, up, self.session.say(up, data) if self.session else data)
        self.last = time


def body(content: dict[str, Any] | None) -> bytes:
    """The bytes of a HAR content or posted data."""
    text = (content or {}).get("text") or ""
    return base64.b64decode(text) if (content or {}).get("encoding") == "base64" else text.encode()


class Play:
    """All connections of one capture."""

    def __init__(self, name: str) -> None:
        """`name` is part of the seed of all secrets."""
        self._name = name
        self._capture = Capture()
        self._lines: dict[tuple[str, str, bool], Line] = {}
        self._addresses: dict[str, str] = {}

    def _line(self, host: str, secure: bool, protocol: str, time: int) -> Line:
        key = (host, protocol, secure)
        if key in self._lines:
            return self._lines[key]
        address = self._addresses.setdefault(host, f"{SERVERS}{10 + len(self._addresses)}")
        ports = (40_000 + len(self._lines), 443 if secure else 80)
        line = Line(Connection(self._capture, (PHONE, address), ports, time - 60_000), None, protocol)
        if secure:
            offered = ["h2", "http/1.1"] if protocol == "h2" else ["http/1.1"]
            line.session = Session(host, offered, f"{self._name}: {host}: {protocol}")
            for at, (up, flight) in enumerate(
                zip((True, False, True), line.session.handshake(), strict=True)
            ):
                line.tcp.say(time - 40_000 + 10_000 * at, up, flight)
        if protocol == "h2":
            settings = http2.frame(http2.SETTINGS, 0, 0, bytes.fromhex("000100001000"))
            line.say(time - 9_000, True, http2.PREFACE + settings)
            line.say(time - 6_000, False, http2.frame(http2.SETTINGS, 0, 0))
            line.say(time - 5_000, False, http2.frame(http2.SETTINGS, http2.ACK, 0))
            line.say(time - 4_000, True, http2.frame(http2.SETTINGS, http2.ACK, 0))
        self._lines[key] = line
        return line

    def exchange(self, entry: dict[str, Any]) -> None:
        """One request and its answer."""
        request, response = entry["request"], entry["response"]
        url = urlsplit(request["url"])
        target = url.path + (f"?{url.query}" if url.query else "")
        time = round(datetime.fromisoformat(entry["startedDateTime"]).timestamp() * 1_000_000)
        protocol = "h2" if request["httpVersion"] == "HTTP/2.0" else "http/1.1"
        line = self._line(url.netloc, url.scheme == "https", protocol, time)
        asked, answered = body(request.get("postData")), body(response["content"])
        up = [(each["name"], each["value"]) for each in request["headers"]]
        down = [(each["name"], each["value"]) for each in response["headers"]]
        if protocol == "h2":
            pseudo = [(":method", request["method"]), (":authority", url.netloc), (":scheme", url.scheme)]
            pseudo.append((":path", target))
            line.say(time, True, line.sides[0].message(line.stream, [*pseudo, *self._fields(up)], asked))
            status = [(":status", str(response["status"]))]
            answer = line.sides[1].message(line.stream, [*status, *self._fields(down)], answered)
            line.stream += 2
        else:
            line.say(time, True, self._head(f"{request['method']} {target} HTTP/1.1", up) + asked)
            answer = self._head(f"HTTP/1.1 {response['status']} {response['statusText']}", down) + answered
        line.say(time + 25_000, False, answer)

    @staticmethod
    def _fields(fields: list[http2.Field]) -> list[http2.Field]:
        return [(name.lower(), value) for name, value in fields if name.lower() not in OF_CONNECTION]

    @staticmethod
    def _head(first: str, fields: list[http2.Field]) -> bytes:
        lines = [first, *(f"{name}: {value}" for name, value in fields)]
        return "\r\n".join([*lines, "", ""]).encode()

    def end(self) -> bytes:
        """Close all connections and return the file."""
        log = ""
        for line in self._lines.values():
            time = line.last + 30_000_000
            if line.session:
                line.tcp.say(time - 2_000, True, line.session.goodbye(True))
                line.tcp.say(time - 1_000, False, line.session.goodbye(False))
                log += line.session.key_log
            line.tcp.close(time)
        return self._capture.write(log, COMMENT)


def make(folder: Path) -> None:
    """Write the captures into `folder`."""
    for name, played in FILES.items():
        play = Play(name)
        for entry in json.loads((PLAYED / f"{played}.har").read_text("utf-8"))["log"]["entries"]:
            play.exchange(entry)
        (folder / f"{name}.pcapng").write_bytes(play.end())


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parents[2] / "examples" / "xiaomi-browser-2020")
