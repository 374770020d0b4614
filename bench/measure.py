"""Runs one command and measures it: CPU seconds of it and all its children, peak memory, wall time."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

LONG = 10  # CPU seconds
SAMPLE = 0.02  # seconds between two looks at the memory
PAGE = os.sysconf("SC_PAGE_SIZE")
# An installed Python package is compiled once, not in every run.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Measured:
    """One run. CPU is user + system; memory is the largest sum of resident bytes over all its processes."""

    cpu: float  # seconds
    wall: float  # seconds
    memory: int  # bytes
    status: int
    errors: str  # the last line of standard error


def _tree(root: int) -> list[int]:
    """Return the process ids of root and all its living descendants."""
    found, waiting = [], [root]
    while waiting:
        process = waiting.pop()
        found.append(process)
        try:
            for task in Path(f"/proc/{process}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def _highest(process: int) -> int:
    """Return the kernel's own high-water mark, which misses no peak between two samples."""
    try:
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


class _Sampler(threading.Thread):
    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._over = threading.Event()
        self.peak = 0

    def run(self) -> None:
        while not self._over.is_set():
            tree = _tree(self._process)
            self.peak = max(self.peak, sum(map(_resident, tree)), *map(_highest, tree))
            self._over.wait(SAMPLE)

    def stop(self) -> None:
        self._over.set()
        self.join()


def measure(command: Sequence[str], output: Path | None = None) -> Measured:
    """Run `command` once, its output into `output` (default: nowhere)."""
    with (
        (output or Path(os.devnull)).open("wb") as out,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, env=ENVIRONMENT
        ) as process,
    ):
        begin = time.monotonic()
        errors: list[bytes] = []
        assert process.stderr is not None
        reader = threading.Thread(target=lambda pipe: errors.append(pipe.read()), args=(process.stderr,))
        reader.start()
        sampler = _Sampler(process.pid)
        sampler.start()
        # wait4 gives the resources of this child with those of all children that it has itself waited for.
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        sampler.stop()
        reader.join()
    last = b"".join(errors).decode(errors="replace").strip().splitlines()[-1:]
    return Measured(
        cpu=usage.ru_utime + usage.ru_stime,
        wall=wall,
        memory=sampler.peak,
        status=process.returncode,
        errors="".join(last),
    )


def best(command: Sequence[str], runs: int, output: Path | None = None) -> Measured:
    """Run `command` several times and return the one with the least CPU; memory is the largest of all.

    What takes longer than `LONG` is run once.
    """
    measured = [measure(command, output)]
    while len(measured) < runs and measured[0].cpu < LONG:
        measured.append(measure(command, output))
    quickest = min(measured, key=lambda run: run.cpu)
    return Measured(
        cpu=quickest.cpu,
        wall=quickest.wall,
        memory=max(run.memory for run in measured),
        status=max((run.status for run in measured), key=abs),
        errors=quickest.errors,
    )
