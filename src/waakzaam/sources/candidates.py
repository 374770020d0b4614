"""Keys that are tried on closed values: constants out of an app, and calls that a hook logged.

Such a file is evidence too: it is named in the report with its SHA-256. Its lines are read by
``peel/candidates.py``; there is no traffic in it.
"""

from __future__ import annotations

import json
import re

from waakzaam.sources.order import Order
from waakzaam.sources.text import first_lines

NAME = "key-candidates"
NAMES = re.compile(r"key|iv|nonce|salt|secret|password|pass", re.IGNORECASE)
"""Names of fields in logged calls that hold keys and what belongs to them."""
LONGEST = 512
"""Bytes of a candidate; longer lines are something else."""
_CONSTANT = re.compile(rb"[!-~]{1,512}")
_SHORTEST = 8
"""One line at least is as long as the key of a cipher."""
_OTHER = (b"{", b"[", b"<", b"-----", b"#!")
"""Beginnings of other texts."""


class _Candidates:
    name = NAME
    title = "keys to try (constants of an app, logged calls)"
    made_with = (
        "`strings` or a decompiler on the app's package; a Frida script that logs calls of ciphers, a JSON "
        "object on each line"
    )
    shows = "nothing by itself; opens values of the other evidence that were enciphered with one of them"

    def score(self, head: bytes) -> float:
        lines = first_lines(head)
        if len(head) >= 1 << 16:
            lines = lines[:-1]  # may be cut
        if not lines:
            return 0.0
        if all(line.startswith(b"{") for line in lines):
            return 0.3 if all(_is_call(line) for line in lines) else 0.0
        constants = all(_CONSTANT.fullmatch(line) and not line.startswith(_OTHER) for line in lines)
        return 0.2 if constants and any(len(line) >= _SHORTEST for line in lines) else 0.0

    def read(self, order: Order) -> None:
        """Read nothing: the candidates go to the stage that tries them."""


def _is_call(line: bytes) -> bool:
    """Whether a line is a JSON object with a text under the name of a key."""
    try:
        call = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(call, dict) and any(
        isinstance(value, str) and NAMES.search(name) for name, value in call.items()
    )


CANDIDATES = _Candidates()
