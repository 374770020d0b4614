"""waakzaam on samples: ``python peel_ours.py MODE SAMPLES [KEYS]``.

MODE ``values``: one call for each sample, as `waakzaam peel` does, with the keys if there are any; one JSON
line each, as the other tools'. MODE ``batch``: all samples in one call, without keys, ROUNDS times over,
each a new batch; one JSON line.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from waakzaam.peel import Batch, Opened, Opener, readings
from waakzaam.peel.candidates import read_candidates

ROUNDS = 20


def ranked_first(data: bytes, opened: Opened, canary: bytes) -> bool:
    """Whether no other reading on the way to the canary has more evidence than the one followed."""
    chains = [leaf.steps for leaf in opened.leaves if leaf.value == canary]
    if not chains:
        return False
    for group in readings(data, opened):
        on_the_way = any(chain[: len(group[0].steps)] == group[0].steps for chain in chains)
        if on_the_way and any(other.bits > group[0].bits for other in group[1:]):
            return False
    return True


def values(rows: list[dict[str, Any]], keys: Path | None) -> None:
    """One call for each."""
    opener = Opener(read_candidates(keys) if keys else ())
    # What is made once is made before: the models of the solvers.
    opener.open(bytes(range(256)))
    for row in rows:
        data, canary = bytes.fromhex(row["hex"]), row["canary"].encode()
        start = time.process_time()
        opened = opener.open(data)
        cpu = time.process_time() - start
        found = any(leaf.value == canary for leaf in opened.leaves)
        first = ranked_first(data, opened, canary)
        print(json.dumps({"id": row["id"], "opened": found, "first": first, "cpu": cpu}))


def batch(rows: list[dict[str, Any]]) -> None:
    """All in one call."""
    import pyarrow as pa

    column = pa.array([bytes.fromhex(row["hex"]) for row in rows], pa.binary())
    best, leaves = float("inf"), 0
    for _ in range(ROUNDS):
        peeler = Batch()
        start = time.process_time()
        leaves = peeler.peel(column).leaves.num_rows
        best = min(best, time.process_time() - start)
    size = sum(len(row["hex"]) // 2 for row in rows)
    print(
        json.dumps(
            {
                "values": len(rows),
                "bytes_each": round(size / len(rows)),
                "leaves_each": round(leaves / len(rows), 1),
                "microseconds": round(best / len(rows) * 1e6, 2),
            }
        )
    )


def main() -> None:
    """Run."""
    mode, samples = sys.argv[1], Path(sys.argv[2])
    rows = [json.loads(line) for line in samples.read_text().splitlines()]
    if mode == "batch":
        batch(rows)
    else:
        values(rows, Path(sys.argv[3]) if len(sys.argv) > 3 else None)


if __name__ == "__main__":
    main()
