"""What two rules share: browsing that is told to a party which is neither the site nor needed to reach it."""

from __future__ import annotations

from dataclasses import dataclass

from waakzaam.advise.context import Context, Draft, grade, references_for


@dataclass
class ToldElsewhere:
    """A rule about one kind of browsing data. ``reason``: key of the catalogue (``reason.<key>``)."""

    id: str
    datum: str
    reason: str
    references: tuple[str, ...] = (
        "CWE-359",
        "MASVS-PRIVACY-1",
        "GDPR art. 4(1)",
        "Directive 2002/58/EC art. 5(3)",
    )

    def find(self, context: Context) -> list[Draft]:
        """One finding for each recipient and app; the header Referer has a rule of its own."""
        drafts = []
        for told in context.told(lambda row: row["datum"] == self.datum and not row["referrer"]):
            severity, reasons = grade(
                "medium",
                self.reason,
                linked=told.linked,
                clear=told.clear,
                incognito=context.incognito,
                private=told.private and not context.incognito,
            )
            references = references_for(told, self.references)
            sure = told.repeated or len(told.values) > 1 or told.bases == {"phone description"}
            confidence = "high" if sure else "medium"
            drafts.append(Draft(self.id, told, severity, confidence, reasons, references, ("purpose",)))
        return drafts
