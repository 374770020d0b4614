"""QUIC and HTTP/3 of real captures, against tshark 4.0."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

from tests.conftest import SHARED
from tests.oracles.ours import read_opened
from tests.oracles.pdml import fields

pytestmark = pytest.mark.shared

Hello = tuple[str | None, tuple[str, ...]]

# Captures with QUIC whose handshake is TLS.
FILES = (
    "phone/quic-33.pcapng",
    "phone/quic-mvfst-22.pcap",
    "phone/quic-mvfst-27.pcapng",
    "phone/doq.pcapng",
    "phone/sites.pcapng",
    "suricata/ja4-tls-quic.pcap",
    "suricata/quic-retry-multiple.pcap",
    "tls/mikekap-http3-connection7.pcap",
    "wireshark/quic-fragmented-handshakes.pcapng.gz",
    "wireshark/quic-with-secrets.pcapng",
    "wireshark/quic_follow_multistream.pcapng",
    "zeek/chromium-115.0.5790.110-google-de-fragmented.pcap",
    "zeek/curl-8.1.2-dev-http3-www-google-de.pcap",
    "zeek/firefox-102.13.0esr-blog-cloudflare-com.pcap",
    "zeek/quic_win11_firefox_google.pcap",
)


def tables(name: str) -> tuple[pa.Table, pa.Table]:
    """Connections and messages of a capture."""
    read = read_opened(SHARED / "captures" / name)
    return read.table("connections"), read.table("messages")


def by_tshark(path: Path) -> Counter[Hello]:
    """Names and protocols in the hellos of clients, one for each UDP stream and name."""
    names = "udp.stream", "tls.handshake.extensions_server_name", "tls.handshake.extensions_alpn_str"
    hellos: dict[tuple[str, str], tuple[str, ...]] = {}
    for streams, hosts, protocols in fields(path, "quic && tls.handshake.type == 1", names):
        hellos.setdefault((streams[0], "".join(hosts[:1])), tuple(protocols))
    return Counter((name or None, protocols) for (_, name), protocols in hellos.items())


@pytest.mark.tshark
@pytest.mark.parametrize("name", FILES)
def test_names_and_protocols_are_those_of_tshark(name: str) -> None:
    connections, _ = tables(name)
    ours: Counter[Hello] = Counter()
    for row in connections.to_pylist():
        if row["application"] == "quic" and row["ja4"]:
            ours[row["sni"], tuple(row["alpn"])] += 1
    assert ours == by_tshark(SHARED / "captures" / name)


@pytest.mark.parametrize(
    ("name", "requests", "responses"),
    [
        ("tls/mikekap-http3-connection7.pcap", 49, 47),
        ("wireshark/quic_follow_multistream.pcapng", 22, 22),
        ("wireshark/quic-with-secrets.pcapng", 1, 1),
        ("wireshark/quic-fragmented-handshakes.pcapng.gz", 1, 1),
    ],
)
def test_messages_of_http3(name: str, requests: int, responses: int) -> None:
    _, messages = tables(name)
    rows = [row for row in messages.to_pylist() if row["protocol"] == "http/3"]
    up = {row["message"]: row for row in rows if row["direction"] == "up"}
    down = [row for row in rows if row["direction"] == "down"]
    assert (len(up), len(down)) == (requests, responses)
    assert all(row["complete"] and row["transport"] == "tls" and row["url"] for row in rows)
    for row in down:
        assert up[row["answers"]]["url"] == row["url"]


def test_dns_over_quic_in_the_form_of_its_first_draft() -> None:
    _, messages = tables("phone/doq.pcapng")
    rows = [row for row in messages.to_pylist() if row["protocol"] == "dns"]
    assert {row["transport"] for row in rows} == {"tls"}
    assert {row["url"] for row in rows} == {"dns:example.com"}


def test_names_in_versions_of_google() -> None:
    connections, _ = tables("phone/youtube_quic.pcap")
    rows = [row for row in connections.to_pylist() if row["application"] == "quic"]
    assert {row["sni"] for row in rows} == {
        "googleads.g.doubleclick.net",
        "pagead2.googlesyndication.com",
        "yt3.ggpht.com",
    }
    assert {row["not_opened"] for row in rows} == {"quic draft"}
