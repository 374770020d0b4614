"""Data that point at a person or a place: name, number, address, location, the network at home."""

from __future__ import annotations

from waakzaam.advise.context import Context, Draft, grade, references_for

GROUPS = frozenset({"contact", "location", "network", "person"})


class _PersonalData:
    id = "personal-data"
    references: tuple[str, ...] = ("CWE-359", "MASVS-PRIVACY-1", "GDPR art. 4(1)")

    def find(self, context: Context) -> list[Draft]:
        drafts = []
        for told in context.told(lambda row: row["group"] in GROUPS):
            person = any(row["group"] != "network" for row in told.rows)
            severity, reasons = grade("low", "personal", person=person, clear=told.clear)
            references = references_for(told, self.references)
            confidence = "high" if "phone description" in told.bases else "medium"
            drafts.append(Draft(self.id, told, severity, confidence, reasons, references, ("purpose",)))
        return drafts


PERSONAL_DATA = _PersonalData()
