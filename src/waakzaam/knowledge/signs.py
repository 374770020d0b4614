"""Signs by which a device of a network says what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from waakzaam.knowledge.subjects import Subjects

PLACES = ("dhcp", "mdns", "ssdp", "upnp", "netbios", "user-agent")
"""Where a sign can stand: kinds of announcements, and the field of requests."""
KINDS = (
    "phone",
    "tablet",
    "computer",
    "television",
    "speaker",
    "printer",
    "camera",
    "router",
    "wearable",
    "appliance",
)
"""What a device can be."""


class Sign(NamedTuple):
    """A value that a device announces, and what it says of brand, kind, system; None where it says nothing.

    ``pattern`` is for the whole value; its groups ``brand`` and ``model`` are taken from it.
    """

    place: str
    name: str
    pattern: re.Pattern[str]
    confidence: str
    source: tuple[str, ...]
    brand: str | None = None
    kind: str | None = None
    system: str | None = None
    note: str | None = None


def read_signs(base: Subjects) -> tuple[Sign, ...]:
    """Read ``device_signs.csv``. Raises ``FactsError``."""
    return tuple(
        Sign(
            place=row.text("in", choices=PLACES),
            name=row.text("name"),
            pattern=row.regex("pattern", re.IGNORECASE),
            confidence=row.confidence(),
            source=base.sourced(row),
            brand=row.text_or_none("brand"),
            kind=row.text("kind", choices=KINDS) if row.has("kind") else row.text_or_none("kind"),
            system=row.text_or_none("system"),
            note=row.text_or_none("note"),
        )
        for row in base.table("device_signs")
    )
