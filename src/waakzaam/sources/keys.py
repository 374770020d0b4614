"""Keys that open encrypted captures: TLS key logs and private keys of servers.

A key file is evidence too: it is named in the report with its SHA-256, because without it nobody can
compute the findings again.
"""

from __future__ import annotations

import re
from pathlib import Path

from waakzaam import _core
from waakzaam.sources.order import Order

NAME = "keys"
HEAD_BYTES = 64 * 1024
_LINE = re.compile(
    rb"(?:^|[\r\n])[ \t]*"
    rb"(?:(?:[A-Z]+_)*(?:RANDOM|SECRET(?:_\d+)?) [0-9A-Fa-f]{64} |RSA (?:Session-ID:)?[0-9A-Fa-f]{16})"
)
_PEM = re.compile(rb"-----BEGIN (?:RSA )?PRIVATE KEY-----")


class _Keys:
    name = NAME
    title = "keys (TLS key log, private key of a server)"
    made_with = (
        "SSLKEYLOGFILE of a browser or library, friTap or PCAPdroid on the phone; "
        "a server's own RSA key in PEM"
    )
    shows = "nothing by itself; opens the sessions of the captures that are handed in with it"

    def score(self, head: bytes) -> float:
        return 0.99 if _LINE.search(head) or _PEM.search(head) else 0.0

    def read(self, order: Order) -> None:
        _core.read(NAME, order)


KEYS = _Keys()


def is_key_file(path: Path) -> bool:
    """Whether a regular file begins like a key file; False if it cannot be opened."""
    try:
        if not path.is_file():  # a named pipe would wait for its writer
            return False
        with path.open("rb") as file:
            return KEYS.score(file.read(HEAD_BYTES)) > 0
    except OSError:
        return False
