"""Captures against the HAR that their makers wrote from them."""

from __future__ import annotations

import base64
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SHARED
from tests.oracles.har import document
from waakzaam.sources.evidence import read_evidence
from waakzaam.sources.jail import Job

PAIRS = sorted((SHARED / "captures" / "http").glob("*.pcap.har"))
# The record of one request is cut at the end of the file: its address is shorter here.
CUT = {"out-of-order.pcap": 1}
# The HAR writes a character reference for a byte that is no UTF-8.
REWRITTEN = {"sajal.pcap": 1}


def rows(path: Path) -> list[dict[str, Any]]:
    table = read_evidence(1, path, Job(bodies=True, peel=False)).table("messages")
    found: list[dict[str, Any]] = table.to_pylist()
    return [row for row in found if row["protocol"].startswith("http/")]


def content(row: dict[str, Any]) -> bytes:
    headers = dict(zip((name.lower() for name in row["header_names"]), row["header_values"], strict=True))
    body: bytes = row["body"]
    match headers.get("content-encoding", "").strip().lower():
        case "gzip" | "x-gzip":
            return zlib.decompressobj(31).decompress(body)
        case "deflate":
            return zlib.decompressobj(-15 if body[:1] != b"\x78" else 15).decompress(body)
    return body


@pytest.mark.shared
@pytest.mark.parametrize("har", PAIRS, ids=[path.name for path in PAIRS])
def test_exchanges_are_those_of_the_har(har: Path) -> None:
    capture = har.with_suffix("")
    messages = rows(capture)
    asked = {row["message"]: (row["method"], row["url"]) for row in messages if row["direction"] == "up"}
    answered = {row["answers"]: row["status"] for row in messages if row["direction"] == "down"}
    requests = Counter(asked.values())
    ours = Counter((*request, answered.get(number)) for number, request in asked.items())
    missing = 0
    for entry in document(har)["log"]["entries"]:
        request = (entry["request"]["method"], entry["request"]["url"])
        status = (entry["response"] or {}).get("status")
        # Where the HAR has no answer, there may well be one here.
        place, key = (ours, (*request, status)) if status else (requests, request)
        missing += place[key] == 0
        place[key] -= 1
    assert missing <= CUT.get(capture.name, 0)


@pytest.mark.shared
@pytest.mark.parametrize("har", PAIRS, ids=[path.name for path in PAIRS])
def test_bodies_are_those_of_the_har(har: Path) -> None:
    capture = har.with_suffix("")
    ours = Counter(content(row) for row in rows(capture) if row["direction"] == "down")
    missing = []
    for entry in document(har)["log"]["entries"]:
        text = ((entry["response"] or {}).get("content") or {}).get("text")
        if not text:
            continue
        if entry["response"]["content"].get("encoding") == "base64":
            written = [base64.b64decode(text)]
        else:
            # A HAR holds text; how it was written in the body is not told.
            written = [text.encode(), text.encode("latin-1", "replace")]
        found = next((body for body in written if ours[body]), None)
        if found is None:
            missing.append(text[:60])
        else:
            ours[found] -= 1
    assert len(missing) <= REWRITTEN.get(capture.name, 0), missing
