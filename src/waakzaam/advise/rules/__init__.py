"""Rules: one module per rule, one instance each, registered in ``RULES``.

Add a rule: write one module with one instance that fits :class:`Rule`, name it in ``RULES``, give it a page
``docs/rules/<id>.md`` and its texts ``rule.<id>.*`` in the catalogues.
"""

from __future__ import annotations

from typing import Protocol

from waakzaam.advise.context import Context, Draft
from waakzaam.advise.rules.browsing_history import BROWSING_HISTORY
from waakzaam.advise.rules.device_identifier import DEVICE_IDENTIFIER
from waakzaam.advise.rules.embedded_key import EMBEDDED_KEY
from waakzaam.advise.rules.persistent_identifier import PERSISTENT_IDENTIFIER
from waakzaam.advise.rules.personal_data import PERSONAL_DATA
from waakzaam.advise.rules.repeated_ciphertext import REPEATED_CIPHERTEXT
from waakzaam.advise.rules.search_terms import SEARCH_TERMS
from waakzaam.advise.rules.third_party_referrer import THIRD_PARTY_REFERRER


class Rule(Protocol):
    """What must have been observed for a finding. A host, a brand or a seat alone is never enough."""

    id: str
    """Stable name; also the name of its page and of its texts."""
    references: tuple[str, ...]
    """CWE, MASVS, law: what a reader can look up."""

    def find(self, context: Context) -> list[Draft]:
        """The findings of this rule; their order is that of the sightings."""
        ...


RULES: tuple[Rule, ...] = (
    BROWSING_HISTORY,
    SEARCH_TERMS,
    DEVICE_IDENTIFIER,
    PERSISTENT_IDENTIFIER,
    PERSONAL_DATA,
    EMBEDDED_KEY,
    THIRD_PARTY_REFERRER,
    REPEATED_CIPHERTEXT,
)
"""All rules, in the order in which findings of equal severity are listed."""
