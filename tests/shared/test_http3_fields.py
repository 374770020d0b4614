"""Header fields of HTTP/3 against another decoder of QPACK, over the streams that tshark decrypts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.oracles import qpack
from tests.oracles.http3 import ENCODER, Streams, talk
from tests.oracles.ours import read_opened
from tests.oracles.pdml import streams_of_quic

Message = tuple[str, str, tuple[tuple[str, str], ...]]
"""Method and URL, or nothing and a status; then the fields."""

CAPTURES = [
    ("tls/mikekap-http3-connection7.pcap", 49, 47),
    ("wireshark/quic_follow_multistream.pcapng", 22, 22),
    ("wireshark/quic-with-secrets.pcapng", 1, 1),
    ("wireshark/quic-fragmented-handshakes.pcapng.gz", 1, 1),
]


@pytest.fixture(scope="session")
def oracle() -> None:
    """The decoder in its own environment, or a skip with the reason."""
    if missing := qpack.install():
        pytest.skip(f"the other decoder of QPACK is missing: {missing}")


def _sides(streams: Streams) -> list[tuple[bool, qpack.Side]]:
    found = []
    for connection in sorted(streams.http3()):
        for up in (True, False):
            keys = [key for key in sorted(streams.pieces) if key[:2] == (connection, up) and key[2] % 4 == 0]
            blocks = [block.hex() for key in keys for block in talk(streams.whole(*key)).blocks]
            encoder = streams.of_type(connection, up, ENCODER).hex()
            found.append((up, qpack.Side(streams.capacity(connection, not up), encoder, blocks)))
    return found


def _by_oracle(path: Path) -> Counter[Message]:
    sides = _sides(streams_of_quic(path))
    messages: list[tuple[str, str, list[tuple[str, str]]]] = []
    for decoded in qpack.decode([side for _, side in sides]):
        for fields in decoded:
            assert fields is not None, "a block waits for what is not in the capture"
            pseudo = {name: value for name, value in fields if name.startswith(":")}
            rest = [(name, value) for name, value in fields if not name.startswith(":")]
            if not pseudo:  # trailers belong to the message before
                messages[-1][2].extend(rest)
                continue
            url = f"{pseudo.get(':scheme')}://{pseudo.get(':authority')}{pseudo.get(':path')}"
            method = pseudo.get(":method", "")
            messages.append((method, url if method else pseudo[":status"], rest))
    return Counter((method, what, tuple(rest)) for method, what, rest in messages)


def _ours(path: Path) -> Counter[Message]:
    rows: list[dict[str, Any]] = read_opened(path).table("messages").to_pylist()
    messages: Counter[Message] = Counter()
    for row in (row for row in rows if row["protocol"] == "http/3"):
        pairs = zip(row["header_names"], row["header_values"], strict=True)
        fields = tuple((name, value) for name, value in pairs if not name.startswith(":"))
        up = row["direction"] == "up"
        messages[row["method"] if up else "", row["url"] if up else str(row["status"]), fields] += 1
    return messages


@pytest.mark.shared
@pytest.mark.tshark
@pytest.mark.usefixtures("oracle")
@pytest.mark.parametrize(("name", "requests", "responses"), CAPTURES)
def test_fields_are_those_of_another_decoder(shared: Path, name: str, requests: int, responses: int) -> None:
    path = shared / "captures" / name
    theirs = _by_oracle(path)
    methods = Counter({True: 0, False: 0})
    for (method, _, _), count in theirs.items():
        methods[bool(method)] += count
    assert (methods[True], methods[False]) == (requests, responses)
    assert _ours(path) == theirs
