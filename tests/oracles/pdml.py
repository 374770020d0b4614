"""What tshark 4.0 sees in a capture, read from its packet details (PDML)."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree.ElementTree import Element, iterparse

from tests.oracles import websocket
from tests.oracles.followed import followed
from tests.oracles.http3 import Streams
from tests.oracles.seen import Seen, digest, host_of, target
from waakzaam.sources.keys import is_key_file

AGGREGATOR = "\x1f"
PROTOCOLS = "http http2 http3 websocket dns mdns llmnr quic gquic tls tcp udp"
FILTER = (
    "http or http2 or quic.stream_data or websocket or dns or mdns or llmnr or tls.handshake.type == 1"
    " or gquic.tag.sni"
)
_TYPE = re.compile(r"Type: (\S+)")


def keys_beside(path: Path) -> tuple[Path, ...]:
    """The key files in the folder of a capture."""
    return tuple(file for file in sorted(path.parent.iterdir()) if file != path and is_key_file(file))


@contextmanager
def key_options(keys: tuple[Path, ...]) -> Iterator[list[str]]:
    """Options that make tshark use these keys."""
    with tempfile.TemporaryDirectory() as folder:
        log, options = Path(folder) / "keys", list[str]()
        with log.open("wb") as out:
            for key in keys:
                text = key.read_bytes()
                if b"PRIVATE KEY-----" in text:
                    options += ["-o", f'uat:rsa_keys:"{key}",""']
                else:
                    out.write(text + b"\n")
        yield [*options, "-o", f"tls.keylog_file:{log}"]


def by_tshark(path: Path, *, reorder: bool, decode: Iterable[str] = ()) -> Seen:
    """What tshark sees. ``decode``: what it has to be told about ports, such as ``tcp.port==8000,http2``."""
    return _read(path, reorder=reorder, decode=decode).done()


def streams_of_quic(path: Path) -> Streams:
    """What tshark decrypts of the streams of QUIC."""
    return _read(path, reorder=False, decode=()).streams


def _read(path: Path, *, reorder: bool, decode: Iterable[str]) -> _Reader:
    command = ["tshark", "-r", str(path), "-n", "-Y", FILTER, "-T", "pdml", "-J", PROTOCOLS]
    command += ["-o", f"tcp.reassemble_out_of_order:{'TRUE' if reorder else 'FALSE'}"]
    for rule in decode:
        command += ["-d", rule]
    with key_options(keys_beside(path)) as options:
        environment = {**os.environ, "TZ": "UTC"}
        with subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        ) as child:
            assert child.stdout
            reader = _Reader()
            for _, element in iterparse(child.stdout):
                if element.tag == "packet":
                    reader.packet(element)
                    element.clear()
        for opened in (False, True):
            streams = sorted(stream for stream, inside in reader.sockets if inside == opened)
            if streams:
                for up, down in followed(path, options, streams, opened=opened).values():
                    reader.websocket(*websocket.said(up, down))
    return reader


def fields(path: Path, wanted: str, names: tuple[str, ...]) -> list[list[list[str]]]:
    """The values of some fields, by packet that passes the filter ``wanted`` and by field."""
    command = ["tshark", "-r", str(path), "-n", "-Y", wanted, "-T", "fields", "-E", "separator=\t"]
    command += ["-E", "occurrence=a", "-E", f"aggregator={AGGREGATOR}"]
    for name in names:
        command += ["-e", name]
    with key_options(keys_beside(path)) as options:
        done = subprocess.run([*command, *options], capture_output=True, check=False, timeout=300)
    rows = [line.split("\t") for line in done.stdout.decode("utf-8", "replace").splitlines()]
    return [[cell.split(AGGREGATOR) if cell else [] for cell in row] for row in rows]


def _all(element: Element, name: str) -> list[str]:
    return [field.get("show", "") for field in element.iter("field") if field.get("name") == name]


def _first(element: Element, name: str) -> str:
    return next(iter(_all(element, name)), "")


def _bytes(element: Element, name: str) -> list[bytes]:
    found = (field.get("value", "") for field in element.iter("field") if field.get("name") == name)
    return [bytes.fromhex(value) for value in found]


class _Reader:
    """Collects from packets. HTTP/2 bodies are joined by connection, direction and stream.

    What HTTP/3 and WebSocket say is read in ``tests.oracles.http3`` and ``tests.oracles.websocket``.
    """

    def __init__(self) -> None:
        self.seen = Seen()
        self.data: dict[tuple[str, str, str], bytes] = defaultdict(bytes)
        self.hellos: set[tuple[str, str]] = set()
        self.streams = Streams()
        self.connections: dict[str, str] = {}
        self.sockets: set[tuple[str, bool]] = set()

    def packet(self, packet: Element) -> None:
        stream = source = ""
        opened = False
        for layer in packet:
            match layer.get("name"):
                case "icmp" | "icmpv6":
                    return  # what follows is quoted from a packet that did not arrive
                case "tcp" | "udp" as carrier:
                    stream = carrier + _first(layer, f"{carrier}.stream")
                    source = _first(layer, f"{carrier}.srcport")
                case "http":
                    self.http1(layer)
                case "http2":
                    self.http2(layer, stream, source)
                case "websocket":
                    self.sockets.add((stream.removeprefix("tcp"), opened))
                case "dns" | "mdns" | "llmnr":
                    self.dns(layer)
                case "tls" | "quic" | "gquic" as carrier:
                    self.hello(layer, stream)
                    opened |= carrier == "tls"
                    if carrier == "quic":
                        self.quic(layer, stream, source)
            # DNS in a body stands within the layer that carries it.
            for inner in layer.iter("proto"):
                if inner is not layer and inner.get("name") == "dns":
                    self.dns(inner)

    def http1(self, layer: Element) -> None:
        if method := _first(layer, "http.request.method"):
            host = host_of(_first(layer, "http.host"))
            self.seen.add("HTTP/1 requests", method, host, target(_first(layer, "http.request.uri")))
        elif status := _first(layer, "http.response.code"):
            self.seen.add("HTTP/1 responses", status)
        else:
            return  # the rest of a message whose beginning is missing
        for body in _bytes(layer, "http.file_data"):
            if body:
                self.seen.add("HTTP/1 bodies", digest(body))

    def http2(self, layer: Element, stream: str, source: str) -> None:
        for frame in (field for field in layer.iter("field") if field.get("name") == "http2.stream"):
            if method := _first(frame, "http2.headers.method"):
                host = host_of(_first(frame, "http2.headers.authority"))
                path = target(_first(frame, "http2.headers.path"))
                self.seen.add("HTTP/2 requests", method, host, path)
            elif status := _first(frame, "http2.headers.status"):
                self.seen.add("HTTP/2 responses", status)
            if _first(frame, "http2.type") == "0":
                name = stream, source, _first(frame, "http2.streamid")
                # The last frame of a body may show the whole of it, joined and decoded, for its own bytes.
                padded = int(_first(frame, "http2.flags.padded") or 0)
                padding = int(_first(frame, "http2.pad_length") or 0) + padded
                own = int(_first(frame, "http2.length")) - padding
                for part in _bytes(frame, "http2.data.data"):
                    self.data[name] = self.data[name] + part if len(part) == own else part

    def quic(self, layer: Element, stream: str, source: str) -> None:
        # Of several packets in a datagram, only the first one has the number.
        number = _first(layer, "quic.connection.number") or self.connections.get(stream, "")
        self.connections[stream] = number
        for frame in (field for field in layer.iter("field") if field.get("name") == "quic.frame"):
            for data in _bytes(frame, "quic.stream_data"):
                offset = int(_first(frame, "quic.stream.offset") or 0)
                name = int(_first(frame, "quic.stream.stream_id"))
                self.streams.add(number, int(source or 0) > 1024, name, offset, data)

    def websocket(self, up: list[bytes], down: list[bytes]) -> None:
        for kind, messages in (("WebSocket up", up), ("WebSocket down", down)):
            for message in messages:
                self.seen.add(kind, digest(message))

    def dns(self, layer: Element) -> None:
        # Answers of multicast DNS (RFC 6762 section 6) repeat no question.
        name, kind = self.asked(layer, "dns.qry") or self.asked(layer, "dns.resp") or ("", "")
        if not kind:
            return
        if _first(layer, "dns.flags.response") == "0":
            self.seen.add("DNS queries", name, kind)
            return
        self.seen.add("DNS answers", name, kind, _first(layer, "dns.flags.rcode"))
        for section in (field for field in layer if field.get("show") == "Answers"):
            for record in section:
                owner = _first(record, "dns.resp.name").lower()
                for address in (*_all(record, "dns.a"), *_all(record, "dns.aaaa")):
                    self.seen.add_once("DNS addresses", self.named(owner, layer), address)

    @staticmethod
    def asked(layer: Element, prefix: str) -> tuple[str, str] | None:
        """The first name and type, of a question or of a record."""
        name = _first(layer, f"{prefix}.name").lower().replace("<root>", "")
        for field in layer.iter("field"):
            if field.get("name") == f"{prefix}.type" and (kind := _TYPE.match(field.get("showname", ""))):
                return name, "ANY" if kind[1] == "*" else kind[1]
        return None

    @staticmethod
    def named(owner: str, layer: Element) -> str:
        """The name that was asked for, where there was a question; else that of the record."""
        return _first(layer, "dns.qry.name").lower() or owner

    def hello(self, layer: Element, stream: str) -> None:
        names = "tls.handshake.extensions_server_name", "gquic.tag.sni"
        for name in (name for field in names for name in _all(layer, field)):
            if (stream, name) not in self.hellos:
                self.hellos.add((stream, name))
                self.seen.add("server names", name.lower())

    def done(self) -> Seen:
        for body in self.data.values():
            if body:
                self.seen.add("HTTP/2 bodies", digest(body))
        for up, said in self.streams.talks():
            self.seen.add("HTTP/3 requests" if up else "HTTP/3 responses", "message")
            if said.body:
                self.seen.add("HTTP/3 bodies", digest(said.body))
        return self.seen
