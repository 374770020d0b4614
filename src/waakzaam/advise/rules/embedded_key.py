"""Data that were hidden with a key that is at hand: shipped with an app, sent along, or worked out."""

from __future__ import annotations

from waakzaam.advise.ciphers import MASVS
from waakzaam.advise.context import Context, Draft, grade, references_for


class _EmbeddedKey:
    id = "embedded-key"
    references: tuple[str, ...] = MASVS

    def find(self, context: Context) -> list[Draft]:
        drafts = []
        for told in context.told(lambda row: row["disguise"] == "embedded-key"):
            severity, reasons = grade("low", "embedded", clear=told.clear)
            references = references_for(told, self.references)
            drafts.append(Draft(self.id, told, severity, "high", reasons, references, ("ciphers",)))
        return drafts


EMBEDDED_KEY = _EmbeddedKey()
