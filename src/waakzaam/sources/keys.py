"""Keys that open encrypted captures: key logs of TLS and WireGuard, and private keys of servers.

A key file is evidence too: it is named in the report with its SHA-256, because without it nobody can
compute the findings again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from waakzaam import _core
from waakzaam.sources.order import Order

if TYPE_CHECKING:
    from pathlib import Path

NAME = "keys"
HEAD_BYTES = 64 * 1024
_LINE = re.compile(
    rb"(?:(?:[A-Z]+_)*(?:RANDOM|SECRET(?:_\d+)?|TRAFFIC_\d+) +[0-9A-Fa-f]{64} +[0-9A-Fa-f]"
    rb"|RSA +(?:Session-ID:)?[0-9A-Fa-f]{16}"
    rb"|(?:LOCAL_STATIC_PRIVATE|REMOTE_STATIC_PUBLIC|LOCAL_EPHEMERAL_PRIVATE|PRESHARED)_KEY"
    rb" *= *[A-Za-z0-9+/]{43}=)"
)
_PEM = re.compile(rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----")
# Before the key OpenSSL may print attributes of its container, the key in words, or certificates.
_BEFORE_PEM = re.compile(
    rb"-----[A-Z ]+-----|(?:Bag|Key) Attributes|[A-Za-z0-9+/=]{1,76}|[\w .-]+:.*|(?:[0-9a-f]{2}:?)+|<[^>]*>"
)
# SEQUENCE, INTEGER 0, then an INTEGER of many bytes (PKCS#1) or the algorithm rsaEncryption (PKCS#8).
_DER = re.compile(
    rb"0\x82..\x02\x01\x00(?:\x02(?:\x81.|\x82..)|0\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01)",
    re.DOTALL,
)


def _is_key_log(lines: list[bytes]) -> bool:
    """Whether at least half of the lines that say something are those of a key log."""
    keys = sum(_LINE.match(line) is not None for line in lines)
    return keys > 0 and 2 * keys >= len(lines)


def _is_pem(lines: list[bytes]) -> bool:
    """Whether a private key in PEM (RFC 7468) comes, and nothing before it but what belongs to keys."""
    for line in lines:
        if _PEM.match(line):
            return True
        if not _BEFORE_PEM.fullmatch(line):
            return False
    return False


class _Keys:
    name = NAME
    title = "keys (key log of TLS or WireGuard, private key of a server)"
    made_with = (
        "SSLKEYLOGFILE of a browser or library, friTap or PCAPdroid on the phone; "
        "a server's own RSA key in PEM or DER"
    )
    shows = "nothing by itself; opens the sessions of the captures that are handed in with it"

    def score(self, head: bytes) -> float:
        if _DER.match(head):
            return 0.99
        # Captures may carry key logs, and source code and pages keys: only a file of keys is one.
        if b"\0" in head:
            return 0.0
        lines = [line.strip() for line in head.removeprefix(b"\xef\xbb\xbf").splitlines()]
        lines = [line for line in lines if line and not line.startswith(b"#")]
        return 0.99 if _is_key_log(lines) or _is_pem(lines) else 0.0

    def read(self, order: Order) -> None:
        _core.read(NAME, order)


KEYS = _Keys()


def is_key_file(path: Path) -> bool:
    """Whether a regular file, compressed or not, begins like a key file; False if it cannot be opened."""
    try:
        if not path.is_file():  # a named pipe would wait for its writer
            return False
        with path.open("rb") as file:
            return KEYS.score(_core.plain_head(file.read(HEAD_BYTES), HEAD_BYTES)) > 0
    except OSError:
        return False
