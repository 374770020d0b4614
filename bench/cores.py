"""How many processors are busy while an audit reads: one capture of many connections, and several files."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CODE = """
import resource, sys, time
from pathlib import Path
from waakzaam.sources.jail import Job
from waakzaam.sources.together import read_all

keys, *captures = (Path(each) for each in sys.argv[1:])
began = time.monotonic()
evidence = read_all(captures, Job(keys=(keys,)))
wall = time.monotonic() - began
who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
cpu = sum(use.ru_utime + use.ru_stime for use in map(resource.getrusage, who))
print(cpu, wall, sum(each.table("connections").num_rows for each in evidence))
"""


@dataclass(frozen=True)
class Read:
    """One reading: seconds of processors and of the clock, connections read."""

    cpu: float
    wall: float
    connections: int

    def __str__(self) -> str:
        """Say it in a clause."""
        return (
            f"{self.connections:,} connections, {self.cpu:.2f} CPU s in {self.wall:.2f} s: "
            f"{self.cpu / self.wall:.2f} processors busy"
        )


def read(captures: list[Path], keys: Path, runs: int) -> Read:
    """Read captures as an audit does; the run that took the least time counts."""
    command = [sys.executable, "-c", CODE, str(keys), *map(str, captures)]
    found = []
    for _ in range(runs):
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        found.append(Read(float(out[0]), float(out[1]), int(out[2])))
    return min(found, key=lambda each: each.wall)


def told(large: Path, small: Path, keys: Path, runs: int) -> str:
    """Measure both, and say it in a paragraph."""
    processors = len(os.sched_getaffinity(0))
    several = [small] * (2 * processors)
    return (
        f"Reading for an audit on {processors} processors. One capture ({large.name}): "
        f"{read([large], keys, runs)}. {len(several)} files at the same time (each {small.name}): "
        f"{read(several, keys, runs)}."
    )
