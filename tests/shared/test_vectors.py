"""Published wire formats that need no key, read to their plaintext from the body alone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import SHARED
from waakzaam.peel import disguise_of, peel

VECTORS = SHARED.parent / "facts" / "vectors.json"


def scalars(value: Any) -> list[str]:
    """Every scalar of a document as JSON writes it, without quotes; null and "" say nothing."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in scalars(each)]
    if isinstance(value, list):
        return [text for each in value for text in scalars(each)]
    return [] if value in (None, "") else [value if isinstance(value, str) else json.dumps(value)]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "field", "layers"),
    [
        ("sensors", "data_list", ["form", "base64", "gzip", "json"]),
        ("miui_tracks", "value", ["form", "base64", "json"]),
    ],
)
def test_a_vector_is_read_to_its_plaintext(name: str, field: str, layers: list[str]) -> None:
    vector = json.loads(VECTORS.read_text())[name]
    leaves = [
        leaf
        for leaf in peel(vector["body"].encode(), content_type="application/x-www-form-urlencoded").leaves
        if leaf.steps[0] == ("form", field)
    ]
    inner = [leaf for leaf in leaves if [step[0] for step in leaf.steps] == layers]
    assert sorted(leaf.value.decode() for leaf in inner) == sorted(scalars(vector["plain"]))
    assert {disguise_of([step[0] for step in leaf.steps]) for leaf in inner} == {"encoding"}
