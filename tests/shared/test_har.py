"""HARs in the wild against an independent reader, and damage of every kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.oracles.har import entries
from waakzaam.sources.evidence import Evidence, read_evidence
from waakzaam.sources.jail import Job

HARS = sorted([*(SHARED / "flows").rglob("*.har"), *(SHARED / "flows").rglob("*.zhar")])
BROKEN = {"brokenfile.har"}


def read(path: Path, **job: bool) -> Evidence:
    return read_evidence(1, path, Job(peel=False, **job))


@pytest.mark.shared
@pytest.mark.parametrize("path", HARS, ids=[path.name for path in HARS])
def test_every_entry_is_read_as_the_oracle_reads_it(path: Path) -> None:
    evidence = read(path, bodies=True)
    if path.name in BROKEN:
        assert evidence.status == "failed"
        return
    rows = [row for row in evidence.table("messages").to_pylist() if row["protocol"] != "websocket"]
    sent = {row["message"]: row for row in rows if row["direction"] == "up"}
    answered = {row["answers"]: row["status"] for row in rows if row["direction"] == "down"}
    wanted = entries(path)
    assert [(row["method"], row["url"]) for row in sent.values()] == [
        (each.method, each.url) for each in wanted
    ]
    for row, each in zip(sent.values(), wanted, strict=True):
        if each.body:
            assert row["body"] in (each.body, as_bytes(each.body))
        if each.status > 0:
            assert answered[row["message"]] == each.status


def as_bytes(body: bytes) -> bytes | None:
    """A binary body that its writer read as Latin-1: one byte for each character."""
    try:
        return body.decode().encode("latin-1")
    except UnicodeError:
        return None


@pytest.mark.shared
@pytest.mark.slow
def test_a_truncated_har_keeps_what_came_before(shared: Path, tmp_path: Path) -> None:
    data = (shared / "flows" / "mitmproxy" / "successful_log.har").read_bytes()
    assert len(json.loads(data)["log"]["entries"]) >= 1
    whole = len(read(shared / "flows" / "mitmproxy" / "successful_log.har").table("messages"))
    counts = []
    for size in range(100, len(data), 1000):
        path = tmp_path / f"{size}.har"
        path.write_bytes(data[:size])
        evidence = read(path)
        assert evidence.status in ("partial", "failed"), size
        assert len(evidence.table("problems")) >= 1
        counts.append(len(evidence.table("messages")))
    assert counts == sorted(counts)
    assert counts[-1] <= whole
