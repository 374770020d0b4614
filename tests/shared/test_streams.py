"""HTTP/2 bodies are as long as their header says; WebSocket messages are complete.

What is in them is compared in ``test_tshark.py``.
"""

from __future__ import annotations

import pytest

from tests.conftest import SHARED
from tests.oracles.ours import read_opened

CAPTURES = SHARED / "captures"
HTTP2 = [
    "wireshark/packet-h2-14_headers.pcapng",
    "wireshark/grpc_person_search_json_with_image.pcapng.gz",
    "wireshark/grpc_person_search_protobuf_with_image.pcapng.gz",
    "wireshark/grpc_stream_reassembly_sample.pcapng.gz",
    "wireshark/grpc_web.pcapng.gz",
    "suricata/http2-keywords.pcap",
    "suricata/http2-long-frame.pcap",
    "suricata/dns-over-http2.pcap",
    "suricata/dns-over-http2-post.pcap",
    "tls/weather6_apiapi_h2_plaintext.pcapng",
]
UNDECLARED = {name for name in HTTP2 if "grpc_" in name or "long-frame" in name}
"""Captures in which no HTTP/2 message declares how long it is."""
# Data messages from the client and from the server, as counted from tshark's first frames.
WEBSOCKET = {
    "wireshark/websocket.pcapng.gz": (4, 4),
    "wireshark/websocket-compressed.pcapng.gz": (2, 2),
    "wireshark/websocket-compressed-server-only.pcap": (10, 10),
    "wireshark/websocket-fragmented.pcapng.gz": (2, 2),
    "tls/mikekap-websocket.pcap": (2, 3),
    "tls/mikekap-ipv4-websocket-segmented.pcap": (1, 1),
    "zeek/websocket.pcap": (2, 5),
    "zeek/jupyter-websocket.pcap": (1, 11),
    "zeek/wstunnel-https.pcap": (5, 31),
}


@pytest.mark.shared
@pytest.mark.parametrize("name", HTTP2)
def test_bodies_are_as_long_as_declared(name: str) -> None:
    checked = 0
    for row in read_opened(CAPTURES / name).table("messages").to_pylist():
        headers = dict(zip(row["header_names"], row["header_values"], strict=True))
        declared = headers.get("content-length")
        if row["protocol"] == "http/2" and declared is not None and row["complete"]:
            assert row["body_length"] == int(declared)
            checked += 1
    assert (checked > 0) == (name not in UNDECLARED)


@pytest.mark.shared
@pytest.mark.parametrize("name", WEBSOCKET)
def test_websocket_messages(name: str) -> None:
    rows = read_opened(CAPTURES / name).table("messages").to_pylist()
    found = [row for row in rows if row["protocol"] == "websocket"]
    ways = [row["direction"] for row in found]
    assert (ways.count("up"), ways.count("down")) == WEBSOCKET[name]
    assert all(row["complete"] and row["url"] for row in found)
