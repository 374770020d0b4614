"""What the layers with a key in a chain are weak by, in terms that a reader can look up (CWE, MASVS)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from waakzaam.peel.chain import KEYED

BROKEN = re.compile(
    r"des-|3des-|rc4|xor|byte-add|.*-rot$|xtea|tea|xxtea|base64-custom|.*-ecb$", re.IGNORECASE
)
"""Ciphers and modes that are broken or no ciphers at all."""
SHORT_KEY = re.compile(r"des-|xor|byte-add|.*-rot$")
"""Ciphers whose keys can be tried all, or be read off."""
CONSTANT_IV = re.compile(r"(?:^|,)iv=[0-9a-f]")
"""A vector that stands in the selector does not come with the message."""
NEAR = frozenset({"beside it", "device"})
"""Sources of keys that are no constants of an app."""

HARD_CODED, OBSCURITY = "CWE-321", "CWE-656"
BROKEN_CIPHER, INADEQUATE, PREDICTABLE_IV, NONCE_AGAIN = "CWE-327", "CWE-326", "CWE-329", "CWE-323"
MASVS = ("MASVS-CRYPTO-1", "MASVS-CRYPTO-2")


def references_of(
    layers: Sequence[str], selectors: Sequence[str], proofs: Iterable[dict[str, Any]]
) -> list[str]:
    """CWE numbers of the ciphers in one chain, each once, in the order in which they stand there.

    Args:
        layers: of the chain, outermost first.
        selectors: one for each layer.
        proofs: rows of table ``proofs`` for this chain.
    """
    source = {proof["step"]: proof["source"] for proof in proofs}
    found: dict[str, None] = {}
    for step, (layer, selector) in enumerate(zip(layers, selectors, strict=True)):
        if layer not in KEYED:
            continue
        found[OBSCURITY if source.get(step) in NEAR else HARD_CODED] = None
        if BROKEN.match(layer):
            found[BROKEN_CIPHER] = None
        if SHORT_KEY.match(layer):
            found[INADEQUATE] = None
        if CONSTANT_IV.search(selector):
            found[PREDICTABLE_IV if layer.endswith("cbc") else NONCE_AGAIN] = None
    return list(found)
