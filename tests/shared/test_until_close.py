"""Answers that end with their connection, inside TLS: tshark shows their bytes, not as HTTP."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.oracles.followed import followed
from tests.oracles.ours import read_opened
from tests.oracles.pdml import fields, key_options, keys_beside
from tests.oracles.seen import digest

FILES = {
    "tls/lbirchler-dump.pcapng": 73,
    "tls/lbirchler-dsb-dump.pcapng": 73,
    "wireshark/tls12-chacha20poly1305.pcap": 7,
    "wireshark/tls13-20-chacha20poly1305.pcap": 2,
}


@pytest.mark.shared
@pytest.mark.tshark
@pytest.mark.parametrize("name", FILES)
def test_answers_that_end_with_their_connection(name: str) -> None:
    path: Path = SHARED / "captures" / name
    streams = sorted({row[0][0] for row in fields(path, "tls", ("tcp.stream",))}, key=int)
    with key_options(keys_beside(path)) as options:
        talks = followed(path, options, streams, opened=True)
    heads = [(up, *down.partition(b"\r\n\r\n")) for up, down in talks.values() if down]
    assert all(
        head.startswith(b"HTTP/1.0 200") and b"content-length" not in head.lower() for _, head, _, _ in heads
    )
    oracle = Counter(digest(body) for *_, body in heads)
    rows = read_opened(path, bodies=True).table("messages").to_pylist()
    ours = Counter(digest(row["body"]) for row in rows if row["direction"] == "down")
    assert oracle == ours
    assert ours.total() == FILES[name]
    # A request is whole when its head ends with an empty line.
    whole = [up.endswith(b"\r\n\r\n") or b"\n\n" in up for up, *_ in heads]
    assert whole.count(True) == sum(row["complete"] for row in rows if row["direction"] == "up")
