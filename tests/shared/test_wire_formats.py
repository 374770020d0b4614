"""The published test vectors of the wire formats, opened from the bytes alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from waakzaam.peel import Opened, Opener, Surroundings, replay

pytestmark = pytest.mark.shared

KEYLESS = {"sensors": "encoding", "miui_tracks": "encoding", "umeng_codex0": "encoding"}
OPENED = {
    "mistat2": "mistat2",
    "mistat3_fc1": "mistat3",
    "bytedance_tc_synthetic": "applog",
    "bytedance_tc_public_sample": "applog",
    "umeng_codex1": "umeng-env",
    "xf_ime": "xf-ime",
}


@pytest.fixture(scope="module")
def vectors(shared: Path) -> dict[str, Any]:
    file = shared.parent / "facts" / "vectors.json"
    if not file.exists():
        pytest.skip("the test vectors of the wire formats are not beside the shared inputs")
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def _scalars(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [each for item in value.values() for each in _scalars(item)]
    if isinstance(value, list):
        return [each for item in value for each in _scalars(item)]
    return [value if isinstance(value, str) else json.dumps(value)]


def _open(vector: dict[str, Any]) -> tuple[bytes, str, Opened]:
    body = bytes.fromhex(vector["body_hex"]) if "body_hex" in vector else vector["body"].encode()
    url = vector.get("url", "")
    form = "body" in vector
    part = "query" if form else "body"
    return body, part, Opener().open(body, part=part, around=Surroundings.of(url))


def _expected(vector: dict[str, Any]) -> list[str]:
    if "plain" in vector:
        return _scalars(vector["plain"])
    if "plain_text" in vector:
        return [vector["plain_text"]]
    return [bytes.fromhex(vector["plain_hex"]).decode()]


@pytest.mark.parametrize("name", [*KEYLESS, *OPENED])
def test_vector_is_opened(vectors: dict[str, Any], name: str) -> None:
    vector = vectors[name]
    body, _, opened = _open(vector)
    values = [leaf.value.decode("utf-8", "replace") for leaf in opened.leaves]
    for value in _expected(vector):
        assert value in values, (name, value)
    places = [
        place
        for place, leaf in enumerate(opened.leaves)
        if _expected(vector)[0] in leaf.value.decode("utf-8", "replace")
    ]
    leaf = opened.leaves[places[-1]]
    assert places[-1] not in opened.closed
    assert opened.disguise(places[-1]) == (KEYLESS.get(name) or "embedded-key")
    if name in OPENED:
        assert dict(opened.formats)[places[-1]].id == OPENED[name]
    assert replay(body, [s[0] for s in leaf.steps], [s[1] for s in leaf.steps])[-1] == leaf.value


def test_every_vector_is_tested(vectors: dict[str, Any]) -> None:
    assert set(vectors) == {*KEYLESS, *OPENED}
