"""Memory: what one more row of each kind may cost the process that has the tables."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.helpers import many

MEASURE = """
import resource, sys
from pathlib import Path
from waakzaam import case, spill
from waakzaam.audit import audit
from waakzaam.report.compose import compose
from waakzaam.report.json import write_json
from waakzaam.report.terminal import render_terminal
from waakzaam.report.text import Text

spill.HELD_BYTES = spill.PASSED_BYTES = 4 << 20  # what is kept for speed is not the question here
result = audit([Path(sys.argv[1])], known=[("device-id/android-id", sys.argv[2])])
report = compose(result)
case.save(result, Path(sys.argv[3]))
with open(sys.argv[4], "w") as out:
    write_json(report, out)
render_terminal(report, Text("en"))
print(len(result.tables[sys.argv[5]]), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
FEW, MORE = 10_000, 60_000


def _measure(make: Callable[[Path, int], None], count: int, table: str, folder: Path) -> int:
    """Kibibytes at the highest moment, of the parent alone."""
    evidence = folder / "evidence"
    make(evidence, count)
    paths = [evidence, many.VALUE, folder / "case.arrow", os.devnull, table]
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE, *map(str, paths)], capture_output=True, text=True, check=True
    )
    rows, peak = map(int, ran.stdout.split())
    assert rows >= count
    return peak


@pytest.mark.slow
@pytest.mark.parametrize(
    ("make", "table", "most"),
    [
        (many.lookups, "connections", 1500),
        (many.sightings, "sightings", 950),
        (many.hosts, "recipients", 1900),
    ],
)
def test_a_row_costs_little(make: Callable[[Path, int], None], table: str, most: int, tmp_path: Path) -> None:
    few = _measure(make, FEW, table, tmp_path)
    more = _measure(make, MORE, table, tmp_path)
    # Bytes of memory per row, both directions of an exchange included.
    assert (more - few) * 1024 / (MORE - FEW) < most
