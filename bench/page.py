"""The page ``docs/benchmarks.md``: tables of what was measured, and nothing else."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import commands
from facts import Loaded
from measure import LONG, Measured

MB = 10**6

ABOUT = """\
# Benchmarks

Written by `make bench`; do not edit. All figures of one table come from one run on the same files.
"""
MEASURED = """\
- CPU is user + system time of a tool with all its processes. Memory is the largest sum of resident memory
  over its processes, which counts pages that two of them share twice. MB is 10⁶ bytes.
- Wall time depends on what else the machine does; compare CPU seconds.
"""
PACKETS = """\
`phone` and `clear` are real captures looped; each copy has its own addresses and times, so that no flow is
the same as one of another copy. tshark prints a line for every packet unless it is told to print only HTTP
and DNS; both are measured, and both settings of its reassembly.
"""
TLS = """\
`h2` loops captures of TLS 1.2 and 1.3 with AEAD suites, HTTP/1 and HTTP/2; `tls` adds one with every old
suite. The keys of all sessions are given to both sides. Copies share the random values of their handshakes,
so a tool may derive keys once; each copy has its own addresses and times. `h2-10` carries its keys inside;
the converters to HAR hold everything in memory and are measured on it only.
"""
HARS = """\
`app` loops a first run of an Android app, `browser` recordings of three browsers. Each copy has its own times
and ids; only the eight values of `bench/phone.toml`, which both sides look for, stay the same. TrackHAR
decodes with the adapters it has and looks for the values (plain, base64, URL-encoded) where no adapter fits.
waakzaam looks for all forms, digests included, in all layers.
"""
FACTS = """\
Every run is a new process. Parsed TOML is kept in the user's cache folder, named after its SHA-256; without
it TOML is parsed again, which happens once after each change.
"""


@dataclass(frozen=True)
class Row:
    """One tool on one corpus."""

    corpus: str
    tool: str
    measured: Measured
    size: int  # bytes of the corpus
    items: int | None  # entries of a HAR
    said: str  # the last line of output

    @property
    def done(self) -> bool:
        """Whether the tool ended as it should: 1 is our exit code for findings."""
        return self.measured.status == 0 or (self.measured.status == 1 and not self.measured.errors)

    @property
    def trouble(self) -> str:
        """Why it did not."""
        return f"failed ({self.measured.status}): {self.measured.errors[:120]}"


def machine() -> str:
    """Day, processor, memory, system."""
    name = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {name}, {os.cpu_count()} cores, {memory:.0f} GiB; {system}"


def ours() -> str:
    """Versions of waakzaam and Python."""
    try:
        version = metadata.version("waakzaam")
    except metadata.PackageNotFoundError:
        version = "not installed"
    return f"waakzaam {version}, Python {platform.python_version()}"


def table(head: list[str], lines: list[list[str]]) -> list[str]:
    """Return a table in Markdown: words in the first two columns, numbers in the others."""
    rule = ["---"] * 2 + ["---:"] * (len(head) - 2)
    return ["| " + " | ".join(cells) + " |" for cells in (head, rule, *lines)]


def _compared(rows: list[Row]) -> list[str]:
    """Return the table of one kind of job: entries per second where entries were counted, MB otherwise."""
    unit = "entries" if any(row.items is not None for row in rows) else "MB"
    lines = []
    for row in rows:
        if not row.done:
            lines.append([row.corpus, row.tool, row.trouble, "", "", "", ""])
            continue
        own = next((r for r in rows if r.corpus == row.corpus and r.tool == "waakzaam" and r.done), None)
        cpu = row.measured.cpu
        lines.append(
            [
                row.corpus,
                row.tool,
                f"{cpu:.2f}",
                f"{row.measured.wall:.2f}",
                f"{(row.size / MB if row.items is None else row.items) / cpu:,.1f}",
                f"{row.measured.memory / MB:.0f}",
                "" if own is None or row.tool.startswith("waakzaam") else f"{cpu / own.measured.cpu:.1f}",
            ]
        )
    head = ["corpus", "tool", "CPU s", "wall s", f"{unit} per CPU s", "memory MB", "waakzaam is × quicker"]
    return table(head, lines)


def _stream(rows: list[Row]) -> list[str]:
    lines = [
        [
            row.corpus,
            f"{row.size / MB:.0f}",
            f"{row.measured.cpu:.2f}",
            f"{row.size / MB / row.measured.cpu:.0f}",
            f"{row.measured.memory / MB:.0f}",
        ]
        if row.done
        else [row.corpus, f"{row.size / MB:.0f}", row.trouble, "", ""]
        for row in rows
    ]
    return table(["corpus", "MB", "CPU s", "MB per CPU s", "memory MB"], lines)


def _command(command: list[str]) -> str:
    return " ".join(["python", *command[1:]] if command[0] == sys.executable else command)


def _said(row: Row) -> str:
    return f"- {row.corpus}, {row.tool}, its last line: `{row.said[:160]}`"


def _loaded(loaded: list[Loaded]) -> list[str]:
    lines = [[one.what, f"{one.rows}", f"{one.imported:.0f}", f"{one.loaded:.0f}"] for one in loaded]
    return table(["facts", "rows", "import, CPU ms", "read and checked, CPU ms"], lines)


def write_page(
    rows: list[Row], notes: list[str], versions: dict[str, str], runs: int, loaded: list[Loaded]
) -> str:
    """Return the page."""
    stream = [row for row in rows if row.tool == "waakzaam, memory"]
    har = [row for row in rows if row.items is not None]
    tls = [row for row in rows if row.corpus.startswith(("h2-", "tls-")) and row not in stream]
    packets = [row for row in rows if row not in stream and row not in har and row not in tls]
    others = "".join(f", {name} {version}" for name, version in sorted(versions.items()))
    out = [
        ABOUT,
        f"- {machine()}",
        f"- {ours()}{others}",
        f"- Best of {runs}; what takes more than {LONG} CPU seconds is run once.",
        MEASURED,
    ]
    if packets:
        out += ["## Capture to messages", "", *_compared(packets), "", PACKETS]
        out += [_said(row) for row in packets if row.said.startswith("{")] + [""]
    if tls:
        out += ["## Encrypted capture to messages", "", *_compared(tls), "", TLS]
        out += [_said(row) for row in tls if row.said.startswith("{")] + [""]
    if stream:
        out += ["## Cost and memory as the capture grows", "", *_stream(stream), ""]
    if har:
        out += ["## HAR to findings", "", *_compared(har), "", HARS]
        out += [_said(row) for row in har if row.said.startswith("{")] + [""]
    if loaded:
        out += ["## Facts", "", *_loaded(loaded), "", FACTS]
    out += ["## Commands", "", "```"]
    out += [
        _command(command)
        for command in (commands.OURS_CAPTURE, commands.OURS_LINES, commands.OURS_TLS, commands.OURS_HAR)
    ]
    peers = (
        *commands.TSHARK.values(),
        *commands.TSHARK_TLS.values(),
        *commands.CONVERTERS.values(),
        commands.TRACKHAR,
    )
    out += [_command(command) for command in peers]
    out += ["```", ""]
    if notes:
        out += ["## Notes", "", *(f"- {note}" for note in notes), ""]
    return "\n".join(out)
