"""Why waakzaam and tshark 4.0.17 differ, by file and kind; docs/oracles.md says how each reason was found."""

from __future__ import annotations

_GAP = (
    "packets of these answers are missing from the capture; tshark waits for them, here what is there is"
    " shown with `complete` false and the number of missing bytes"
)
_UNTIL_CLOSE = (
    "answers of HTTP/1.0 without a length end with the connection; inside TLS, tshark 4.0 waits for more,"
    " even where the connection ends, and shows nothing; with `http.desegment_body:FALSE` it shows them"
)
_NO_CLOSE = (
    "answers of HTTP/1.0 without a length end with the connection, whose end is not in the capture; tshark"
    " waits for it and shows nothing, here `complete` is false"
)
_ONE_LINE = (
    "the client sends one line, `GET / HTTP/1.1`, without the empty line that ends a head; tshark waits for"
    " it and shows nothing, here it is shown with `complete` false"
)
_NO_END = (
    "the connection ends before the message does; tshark shows nothing, here it is shown with"
    " `complete` false"
)
_ABORTED = "the client gave up two streamed answers; tshark shows none of them, here `complete` is false"
_FRAGMENTS = (
    "first fragments of IP datagrams whose other fragments are missing; tshark shows what it makes of the"
    " beginning, here they are counted as a problem (`gap`)"
)
_DOQ = "DNS over QUIC in its first draft (`doq-i00`), which tshark 4.0 does not read"
_SECOND_SYN = (
    "a stray second SYN-ACK with another sequence number makes tshark lose 47 answers; here the data are"
    " read on by their own numbers"
)
_MID_STREAM = "the answer is on a port that is not one of HTTP and begins in the middle of the connection"
_MORE_GAPS = "one gap, and segments out of order: each of tshark's two settings loses some"

_BY_FILE: dict[str, dict[str, str]] = {
    "http/out-of-order.pcap": {"HTTP/1 responses": _SECOND_SYN, "HTTP/1 bodies": _SECOND_SYN},
    "pcapdroid/invalid_or_unsupported.pcap": {"DNS answers": _FRAGMENTS},
    "phone/KakaoTalk_talk.pcap": {"HTTP/1 responses": _MID_STREAM, "HTTP/1 bodies": _MID_STREAM},
    "phone/doq.pcapng": {"DNS queries": _DOQ, "DNS answers": _DOQ, "DNS addresses": _DOQ},
    "phone/instagram.pcap": {"HTTP/1 responses": _GAP, "HTTP/1 bodies": _GAP},
    "phone/netflix.pcap": {"HTTP/1 responses": _GAP, "HTTP/1 bodies": _GAP},
    "phone/weibo.pcap": {"HTTP/1 responses": _GAP, "HTTP/1 bodies": _GAP},
    "suricata/dns-over-http2.pcap": {
        "DNS queries": "the queries are in the URL (`GET /dns-query?dns=…`); tshark does not read them there"
    },
    "tls/lbirchler-dsb-dump.pcapng": {"HTTP/1 responses": _UNTIL_CLOSE, "HTTP/1 bodies": _UNTIL_CLOSE},
    "tls/lbirchler-dump.pcapng": {"HTTP/1 responses": _UNTIL_CLOSE, "HTTP/1 bodies": _UNTIL_CLOSE},
    "tls/weather6_apiapi_h2_plaintext.pcapng": {
        "HTTP/1 responses": "the body of one answer is missing; tshark waits for it, here `complete` is false"
    },
    "wireshark/dhe1.pcapng.gz": {"HTTP/1 requests": _NO_END},
    "wireshark/grpc_stream_reassembly_sample.pcapng.gz": {
        "HTTP/2 bodies": "15,872 bytes of a body are missing; of what follows, 96 bytes more are kept here"
    },
    "wireshark/grpc_web.pcapng.gz": {"HTTP/1 responses": _ABORTED, "HTTP/1 bodies": _ABORTED},
    "wireshark/tcp-badsegments.pcap": {"HTTP/1 requests": _NO_END},
    "wireshark/tls12-chacha20poly1305.pcap": {
        "HTTP/1 responses": _NO_CLOSE,
        "HTTP/1 bodies": _NO_CLOSE,
    },
    "wireshark/tls13-20-chacha20poly1305.pcap": {
        "HTTP/1 requests": _ONE_LINE,
        "HTTP/1 responses": _NO_CLOSE,
        "HTTP/1 bodies": _NO_CLOSE,
    },
    "zeek/bro.org.pcap": {"HTTP/1 responses": _MORE_GAPS, "HTTP/1 bodies": _MORE_GAPS},
}

REASONS = {(file, kind): why for file, kinds in _BY_FILE.items() for kind, why in kinds.items()}


def reason(file: str, kind: str) -> str:
    """The reason of a difference, or an empty text."""
    return REASONS.get((file, kind), "")
