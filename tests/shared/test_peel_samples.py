"""Layered samples: what is inside is found and ranked first; what holds nothing stays closed."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.ranked import is_first
from waakzaam.peel import Opener, replay
from waakzaam.peel.candidates import read_candidates

pytestmark = pytest.mark.shared

LEAST = 98
SLOWEST = 0.05
"""CPU seconds of a sample."""


def _rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.fixture(scope="module")
def opener(shared: Path) -> Opener:
    made = Opener(read_candidates(shared / "peel" / "keys.txt"))
    # Makes the models of the solvers, which is done once.
    made.open(bytes(range(256)))
    return made


def test_the_innermost_value_is_found_and_ranked_first(shared: Path, opener: Opener) -> None:
    missed, slow = [], []
    rows = _rows(shared / "peel" / "samples.jsonl")
    assert len(rows) == 100
    for row in rows:
        data, canary = bytes.fromhex(row["hex"]), row["canary"].encode()
        start = time.process_time()
        opened = opener.open(data)
        if time.process_time() - start > SLOWEST:
            slow.append(row["id"])
        if not is_first(data, opened, canary):
            missed.append(row["id"])
            continue
        leaf = next(leaf for leaf in opened.leaves if leaf.value == canary)
        steps = [layer for layer, _ in leaf.steps], [selector for _, selector in leaf.steps]
        assert replay(data, *steps)[-1] == canary
    assert len(rows) - len(missed) >= LEAST, missed
    assert not slow


def test_nothing_is_opened_in_what_holds_nothing(shared: Path, opener: Opener) -> None:
    rows = _rows(shared / "peel" / "negatives.jsonl")
    assert len(rows) == 280
    opened = []
    for row in rows:
        data = bytes.fromhex(row["hex"])
        found = opener.open(data)
        if [leaf.value for leaf in found.leaves] != [data] or found.leaves[0].steps:
            opened.append((row["cat"], data[:40], found.leaves[0].path("value")))
    assert opened == []
