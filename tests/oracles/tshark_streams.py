"""What tshark 4 sees of HTTP/2 and WebSocket in a capture, and waakzaam beside it.

tshark knows HTTP/2 in the clear only on ports it is told of: they are taken from our own connections, so
that a connection we do not recognise is one that neither shows. Run as a script, it prints a table:
``python -m tests.oracles.tshark_streams FILE…``
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from waakzaam.sources.evidence import read_evidence
from waakzaam.sources.jail import Job

AGGREGATOR = "\x1f"
DATA, PADDED = 0, 8


@dataclass
class Streams:
    """Requests as (method, path, authority), responses as status codes, bodies as (direction, hash)."""

    requests: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    responses: Counter[str] = field(default_factory=Counter)
    bodies: Counter[tuple[str, str]] = field(default_factory=Counter)
    websocket: Counter[tuple[str, str]] = field(default_factory=Counter)


def digest(data: bytes) -> str:
    """A short name for a body."""
    return hashlib.sha256(data).hexdigest()[:16]


def fields(
    path: Path, wanted: list[str], filtered: str, *, reorder: bool, ports: set[int]
) -> list[list[list[str]]]:
    """The values of some fields, per packet that passes the filter and per field."""
    command = ["tshark", "-r", str(path), "-n", "-Y", filtered, "-T", "fields"]
    command += ["-E", "separator=\t", "-E", "occurrence=a", "-E", f"aggregator={AGGREGATOR}"]
    command += ["-o", f"tcp.reassemble_out_of_order:{'TRUE' if reorder else 'FALSE'}"]
    for port in sorted(ports):
        command += ["-d", f"tcp.port=={port},http2"]
    for name in wanted:
        command += ["-e", name]
    text = subprocess.run(command, capture_output=True, check=False, timeout=300).stdout
    rows = [line.split("\t") for line in text.decode("utf-8", "replace").splitlines()]
    return [[cell.split(AGGREGATOR) if cell else [] for cell in row] for row in rows]


def by_tshark(path: Path, *, reorder: bool, ports: set[int]) -> Streams:
    """HTTP/2 and WebSocket as tshark reads them."""
    seen = Streams()
    bodies: dict[tuple[str, str, str], bytes] = defaultdict(bytes)
    wanted = ["tcp.stream", "tcp.srcport", "http2.streamid", "http2.type", "http2.length", "http2.flags"]
    wanted += ["http2.data.data", "http2.headers.method", "http2.headers.path"]
    wanted += ["http2.headers.authority", "http2.headers.status"]
    for row in fields(path, wanted, "http2", reorder=reorder, ports=ports):
        stream, port, ids, types, lengths, flags, data, methods, paths, hosts, codes = row
        seen.requests.update(zip(methods, paths, hosts, strict=False))
        seen.responses.update(codes)
        payloads = iter(data)
        frames = zip(ids, types, lengths, flags, strict=False)
        for number, kind, length, _ in ((i, int(t), int(n), f) for i, t, n, f in frames):
            if kind == DATA and length:
                bodies[stream[0], port[0], number] += bytes.fromhex(next(payloads, "").replace(":", ""))
    for (_, port_name, _), body in bodies.items():
        seen.bodies["down" if int(port_name) in ports else "up", digest(body)] += 1
    return seen


def by_waakzaam(path: Path) -> tuple[Streams, set[int]]:
    """The same question to waakzaam, and the server ports of HTTP/2 in the clear."""
    tables = read_evidence(1, path, Job(bodies=True, peel=False))
    seen = Streams()
    for row in tables.table("messages").to_pylist():
        body = row["body"] or b""
        if row["protocol"] == "websocket":
            seen.websocket[row["direction"], digest(body)] += 1
        if row["protocol"] != "http/2":
            continue
        if row["direction"] == "up":
            _, _, rest = (row["url"] or "").partition("://")
            authority, slash, path_text = rest.partition("/")
            seen.requests[row["method"] or "", slash + path_text, authority] += 1
        elif row["status"] is not None:
            seen.responses[str(row["status"])] += 1
        if body:
            seen.bodies[row["direction"], digest(body)] += 1
    rows = tables.table("connections").to_pylist()
    ports = {row["server_port"] for row in rows if row["application"] == "http2"}
    return seen, ports


def main(paths: list[str]) -> None:
    """Print one line per capture."""
    print("| file | tshark, with and without reordering | waakzaam | only tshark | only waakzaam |")
    print("| --- | --- | --- | --- | --- |")
    for name in paths:
        path = Path(name)
        ours, ports = by_waakzaam(path)
        both = [by_tshark(path, reorder=reorder, ports=ports) for reorder in (True, False)]
        counts = "; ".join(f"{s.requests.total()} + {s.responses.total()}" for s in both)
        own = f"{ours.requests.total()} + {ours.responses.total()}, {ours.websocket.total()} WebSocket"
        best = both[0]
        missing = [*(best.requests - ours.requests), *(best.responses - ours.responses)]
        missing += [*(best.bodies - ours.bodies)]
        more = [*(ours.requests - best.requests), *(ours.responses - best.responses)]
        more += [*(ours.bodies - best.bodies)]
        print(f"| {path.parent.name}/{path.name} | {counts} | {own} | {missing or '–'} | {more or '–'} |")


if __name__ == "__main__":
    main(sys.argv[1:])
