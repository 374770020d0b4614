"""Other readings of an ambiguous value, beside the one that is followed."""

from __future__ import annotations

from dataclasses import dataclass

from waakzaam import _core
from waakzaam.errors import WaakzaamError
from waakzaam.peel.chain import KEYED, Leaf, chain_text, replay
from waakzaam.peel.unlock import Opened

PART_OF = {"form": frozenset({"percent"})}
"""Layers that belong to another one: fields of a form are percent-encoded, so that is no other reading."""
LARGEST = 16 << 20
"""Bytes of a value in which other readings are looked for; it is peeled a second time for them."""
MOST_PLAINTEXTS = 20
"""Deciphered values in which other readings are looked for."""


@dataclass(frozen=True)
class Reading:
    """One way to read a value at which more than one layer proves itself.

    ``steps``: (layer, selector) that lead to the value. ``layer``: how it is read. ``bits``: what speaks for
    that. ``leaves``: what is inside; empty for the reading that is followed, whose leaves are those of the
    value itself.
    """

    steps: tuple[tuple[str, str], ...]
    layer: str
    bits: float
    leaves: tuple[Leaf, ...] = ()

    def path(self, part: str) -> str:
        """The chain of the value as text."""
        return chain_text(part, [s[0] for s in self.steps], [s[1] for s in self.steps])


def readings(
    data: bytes,
    opened: Opened | None = None,
    *,
    part: str = "body",
    content_type: str | None = None,
    content_encoding: str | None = None,
) -> tuple[tuple[Reading, ...], ...]:
    """All readings of every ambiguous value in ``data``, and in what was deciphered in it.

    Args:
        data: the bytes that were opened.
        opened: how they were opened; None: look at what comes off without a key only.
        part: as for :func:`waakzaam.peel.peel`.
        content_type: as there.
        content_encoding: as there.

    Returns:
        One group for each ambiguous value. The reading that is followed comes first, then the others, those
        with more evidence first. At most 200 groups for ``data`` and for each deciphered value; none for a
        value larger than 16 MiB.
    """
    found: list[tuple[Reading, ...]] = []
    for around, plain in _plaintexts(data, opened) if len(data) <= LARGEST else ():
        if len(plain) > LARGEST:
            continue
        declared = {} if around else {"content_type": content_type, "content_encoding": content_encoding}
        *_, ambiguous = _core.peel_part(plain, part="value" if around else part, readings=True, **declared)
        for steps, group in ambiguous:
            parts = PART_OF.get(group[0][0], frozenset())
            told = tuple(
                Reading(
                    (*around, *steps),
                    layer,
                    evidence / 10,
                    tuple(Leaf((*around, *inner), name, value) for inner, name, value in leaves),
                )
                for layer, evidence, leaves in group
                if layer not in parts
            )
            if len(told) > 1:
                found.append(told)
    return tuple(found)


def _plaintexts(data: bytes, opened: Opened | None) -> list[tuple[tuple[tuple[str, str], ...], bytes]]:
    """The value itself, and each plaintext of a cipher in it with the steps that lead to it."""
    plaintexts: dict[tuple[tuple[str, str], ...], bytes] = {(): data}
    for leaf in opened.leaves if opened else ():
        keyed = [at for at, (layer, _) in enumerate(leaf.steps) if layer in KEYED]
        for at in keyed:
            around = leaf.steps[: at + 1]
            if around in plaintexts or len(plaintexts) > MOST_PLAINTEXTS:
                continue
            try:
                trail = replay(data, [layer for layer, _ in around], [selector for _, selector in around])
            except WaakzaamError:  # steps of a known format that are taken off together
                continue
            plaintexts[around] = trail[-1]
    return list(plaintexts.items())
