"""Peel: take every disguise off a value that needs no secret of the recipient, with a chain that replays."""

from __future__ import annotations

from waakzaam.peel.chain import Leaf, Peeled, chain_text, disguise_of, peel, replay

__all__ = ["Leaf", "Peeled", "chain_text", "disguise_of", "peel", "replay"]
