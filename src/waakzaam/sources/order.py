"""What the confined worker is asked to read."""

from __future__ import annotations

from typing import NamedTuple


class Order(NamedTuple):
    """An order to a source. The core reads these attributes (``core/src/python.rs``).

    bodies: keep bodies in table ``messages``. peel: take apart what left the phone; answers: and what
    servers sent. only: just the messages with these numbers. keys: contents of key files, for captures.
    until: bytes of the file that are read; default: all.
    """

    bodies: bool = False
    peel: bool = True
    answers: bool = False
    only: list[int] | None = None
    keys: tuple[bytes, ...] = ()
    until: int | None = None
