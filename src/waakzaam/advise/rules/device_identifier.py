"""Identifiers of the device or its SIM card."""

from __future__ import annotations

from waakzaam.advise.context import Context, Draft, grade, references_for


class _DeviceIdentifier:
    id = "device-identifier"
    references: tuple[str, ...] = ("CWE-359", "MASVS-PRIVACY-2", "GDPR art. 4(1)")

    def find(self, context: Context) -> list[Draft]:
        drafts = []
        for told in context.told(lambda row: row["group"] == "hardware-id"):
            severity, reasons = grade("medium", "hardware", clear=told.clear)
            references = references_for(told, self.references)
            confidence = "high" if told.bases - {"named in the capture"} or told.repeated else "medium"
            drafts.append(Draft(self.id, told, severity, confidence, reasons, references, ("lifetime",)))
        return drafts


DEVICE_IDENTIFIER = _DeviceIdentifier()
