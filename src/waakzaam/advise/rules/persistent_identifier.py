"""Values that stay the same and single out a device or an installation, but can be reset."""

from __future__ import annotations

from typing import Any

from waakzaam.advise.context import Context, Draft, Told, grade, references_for


class _PersistentIdentifier:
    id = "persistent-identifier"
    references: tuple[str, ...] = (
        "CWE-359",
        "MASVS-PRIVACY-2",
        "GDPR art. 4(1)",
        "Directive 2002/58/EC art. 5(3)",
    )

    def find(self, context: Context) -> list[Draft]:
        # A value seen in one message only may be the number of that message: it is no identifier yet,
        # unless it was declared, its digest was sent too, or its kind says that it lasts.
        def lasting(row: dict[str, Any]) -> bool:
            if row["group"] == "resettable-id":
                return True
            if row["group"] != "app-id":
                return False
            return bool(row["basis"] != "named in the capture" or row["messages"] > 1)

        return [self._draft(told) for told in context.told(lasting)]

    def _draft(self, told: Told) -> Draft:
        reason = "stable" if told.repeated else "resettable"
        severity, reasons = grade("low", reason, clear=told.clear)
        references = references_for(told, self.references)
        confidence = "high" if told.repeated or "phone description" in told.bases else "medium"
        return Draft(self.id, told, severity, confidence, reasons, references, ("lifetime",))


PERSISTENT_IDENTIFIER = _PersistentIdentifier()
