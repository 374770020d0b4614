"""Pages that were visited, told to a party that is neither the site nor needed to reach it."""

from __future__ import annotations

from waakzaam.advise.context import Context, Draft, grade, references_for


class _BrowsingHistory:
    id = "browsing-history"
    references: tuple[str, ...] = (
        "CWE-359",
        "MASVS-PRIVACY-1",
        "GDPR art. 4(1)",
        "Directive 2002/58/EC art. 5(3)",
    )

    def find(self, context: Context) -> list[Draft]:
        drafts = []
        for told in context.told(lambda row: row["datum"] == "browsing-history/url" and not row["referrer"]):
            severity, reasons = grade(
                "medium",
                "browsing",
                linked=told.linked,
                clear=told.clear,
                incognito=context.incognito,
                private=told.private and not context.incognito,
            )
            references = references_for(told, self.references)
            confidence = "high" if len(told.values) > 1 or told.bases == {"phone description"} else "medium"
            drafts.append(Draft(self.id, told, severity, confidence, reasons, references, ("purpose",)))
        return drafts


BROWSING_HISTORY = _BrowsingHistory()
