"""Whether a value was found, and ranked first.

waakzaam follows one reading of each value and keeps the others beside it. A value is *found* when it is a
leaf of what is followed. It is *ranked first* when, on the way to it, no other reading of any value has more
evidence than the one that is followed.
"""

from __future__ import annotations

from waakzaam.peel import Opened, readings


def is_first(data: bytes, opened: Opened, value: bytes) -> bool:
    """Found, and ranked first."""
    chains = [leaf.steps for leaf in opened.leaves if leaf.value == value]
    if not chains:
        return False
    for followed, *others in readings(data, opened):
        on_the_way = any(chain[: len(followed.steps)] == followed.steps for chain in chains)
        if on_the_way and any(other.bits > followed.bits for other in others):
            return False
    return True
