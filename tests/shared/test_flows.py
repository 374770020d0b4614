"""mitmproxy flow files in the wild against mitmproxy's own reader."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED
from tests.oracles import mitmproxy_flows
from waakzaam.sources.evidence import Evidence, read_evidence
from waakzaam.sources.jail import Job

FLOWS = sorted((SHARED / "flows" / "mitmproxy").glob("*.mitm"))
TOO_OLD = {"dumpfile-010.mitm"}
"""Files of versions that mitmproxy itself does not read any more."""
HTTP = {"http", "http/1.0", "http/1.1", "http/2", "http/3"}


@pytest.fixture(scope="session")
def oracle() -> None:
    """Mitmproxy in its own environment, or a skip with the reason."""
    missing = mitmproxy_flows.install()
    if missing:
        pytest.skip(f"mitmproxy's reader is missing: {missing}")


def read(path: Path) -> Evidence:
    return read_evidence(1, path, Job(peel=False, bodies=True))


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def rebuilt(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Flows as the messages of one frame tell them."""
    frames: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        frames.setdefault(row["frame"], []).append(row)
    found = []
    for group in frames.values():
        http = [row for row in group if row["protocol"] in HTTP]
        up = next((row for row in http if row["direction"] == "up"), None)
        down = next((row for row in http if row["direction"] == "down"), None)
        rest = [[row["direction"] == "up", digest(row["body"])] for row in group if row not in http]
        found.append((up, down, rest))
    return found


@pytest.mark.shared
@pytest.mark.parametrize("path", FLOWS, ids=[path.name for path in FLOWS])
def test_every_flow_is_read_as_mitmproxy_reads_it(path: Path, oracle: None) -> None:
    evidence = read(path)
    assert evidence.format == "mitmproxy"
    rows = evidence.table("messages").to_pylist()
    wanted = mitmproxy_flows.flows(path)
    if path.name in TOO_OLD:
        assert isinstance(wanted, str)
        assert [row["url"] for row in rows if row["direction"] == "up"] == ["http://example.com/"]
        return
    assert not isinstance(wanted, str), wanted
    assert len({row["frame"] for row in rows}) == len(wanted)
    for (up, down, rest), flow in zip(rebuilt(rows), wanted, strict=True):
        assert rest == flow.messages
        if up is None:
            # Before version 12 messages are a flow of their own; mitmproxy repeats the handshake in it.
            assert flow.kind != "http" or flow.messages
            continue
        assert (up["method"], up["url"]) == (flow.method, flow.url)
        assert digest(up["body"]) == (flow.request or digest(b""))
        assert (down["status"] if down else None) == flow.status
        if down:
            assert digest(down["body"]) == (flow.response or digest(b""))


@pytest.mark.shared
def test_a_truncated_file_keeps_what_came_before(shared: Path, tmp_path: Path) -> None:
    data = (shared / "flows" / "mitmproxy" / "diff_data.mitm").read_bytes()
    whole = len(read(shared / "flows" / "mitmproxy" / "diff_data.mitm").table("messages"))
    counts = []
    for size in range(20, len(data), len(data) // 12):
        path = tmp_path / f"{size}.mitm"
        path.write_bytes(data[:size])
        evidence = read(path)
        assert evidence.status in ("partial", "failed"), size
        assert len(evidence.table("problems")) >= 1
        counts.append(len(evidence.table("messages")))
    assert counts == sorted(counts)
    assert 0 < counts[-1] < whole
