"""The published test vectors of the wire formats, each as a request in a HAR, through a whole audit."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.hostile import entry, har
from waakzaam.audit import audit
from waakzaam.explain import explain
from waakzaam.seek.known import DECLARED

pytestmark = pytest.mark.shared

FORM = "application/x-www-form-urlencoded"
BINARY = "application/octet-stream"
# Vector → a value that is inside, the disguise, the layers, and the known format whose key it was.
INSIDE = {
    "sensors": ("encoding", ["form", "base64", "gzip", "json"], None),
    "miui_tracks": ("encoding", ["form", "base64", "json"], None),
    "umeng_codex0": ("encoding", ["thrift", "zlib", "json"], None),
    "mistat2": ("embedded-key", ["form", "hex", "aes-128-cbc", "json"], "mistat2"),
    "mistat3_fc1": ("embedded-key", ["form", "base64", "aes-128-cbc", "gzip", "json"], "mistat3"),
    "bytedance_tc_synthetic": ("embedded-key", ["aes-128-cbc", "gzip", "json"], "applog"),
    "bytedance_tc_public_sample": ("embedded-key", ["aes-128-cbc"], "applog"),
    "umeng_codex1": ("embedded-key", ["aes-128-cbc", "zlib", "json"], "umeng-env"),
    "xf_ime": ("embedded-key", ["des-ecb"], "xf-ime"),
}
URLS = {"bytedance_tc_public_sample": "https://log.example/service/2/app_log/"}


@pytest.fixture(scope="module")
def vectors(shared: Path) -> dict[str, Any]:
    file = shared.parent / "facts" / "vectors.json"
    if not file.exists():
        pytest.skip("the test vectors of the wire formats are not beside the shared inputs")
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def _request(name: str, vector: dict[str, Any]) -> dict[str, Any]:
    url = vector.get("url") or URLS[name]
    if "body" in vector:
        return entry(url, vector["body"], FORM)
    sent = entry(url, "", vector.get("content_type", BINARY))
    data = bytes.fromhex(vector["body_hex"])
    sent["request"]["postData"] |= {"text": base64.b64encode(data).decode(), "encoding": "base64"}
    return sent


def _longest(value: Any) -> str:
    """The longest text in a plaintext: what is sought."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return max((_longest(each) for each in inner), key=len, default="")
    return value if isinstance(value, str) else json.dumps(value)


def _sought(vector: dict[str, Any]) -> str:
    if "plain" in vector:
        return _longest(vector["plain"])
    return vector.get("plain_text") or bytes.fromhex(vector["plain_hex"])[2:].decode()


@pytest.mark.parametrize("name", INSIDE)
def test_vector_is_found_in_an_audit(vectors: dict[str, Any], name: str, tmp_path: Path) -> None:
    vector = vectors[name]
    disguise, layers, known = INSIDE[name]
    path = tmp_path / "vector.har"
    path.write_text(har(_request(name, vector)))
    value = _sought(vector)
    result = audit([path], known=[("device-id/other", value)])
    sought = [row for row in result.tables["sightings"].to_pylist() if row["basis"] == DECLARED]
    found = [row for row in sought if row["layers"] == layers]
    assert found, (value, [row["path"] for row in sought])
    assert {row["disguise"] for row in found} == {disguise}
    again = explain(found, result.tables["evidence"], proofs=result.tables["proofs"])
    assert {each.match.decode() for each in again} == {value}
    proofs = [proof for each in again for proof in each.proofs]
    assert {proof["format"] for proof in proofs} == ({known} if known else set())
    rules = {row["rule"] for row in result.tables["findings"].to_pylist()}
    assert ("embedded-key" in rules) == (disguise == "embedded-key")


def test_every_vector_is_tested(vectors: dict[str, Any]) -> None:
    assert set(vectors) == set(INSIDE)
