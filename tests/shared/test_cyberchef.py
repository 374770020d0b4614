"""CyberChef's own test cases: how many are opened without being told the recipe, and which are not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.oracles.cyberchef import Case, cases, is_opened
from waakzaam.peel import Opener

pytestmark = pytest.mark.shared

CLOSED = {
    "AES Decrypt": 2,  # GCM with its tag elsewhere, and a vector of another length than twelve bytes
    "Avro to JSON": 1,
    "CipherSaber2 Decrypt": 1,
    "Fernet Decrypt": 1,
    "Flask Session Decode": 1,
    "From Base62": 1,
    "LZNT1 Decompress": 1,
    "PHP Deserialize": 2,
    "Parse TLV": 7,  # which bytes are a length is an argument of the recipe
    "Protobuf Decode": 1,  # names out of a schema
    "Rison Decode": 1,
    "Vigenère Decode": 1,  # capital letters under any key are capital letters
    "XPRESS Decompress": 5,
    "XPRESS LZ77+Huffman Decompress": 1,
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
