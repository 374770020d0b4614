"""Wire formats: how telemetry of known kits looks, and who can read it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from waakzaam.knowledge.devices import known

if TYPE_CHECKING:
    from waakzaam.knowledge.subjects import Subjects

PROTECTIONS = (
    "none",
    "encoding",
    "obfuscation with an embedded key",
    "encryption to the recipient",
    "not known",
)
"""What the format itself adds: words of one scale for every vendor. TLS outside it is another matter."""

READABLE = ("yes", "in part", "no", "not known")
"""Whether the message alone, without the phone's own keys, is enough to read it."""


class WireFormat(NamedTuple):
    """One format; ``id`` is the one that recognisers give."""

    id: str
    name: str
    organisation: str
    recognise: str
    layers: str
    protection: str
    readable: str
    confidence: str
    source: tuple[str, ...]
    key: str | None = None
    seen_in: str | None = None  # which versions were examined
    says: tuple[str, ...] = ()  # what its fields hold
    steps: tuple[str, ...] = ()  # how it is read, in words
    unconfirmed: tuple[str, ...] = ()  # details from memory
    note: str | None = None


def read_formats(base: Subjects) -> Mapping[str, WireFormat]:
    """Read ``wire_formats.toml`` by id. Raises ``FactsError``."""
    found: dict[str, WireFormat] = {}
    for row in base.rows("wire_formats", "format"):
        one = WireFormat(
            id=row.text("id"),
            name=row.text("name"),
            organisation=known(base, row, row.text("organisation")),
            recognise=row.text("recognise"),
            layers=row.text("layers"),
            protection=row.text("protection", choices=PROTECTIONS),
            readable=row.text("readable", choices=READABLE),
            confidence=row.confidence(),
            source=base.sourced(row),
            key=row.text_or_none("key"),
            seen_in=row.text_or_none("seen_in"),
            says=row.texts("says"),
            steps=row.texts("steps"),
            unconfirmed=row.texts("unconfirmed"),
            note=row.text_or_none("note"),
        )
        if one.id in found:
            raise row.fail(f"the id '{one.id}' is taken")
        found[one.id] = one
    return MappingProxyType(found)
