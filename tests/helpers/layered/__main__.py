"""Measure on many samples: ``python -m tests.helpers.layered [--count 2000] [--seed 7] [--kinds 20]``."""

from __future__ import annotations

import argparse
import time
from collections import Counter

from tests.helpers.layered import KINDS, candidates, samples
from tests.helpers.ranked import is_first
from waakzaam.peel import Opener


def main() -> None:
    """Print how many were found and ranked first, by kind where some were not, and what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kinds", type=int, default=len(KINDS), help="only the first so many kinds")
    options = parser.parse_args()
    keys, listed = candidates(options.seed)
    opener = Opener([(f"constants:{number}", text.encode()) for number, text in enumerate(listed, 1)])
    opener.open(bytes(range(256)))
    made: Counter[str] = Counter()
    found: Counter[str] = Counter()
    first: Counter[str] = Counter()
    took = []
    for sample in samples(options.seed, options.count, keys, options.kinds):
        start = time.process_time()
        opened = opener.open(sample.data)
        took.append(time.process_time() - start)
        made[sample.kind] += 1
        found[sample.kind] += any(leaf.value == sample.canary for leaf in opened.leaves)
        first[sample.kind] += is_first(sample.data, opened, sample.canary)
    for kind, count in made.items():
        if first[kind] < count:
            print(f"{kind}: {found[kind]} found and {first[kind]} first of {count}")
    share = first.total() / made.total()
    print(
        f"{made.total()} samples of {len(made)} kinds, {len(listed)} candidates: {found.total()} found, "
        f"{first.total()} found and first ({share:.2%}); CPU {sum(took) / len(took) * 1e3:.1f} ms each, "
        f"at most {max(took) * 1e3:.0f} ms"
    )


if __name__ == "__main__":
    main()
