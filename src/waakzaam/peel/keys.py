"""How a key that opened a value is shown, and what it says of the disguise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.sources.evidence import Evidence

OF_THE_DEVICE = frozenset({"device", "beside it"})
"""Sources of keys that are values of the device, or may be: shown like other values of it."""
SHOWN = 4
"""Digits of such a key that are shown at each end."""
_KEY = re.compile(r"(?<![a-z])(key|iv|counter)=([0-9a-f]+)")


@dataclass
class Marks:
    """What the proofs say about the keys in one path. ``hidden``: steps whose key is not shown."""

    logged: bool = False
    hidden: set[int] = field(default_factory=set)


def marks_of(evidence: Evidence) -> dict[int, Marks]:
    """Marks by path, for paths in which a key stands that was logged, or is a value of the device."""
    proofs = evidence.table("proofs")
    special = pc.is_in(proofs["source"], pa.array(("logged", *OF_THE_DEVICE), pa.string()))
    proofs = proofs.filter(special)
    if not len(proofs):
        return {}
    by_content: dict[int, list[tuple[int, str]]] = {}
    for row in proofs.select(["content", "step", "source"]).to_pylist():
        by_content.setdefault(row["content"], []).append((row["step"], row["source"]))
    found: dict[int, Marks] = {}
    for batch in evidence.tables["leaves"].batches():
        rows = batch.filter(pc.is_in(batch["content"], pc.unique(proofs["content"])))
        for row in rows.to_pylist():
            marks = found.setdefault(row["path"], Marks())
            for step, source in by_content[row["content"]]:
                if source == "logged":
                    marks.logged = True
                else:
                    marks.hidden.add(step)
    return found


def marks(proofs: Iterable[Mapping[str, Any]]) -> Marks:
    """Marks of one chain, from its rows of table ``proofs``."""
    found = Marks()
    for proof in proofs:
        found.logged |= proof["source"] == "logged"
        if proof["source"] in OF_THE_DEVICE:
            found.hidden.add(proof["step"])
    return found


def masked(selectors: Sequence[str], marks: Marks) -> list[str]:
    """Selectors of a path with the middle of keys left out that are not shown."""

    def shortened(match: re.Match[str]) -> str:
        digits = match[2]
        if not digits.strip("0"):
            return match[0]
        cut = f"{digits[:SHOWN]}…{digits[-SHOWN:]}" if len(digits) > 4 * SHOWN else "…"
        return f"{match[1]}={cut}"

    return [
        _KEY.sub(shortened, selector) if step in marks.hidden else selector
        for step, selector in enumerate(selectors)
    ]
