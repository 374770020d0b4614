"""Identifiers: values that single out a device, with every form and place in which they were sent."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pyarrow as pa

from waakzaam.knowledge import load
from waakzaam.seek.known import DECLARED, LINKED
from waakzaam.tables import IDENTIFIERS

GROUPS = frozenset({"hardware-id", "resettable-id", "app-id"})


def identifiers(sightings: pa.Table) -> pa.Table:
    """Group sightings by value: plain, re-written and hashed forms of one value are one identifier.

    Confidence: ``high`` when the value was declared or its digest was sent as well; ``medium`` when it
    stands in two messages or more under a name that means it; ``low`` when it was seen once.
    """
    groups = {datum.id: datum.group for datum in load().data.values()}
    by_value: dict[str, dict[str, Any]] = {}
    wanted = ["value_sha256", "value_shown", "datum", "path", "form", "host", "evidence", "message", "basis"]
    for row in sightings.select(wanted).to_pylist():
        if groups.get(row["datum"]) not in GROUPS:
            continue
        one = by_value.setdefault(row["value_sha256"], defaultdict(dict, first=row))
        # Dictionaries keep the order of first appearance.
        one["fields"][_field(row["path"])] = None
        one["forms"][row["form"]] = None
        one["hosts"][row["host"]] = None
        one["messages"][(row["evidence"], row["message"])] = None
    rows = [_row(one) for one in by_value.values()]
    return pa.Table.from_pylist(rows, schema=IDENTIFIERS)


def _row(one: dict[str, Any]) -> dict[str, Any]:
    first = one["first"]
    hashed = len(one["forms"]) > 1 and any("(" in form for form in one["forms"])
    if first["basis"] in (DECLARED, LINKED) or hashed:
        confidence = "high"
    else:
        confidence = "medium" if len(one["messages"]) > 1 else "low"
    return {
        "value_sha256": first["value_sha256"],
        "value_shown": first["value_shown"],
        "datum": first["datum"],
        "fields": list(one["fields"]),
        "forms": list(one["forms"]),
        "hosts": [host for host in one["hosts"] if host],
        "messages": len(one["messages"]),
        "basis": first["basis"],
        "confidence": confidence,
    }


def _field(path: str) -> str:
    """The last named step of a chain: ``json:$[0].properties.uuid`` → ``$[0].properties.uuid``."""
    last = path.rsplit(" | ", 1)[-1]
    return last.partition(":")[2] or last
