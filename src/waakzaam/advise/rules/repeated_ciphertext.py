"""What ciphertexts tell by themselves where nothing was opened: equal blocks or beginnings, one keystream."""

from __future__ import annotations

from waakzaam.advise.ciphers import BROKEN_CIPHER, NONCE_AGAIN, PREDICTABLE_IV
from waakzaam.advise.context import Context, Draft

WEAK = {
    "repeated-blocks": BROKEN_CIPHER,
    "equal-first-blocks": PREDICTABLE_IV,
    "same-keystream": NONCE_AGAIN,
}
"""Kind of weakness → what a reader can look up. Also the order in which reasons are named."""


class _RepeatedCiphertext:
    id = "repeated-ciphertext"
    references: tuple[str, ...] = ("MASVS-CRYPTO-1",)

    def find(self, context: Context) -> list[Draft]:
        drafts = []
        for told in context.unopened():
            kinds = [kind for kind in WEAK if kind in told.kinds]
            references = (*self.references, *(WEAK[kind] for kind in kinds))
            reasons = ("unopened", *kinds)
            drafts.append(Draft(self.id, told, "low", "medium", reasons, references, ("contents",)))
        return drafts


REPEATED_CIPHERTEXT = _RepeatedCiphertext()
