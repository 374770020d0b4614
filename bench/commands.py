"""Every command that is measured, ours first. Words in capitals are replaced."""

from __future__ import annotations

import sys

FIELDS = [
    "frame.number",
    "frame.time_epoch",
    "ip.src",
    "ip.dst",
    "tcp.srcport",
    "tcp.dstport",
    "http.request.method",
    "http.host",
    "http.request.uri",
    "http.response.code",
    "http.content_type",
    "dns.qry.name",
    "dns.a",
    "dns.aaaa",
    "dns.cname",
]
_FIELDS = ["-T", "fields", *[word for name in FIELDS for word in ("-e", name)]]
_ORDER = ["-o", "tcp.reassemble_out_of_order:TRUE"]
_ONLY = ["-Y", "http or dns"]
_TSHARK = ["TSHARK", "-n", "-r", "FILE"]

TLS_FIELDS = [
    "frame.number",
    "frame.time_epoch",
    "ip.src",
    "ip.dst",
    "tcp.srcport",
    "tcp.dstport",
    "tls.handshake.extensions_server_name",
    "http.request.method",
    "http.host",
    "http.request.uri",
    "http.response.code",
    "http2.streamid",
    "http2.headers.method",
    "http2.headers.authority",
    "http2.headers.path",
    "http2.headers.status",
]
_TLS = ["-o", "tls.keylog_file:KEYS", "-T", "fields", *[word for name in TLS_FIELDS for word in ("-e", name)]]

OURS_CAPTURE = [sys.executable, "-m", "waakzaam", "messages", "FILE", "--tables", "TABLES"]
OURS_TLS = [*OURS_CAPTURE, "--keys", "KEYS"]
OURS_LINES = [sys.executable, "-m", "waakzaam", "messages", "FILE"]
OURS_HAR = [sys.executable, "-m", "waakzaam", "audit", "FILE", "--phone", "PHONE", "--json", "/dev/null"]

TSHARK: dict[str, list[str]] = {
    "tshark fields": [*_TSHARK, *_FIELDS],
    "tshark fields, only http and dns": [*_TSHARK, *_ONLY, *_FIELDS],
    "tshark fields, out of order on": [*_TSHARK, *_ORDER, *_FIELDS],
    "tshark fields, out of order on, only http and dns": [*_TSHARK, *_ORDER, *_ONLY, *_FIELDS],
    "tshark ek": [*_TSHARK, "-T", "ek"],
    "tshark ek, only http and dns": [*_TSHARK, *_ONLY, "-T", "ek"],
}
TSHARK_TLS: dict[str, list[str]] = {
    "tshark fields, out of order on": [*_TSHARK, *_ORDER, *_TLS],
    "tshark fields, out of order on, only http and http2": [
        *_TSHARK, *_ORDER, "-Y", "http or http2", *_TLS,
    ],
}  # fmt: skip
CONVERTERS: dict[str, list[str]] = {
    "pcap2har": ["BIN/pcap2har", "--output", "HAR", "FILE"],
    "pcapng-utils": ["BIN/pcapng_to_har", "--force", "-i", "FILE", "-o", "HAR"],
}
TRACKHAR = ["NODE", "SCRIPT", "FILE", "INDICATORS", "PACKAGE"]


def filled(command: list[str], **words: str) -> list[str]:
    """Return the command with its words in capitals replaced."""
    named = [words.get(word, word) for word in command]
    return [
        word.replace(":KEYS", ":" + words.get("KEYS", "KEYS")).replace("BIN/", words.get("BIN", "BIN") + "/")
        for word in named
    ]
