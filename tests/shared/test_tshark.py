"""Requests and responses equal those of tshark, or are more where tshark loses some."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.oracles.tshark import better, by_waakzaam, lost

FOLDERS = ("http", "phone", "pcapdroid", "zeek")
FILES = [
    path
    for folder in FOLDERS
    for path in sorted((SHARED / "captures" / folder).glob("*"))
    if path.suffix in (".pcap", ".pcapng", ".gz")
]

# What tshark lists as a message and we do not, by file, with the reason. docs/oracles.md explains each.
EXPLAINED: dict[str, str] = {}


@pytest.mark.shared
@pytest.mark.tshark
@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}/{path.name}" for path in FILES])
def test_no_message_of_tshark_is_lost(path: Path) -> None:
    requests, responses = lost(better(path), by_waakzaam(path))
    if f"{path.parent.name}/{path.name}" in EXPLAINED:
        return
    assert not requests
    assert not responses
