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

# As tshark shows it: each line is sent back.
DTLS_SAID = [b"DTLS1.2 test using GnuTLS 3.5.8\n"] * 2 + [b"Works for me!\n"] * 2


@pytest.mark.shared
def test_dtls_is_opened_with_the_secrets_in_the_capture(shared: Path) -> None:
    evidence = read_opened(shared / "captures/wireshark/dtls12-aes128ccm8-dsb.pcapng", bodies=True)
    (row,) = evidence.table("connections").to_pylist()
    assert (row["application"], row["opened"], row["transport"]) == ("dtls", True, "tls")
    assert (row["tls_version"], row["cipher"]) == ("DTLS 1.2", "TLS_PSK_WITH_AES_128_CCM_8")
    assert [m["body"] for m in evidence.table("messages").to_pylist()] == DTLS_SAID


@pytest.mark.shared
def test_what_travelled_in_wireguard_is_read_like_the_rest(shared: Path) -> None:
    evidence = read_opened(shared / "captures/wireshark/wireguard-ping-tcp-dsb.pcapng")
    rows = evidence.table("connections").to_pylist()
    tunnels = [row for row in rows if row["application"] == "wireguard"]
    assert [row["opened"] for row in tunnels] == [True]
    inside = [(row["application"], row["server_address"], row["sni"]) for row in rows if row not in tunnels]
    assert ("tls", "178.21.112.251", "lekensteyn.nl") in inside
    bare = read_opened(shared / "captures/wireshark/wireguard-ping-tcp.pcap").table("connections").to_pylist()
    assert [(row["application"], row["opened"], row["not_opened"]) for row in bare] == [
        ("wireguard", False, "no keys")
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
