"""Peel: take every disguise off a value that needs no secret of the recipient, with a chain that replays."""

from __future__ import annotations

from waakzaam.peel.chain import Leaf, Peeled, Proof, chain_text, disguise_of, peel, replay
from waakzaam.peel.unlock import Opened, Opener, open_all

__all__ = [
    "Leaf",
    "Opened",
    "Opener",
    "Peeled",
    "Proof",
    "chain_text",
    "disguise_of",
    "open_all",
    "peel",
    "replay",
]
