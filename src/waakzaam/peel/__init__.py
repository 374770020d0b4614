"""Peel: take every disguise off a value that needs no secret of the recipient, with a chain that replays."""

from __future__ import annotations

from waakzaam.peel.chain import Leaf, Peeled, Proof, chain_text, disguise_of, peel, replay
from waakzaam.peel.unlock import Format, Opened, Opener, Surroundings, open_all

__all__ = [
    "Format",
    "Leaf",
    "Opened",
    "Opener",
    "Peeled",
    "Proof",
    "Surroundings",
    "chain_text",
    "disguise_of",
    "open_all",
    "peel",
    "replay",
]
