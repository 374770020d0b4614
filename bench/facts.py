"""Loads all facts in a new process, with and without the cache of parsed TOML; gives CPU milliseconds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CODE = """
import resource, sys
def spent():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
start = spent()
from waakzaam.knowledge import load
imported = spent()
base = load()
rows = 0
for subject in sys.argv[1].split():
    found = getattr(base, subject)
    rows += len(found)
print((imported - start) * 1000, (spent() - imported) * 1000, rows)
"""
AUDIT = "sources organisations vendors hosting cases fields search_engines"
REST = (
    "news laws adequacy members brands preinstalled network_cards apps packages wire_formats advice "
    "user_groups requirements market_shares cautions device_signs hosting_networks own_networks anycast"
)


@dataclass(frozen=True)
class Loaded:
    """One way of loading: CPU milliseconds for the import and for reading and checking; rows at the top."""

    what: str
    imported: float
    loaded: float
    rows: int


def measure(folder: Path, runs: int) -> list[Loaded]:
    """Give the best of so many runs; ``folder`` holds the cache."""
    found = []
    for what, subjects, cached in (
        ("what an audit uses", AUDIT, True),
        ("everything", f"{AUDIT} {REST}", True),
        ("everything, first run (no cache yet)", f"{AUDIT} {REST}", False),
    ):
        tried = [_once(folder / "facts-cache", subjects, cached) for _ in range(max(runs, 2) + 1)]
        imported, loaded, rows = min(tried[1:], key=lambda one: one[1])  # the first fills the caches
        found.append(Loaded(what, imported, loaded, int(rows)))
    return found


def _once(cache: Path, subjects: str, cached: bool) -> tuple[float, float, float]:
    if not cached:
        shutil.rmtree(cache, ignore_errors=True)
    ran = subprocess.run(
        [sys.executable, "-c", CODE, subjects],
        env=os.environ | {"XDG_CACHE_HOME": str(cache.absolute())},
        capture_output=True,
        check=True,
        text=True,
    )
    imported, loaded, rows = map(float, ran.stdout.split())
    return imported, loaded, rows
