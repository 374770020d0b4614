"""CyberChef's own test cases: how many are opened without being told the recipe, and which are not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.oracles.cyberchef import Case, cases, is_opened
from waakzaam.peel import Opener

pytestmark = pytest.mark.shared

CLOSED = {
    "Parse TLV": 2,  # two values of one letter over and over: nothing in them is readable
    "Protobuf Decode": 1,  # names out of a schema
    "Vigenère Decode": 1,  # capital letters under any key are capital letters
    "XPRESS Decompress": 1,  # 24 bytes that are worth 28 bits; 38 are asked
    "XPRESS LZ77+Huffman Decompress": 1,  # not in the order of bytes that [MS-XCA] describes
}
"""Cases that stay closed; docs/peeling.md says why, kind by kind."""


def test_cases_are_opened_but_for_these(shared: Path) -> None:
    counted, closed, left_out = 0, Counter[str](), Counter[str]()
    for _, case in cases(shared / "peel" / "cyberchef-cases.jsonl"):
        if not isinstance(case, Case):
            left_out[case] += 1
            continue
        counted += 1
        opened = Opener([("key", key.encode()) for key in case.keys]).open(case.data)
        if not is_opened(case, [leaf.value for leaf in opened.leaves]):
            closed[case.operation] += 1
    assert counted == 57
    assert left_out.total() == 567 - counted
    assert dict(closed) == CLOSED
