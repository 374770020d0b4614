"""What tshark 4 sees of HTTP/1 and DNS in a capture, with both of its reassembly settings.

Neither setting is right for every file: without reordering, messages of out-of-order segments are lost;
with it, responses after a gap are lost. The better one, per file and direction, is the oracle.

Run as a script, it prints the comparison as a table: ``python -m tests.oracles.tshark FOLDER…``
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from waakzaam.sources.evidence import read_evidence
from waakzaam.sources.jail import Job

SEPARATOR, AGGREGATOR = "\t", "\x1f"
FIELDS = ("http.request.method", "http.request.uri", "http.response.code")


@dataclass(frozen=True)
class Seen:
    """Requests as (method, target) and responses as status codes, each with how often."""

    requests: Counter[tuple[str, str]]
    responses: Counter[int]

    @property
    def counts(self) -> tuple[int, int]:
        """Number of requests and of responses."""
        return self.requests.total(), self.responses.total()


def by_tshark(path: Path, *, reorder: bool) -> Seen:
    """HTTP/1 over TCP as tshark reads it."""
    command = ["tshark", "-r", str(path), "-n", "-Y", "http && tcp", "-T", "fields"]
    command += ["-E", f"separator={SEPARATOR}", "-E", "occurrence=a", "-E", f"aggregator={AGGREGATOR}"]
    command += ["-o", f"tcp.reassemble_out_of_order:{'TRUE' if reorder else 'FALSE'}"]
    for field in FIELDS:
        command += ["-e", field]
    text = subprocess.run(command, capture_output=True, check=False, timeout=300).stdout.decode(
        "utf-8", "replace"
    )
    requests: Counter[tuple[str, str]] = Counter()
    responses: Counter[int] = Counter()
    for line in text.splitlines():
        methods, targets, codes = (
            column.split(AGGREGATOR) if column else [] for column in line.split(SEPARATOR)
        )
        requests.update(zip(methods, targets, strict=False))
        responses.update(int(code) for code in codes)
    return Seen(requests, responses)


def better(path: Path) -> Seen:
    """The better of tshark's two settings: more requests, and more responses, each on its own."""
    plain, reordered = by_tshark(path, reorder=False), by_tshark(path, reorder=True)
    return Seen(
        max(plain.requests, reordered.requests, key=Counter.total),
        max(plain.responses, reordered.responses, key=Counter.total),
    )


def by_waakzaam(path: Path) -> Seen:
    """The same question to waakzaam. Targets are compared as tshark prints them: as in the request line."""
    table = read_evidence(1, path, Job(peel=False)).table("messages")
    requests: Counter[tuple[str, str]] = Counter()
    responses: Counter[int] = Counter()
    columns = ["protocol", "direction", "method", "url", "status"]
    for protocol, direction, method, url, status in zip(
        *(table[name].to_pylist() for name in columns), strict=True
    ):
        if not protocol.startswith("http/"):
            continue
        if direction == "up":
            requests[method or "", target(url)] += 1
        else:
            responses[status] += 1
    return Seen(requests, responses)


def target(url: str | None) -> str:
    """The request target in origin form (RFC 9112 section 3.2.1); other forms are cut alike on both sides."""
    text = url or ""
    scheme, separator, rest = text.partition("://")
    if separator and scheme.isalpha():
        slash = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=-1)
        return rest[slash:] if slash >= 0 else "/"
    return "/" if text == "*" or not text.startswith("/") else text


def lost(oracle: Seen, ours: Seen) -> tuple[Counter[tuple[str, str]], Counter[int]]:
    """What the oracle has and we have not."""
    wanted = Counter({(method, target(uri)): count for (method, uri), count in oracle.requests.items()})
    return wanted - ours.requests, oracle.responses - ours.responses


def main(folders: list[str]) -> None:
    """Print one line per capture with HTTP: tshark without and with reordering, waakzaam, what is lost."""
    print(
        "| file | tshark | tshark, reordering | waakzaam | lost by waakzaam |\n"
        "| --- | --- | --- | --- | --- |"
    )
    for folder in folders:
        for path in sorted(Path(folder).iterdir()):
            if path.suffix not in (".pcap", ".pcapng", ".gz"):
                continue
            plain, reordered, ours = (
                by_tshark(path, reorder=False),
                by_tshark(path, reorder=True),
                by_waakzaam(path),
            )
            if not any((*plain.counts, *reordered.counts, *ours.counts)):
                continue
            requests, responses = lost(better(path), ours)
            counts = " | ".join(f"{seen.counts[0]} + {seen.counts[1]}" for seen in (plain, reordered, ours))
            missing = [f"{method} {uri[:60]}" for method, uri in requests] + [
                str(code) for code in responses.elements()
            ]
            print(f"| {path.parent.name}/{path.name} | {counts} | {'; '.join(missing[:6]) or '–'} |")


if __name__ == "__main__":
    main(sys.argv[1:])
