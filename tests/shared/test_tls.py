"""TLS of real captures that is opened with the keys beside them: how many connections and messages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracles.ours import read_opened

# Capture, connections opened, requests, responses. What is in them is compared in test_tshark.py.
CASES = [
    ("tls/lbirchler-dsb-dump.pcapng", 73, 73, 73),
    ("tls/lbirchler-dump.pcapng", 73, 73, 73),
    ("wireshark/rsasnakeoil2.pcap", 2, 11, 11),
    ("wireshark/tls-renegotiation.pcap", 1, 1, 1),
    ("wireshark/tls-fragmented-over-tcp-segmented.pcapng.gz", 1, 1, 1),
    ("wireshark/tls12-dsb.pcapng", 2, 2, 2),
    ("wireshark/challenge01_ooo_stream.pcapng.gz", 1, 12, 12),
    ("zeek/tls-1.2-stream-keylog.pcap", 1, 16, 16),
    ("zeek/tls12-decryption.pcap", 1, 1, 1),
]


@pytest.mark.shared
@pytest.mark.parametrize(("capture", "opened", "requests", "responses"), CASES)
def test_opened_with_the_keys_beside(
    shared: Path, capture: str, opened: int, requests: int, responses: int
) -> None:
    evidence = read_opened(shared / "captures" / capture)
    connections = evidence.table("connections").to_pylist()
    assert sum(row["opened"] and row["transport"] == "tls" for row in connections) == opened
    messages = evidence.table("messages").to_pylist()
    directions = [row["direction"] for row in messages if row["protocol"].startswith("http/")]
    assert (directions.count("up"), directions.count("down")) == (requests, responses)
    assert all(row["complete"] for row in messages)
