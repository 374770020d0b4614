"""Identifiers: values that single out a device, with every form and place in which they were sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.knowledge import load
from waakzaam.ordinals import in_order, ordinals
from waakzaam.seek.known import DECLARED, LINKED
from waakzaam.tables import IDENTIFIERS, values_of

GROUPS = frozenset({"hardware-id", "resettable-id", "app-id"})

_TOLD = ("value_sha256", "value_shown", "datum", "basis", "path", "form", "host")


def identifiers(sightings: pa.Table) -> pa.Table:
    """Group sightings by value: plain, re-written and hashed forms of one value are one identifier.

    They stand in the order in which they were first seen. Confidence: ``high`` when the value was declared or
    its digest was sent as well; ``medium`` when it stands in two messages or more under a name that means it;
    ``low`` when it was seen once.
    """
    wanted = [datum.id for datum in load().data.values() if datum.group in GROUPS]
    kept = sightings.filter(pc.is_in(sightings["datum"], pa.array(wanted, pa.string())))
    messages = kept.group_by(["value_sha256", "evidence", "message"], use_threads=False).aggregate([])
    counted = messages.group_by("value_sha256", use_threads=False).aggregate([([], "count_all")])
    count = dict(zip(values_of(counted["value_sha256"]), counted["count_all"].to_pylist(), strict=True))
    kept = kept.select(list(_TOLD)).append_column("nr", ordinals(len(kept)))
    ways = kept.group_by(list(_TOLD), use_threads=False).aggregate([("nr", "min")])
    ways = in_order(ways, ("nr_min", "ascending"))
    found: dict[str, _Told] = {}
    for digest, shown, datum, basis, path, form, host in zip(
        *(values_of(ways[name]) for name in _TOLD), strict=True
    ):
        told = found.get(digest)
        if told is None:
            told = found[digest] = _Told(shown, datum, basis)
        told.fields.add(_field(path))
        told.forms.add(form)
        if host is not None:
            told.hosts.add(host)
    forms = [_plain_first(told.forms) for told in found.values()]
    columns = {
        "value_sha256": list(found),
        "value_shown": [told.shown for told in found.values()],
        "datum": [told.datum for told in found.values()],
        "fields": [sorted(told.fields) for told in found.values()],
        "forms": forms,
        "hosts": [sorted(told.hosts) for told in found.values()],
        "messages": [count[digest] for digest in found],
        "basis": [told.basis for told in found.values()],
        "confidence": [
            _confidence(told.basis, written, count[digest])
            for (digest, told), written in zip(found.items(), forms, strict=True)
        ],
    }
    return pa.table(columns, schema=IDENTIFIERS)


@dataclass(slots=True)
class _Told:
    """How and where one value was told."""

    shown: str
    datum: str
    basis: str
    fields: set[str] = field(default_factory=set)
    forms: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)


def _plain_first(forms: set[str]) -> list[str]:
    """Forms in order, those of digests last: their names hold a bracket."""
    return list(forms) if len(forms) == 1 else sorted(forms, key=lambda form: ("(" in form, form))


def _confidence(basis: str, forms: list[str], messages: int) -> str:
    hashed = len(forms) > 1 and "(" in forms[-1]
    if basis in (DECLARED, LINKED) or hashed:
        return "high"
    return "medium" if messages > 1 else "low"


@lru_cache(4096)
def _field(path: str) -> str:
    """The last named step of a chain: ``json:$[0].properties.uuid`` → ``$[0].properties.uuid``."""
    last = path.rsplit(" | ", 1)[-1]
    return last.partition(":")[2] or last
