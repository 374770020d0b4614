"""The page being read, told by the browser to others in the header made for it."""

from __future__ import annotations

from waakzaam.advise.context import Context, Draft


class _ThirdPartyReferrer:
    id = "third-party-referrer"
    references: tuple[str, ...] = ("RFC 9110 section 10.1.3", "W3C Referrer Policy")

    def find(self, context: Context) -> list[Draft]:
        kinds = ("browsing-history/url", "search-query")
        return [
            Draft(self.id, told, "note", "high", ("browser",), self.references, ("purpose",))
            for told in context.told(lambda row: row["datum"] in kinds and row["referrer"])
        ]


THIRD_PARTY_REFERRER = _ThirdPartyReferrer()
