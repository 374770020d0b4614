"""What a person sees who reads a large capture at a terminal: progress, the first sighting, Ctrl-C."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import sys
import time
from dataclasses import dataclass
from pathlib import Path

LEFT = re.compile(rb"(\d+)% +(\d+) s left")
FIRST = b"first seen after"
SEEN = re.compile(rb"__utma=\d+\.(\d{8,})")
"""A number by which a site knows a browser, in the looped captures; every copy has it."""
INTERRUPT = b"\x03"
STOPPED_AFTER = 1.5
"""Seconds until Ctrl-C: much less than reading takes."""


@dataclass(frozen=True)
class Watched:
    """One run at a terminal. Times are seconds of the clock since it began; None: it did not come."""

    progress: float | None  # the first line with a time left
    off: float | None  # how wrong the time left was after a quarter of the file, as a share of the whole time
    first: float | None  # the first sighting
    ended: float
    code: int
    read: int  # bytes
    messages: int
    findings: int


def value_in(corpus: Path) -> str:
    """Return a value that the capture holds.

    Raises:
        LookupError: there is none.
    """
    with corpus.open("rb") as file:
        while piece := file.read(1 << 22):
            if found := SEEN.search(piece):
                return found.group(1).decode()
    raise LookupError(f"{corpus}: no value to look for")


def watch(corpus: Path, folder: Path, stop_after: float | None) -> Watched:
    """Audit a capture at a terminal; press Ctrl-C after so many seconds."""
    report = folder / "large.json"
    report.unlink(missing_ok=True)  # of an earlier run
    command = [sys.executable, "-m", "waakzaam", "audit", str(corpus)]
    command += ["--known", f"device-id/other={value_in(corpus)}"]
    command += ["--json", str(report), "--case", str(folder / "large.duckdb")]
    began = time.monotonic()
    process, terminal = pty.fork()
    if process == 0:
        os.execv(command[0], command)
    progress = first = None
    told: list[tuple[float, int, int]] = []
    waits = stop_after is not None
    while True:
        now = time.monotonic() - began
        if waits and stop_after is not None and now >= stop_after:
            os.write(terminal, INTERRUPT)
            waits = False
        if not select.select([terminal], [], [], 0.05)[0]:
            continue
        try:
            shown = os.read(terminal, 1 << 16)
        except OSError:  # how a terminal ends on Linux
            break
        now = time.monotonic() - began
        if FIRST in shown and first is None:
            first = now
        for share, left in LEFT.findall(shown):
            progress = now if progress is None else progress
            told.append((now, int(share), int(left)))
    _, status = os.waitpid(process, 0)
    ended = time.monotonic() - began
    written = json.loads(report.read_text())
    problems = written["evidence"][0]["problems"]
    stopped = [each["place"] for each in problems if each["code"] == "stopped"]
    read_until = told[-1][0] if told else ended
    quarter = next((each for each in told if each[1] >= 25), None)
    return Watched(
        progress=progress,
        off=abs(quarter[0] + quarter[2] - read_until) / read_until if quarter else None,
        first=first,
        ended=ended,
        code=os.waitstatus_to_exitcode(status),
        read=int(re.sub(r"\D", "", stopped[0])) if stopped else corpus.stat().st_size,
        messages=written["coverage"]["messages"],
        findings=len(written["findings"]),
    )


def told(corpus: Path, folder: Path) -> str:
    """Measure it, and say it in a paragraph."""
    whole, stopped = watch(corpus, folder, None), watch(corpus, folder, STOPPED_AFTER)
    size = corpus.stat().st_size
    if whole.progress is None or whole.first is None or whole.off is None or stopped.read >= size:
        return f"At a terminal {corpus.name} did not show what it should: {whole}, {stopped}."
    return (
        f"Audit of {corpus.name} ({size / 1e6:,.0f} MB) at a terminal: the first line with the time "
        f"left after {whole.progress:.1f} s, the first sighting of a known value after {whole.first:.1f} s, "
        f"all after {whole.ended:.0f} s; after a quarter of the file the time left was {whole.off:.0%} of "
        f"the reading time off. Ctrl-C after {STOPPED_AFTER} s: ended with {stopped.code} after "
        f"{stopped.ended:.1f} s, with a report on the {stopped.read / 1e6:,.0f} MB and {stopped.messages:,} "
        f"messages read until then ({stopped.findings} findings; all: {whole.messages:,} messages, "
        f"{whole.findings} findings)."
    )
