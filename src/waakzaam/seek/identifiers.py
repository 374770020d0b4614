"""Identifiers: values that single out a device, with every form and place in which they were sent."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.knowledge import load
from waakzaam.ordinals import ordinals
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
    ways = kept.group_by(list(_TOLD), use_threads=False).aggregate([("nr", "min")]).sort_by("nr_min")
    found: dict[str, dict[str, Any]] = {}
    for digest, shown, datum, basis, path, form, host in zip(
        *(values_of(ways[name]) for name in _TOLD), strict=True
    ):
        row = found.setdefault(
            digest,
            {"value_sha256": digest, "value_shown": shown, "datum": datum, "basis": basis}
            | {"messages": count[digest], "paths": set(), "forms": set(), "hosts": set()},
        )
        row["paths"].add(path)
        row["forms"].add(form)
        if host is not None:
            row["hosts"].add(host)
    return pa.Table.from_pylist([_row(row) for row in found.values()], schema=IDENTIFIERS)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    # Plain forms first; the names of digests hold a bracket.
    forms = sorted(row["forms"], key=lambda form: ("(" in form, form))
    hashed = len(forms) > 1 and "(" in forms[-1]
    if row["basis"] in (DECLARED, LINKED) or hashed:
        confidence = "high"
    else:
        confidence = "medium" if row["messages"] > 1 else "low"
    return {
        **{name: row[name] for name in ("value_sha256", "value_shown", "datum", "basis", "messages")},
        "hosts": sorted(row["hosts"]),
        "fields": sorted({_field(path) for path in row["paths"]}),
        "forms": forms,
        "confidence": confidence,
    }


def _field(path: str) -> str:
    """The last named step of a chain: ``json:$[0].properties.uuid`` → ``$[0].properties.uuid``."""
    last = path.rsplit(" | ", 1)[-1]
    return last.partition(":")[2] or last
