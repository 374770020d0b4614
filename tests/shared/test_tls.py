"""TLS that was opened: as many HTTP messages as tshark finds, and more where it misses some."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

DUMP = Path(__file__).parents[2] / "target" / "release" / "examples" / "capture_dump"

# Capture, files of keys, connections opened, requests, responses. The numbers are those of tshark with
# `tcp.reassemble_out_of_order`, except: responses of the first two, which tshark 4.0 does not show (they are
# closed by the end of the connection).
CASES = [
    ("tls/lbirchler-dsb-dump.pcapng", [], 70, 70, 70),
    ("tls/lbirchler-dump.pcapng", ["tls/lbirchler-premaster.txt"], 73, 73, 73),
    ("wireshark/rsasnakeoil2.pcap", ["wireshark/rsasnakeoil2.key"], 2, 11, 11),
    ("wireshark/tls-renegotiation.pcap", ["wireshark/rsasnakeoil2.key"], 1, 1, 1),
    ("wireshark/tls-fragmented-over-tcp-segmented.pcapng.gz", [], 1, 1, 1),
    ("wireshark/tls12-dsb.pcapng", [], 2, 2, 2),
    ("wireshark/challenge01_ooo_stream.pcapng.gz", [], 1, 12, 12),
    ("zeek/tls-1.2-stream-keylog.pcap", ["zeek/tls-1.2-stream-keylog.keys"], 1, 16, 16),
    ("zeek/tls12-decryption.pcap", ["zeek/tls12-decryption.keys"], 1, 1, 1),
]


@pytest.mark.shared
@pytest.mark.skipif(not DUMP.exists(), reason="cargo build --release -p waakzaam-core --example capture_dump")
@pytest.mark.parametrize(("capture", "keys", "opened", "requests", "responses"), CASES)
def test_opened_as_by_tshark(
    shared: Path, capture: str, keys: list[str], opened: int, requests: int, responses: int
) -> None:
    arguments = [str(DUMP)]
    for key in keys:
        arguments += ["--keys", str(shared / "captures" / key)]
    done = subprocess.run(
        [*arguments, str(shared / "captures" / capture)], capture_output=True, check=True, timeout=60
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    connections = [row for row in rows if row["kind"] == "connection"]
    assert sum(row["opened"] and row["transport"] == "tls" for row in connections) == opened
    messages = [row for row in rows if row["kind"] == "message"]
    directions = [row["direction"] for row in messages if row["protocol"].startswith("http/")]
    assert (directions.count("up"), directions.count("down")) == (requests, responses)
    assert all(row["complete"] for row in messages)
