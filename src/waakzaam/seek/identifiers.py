"""Identifiers: values that single out a device, with every form and place in which they were sent."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from waakzaam.knowledge import load
from waakzaam.query import ask
from waakzaam.seek.known import DECLARED, LINKED
from waakzaam.tables import IDENTIFIERS

GROUPS = frozenset({"hardware-id", "resettable-id", "app-id"})

_QUESTION = """
SELECT
    value_sha256,
    any_value(value_shown) AS value_shown, any_value(s.datum) AS datum, any_value(basis) AS basis,
    list_distinct(list(path)) AS paths, list_distinct(list(form)) AS forms,
    list_sort(list_distinct(list(host) FILTER (host IS NOT NULL))) AS hosts,
    count(DISTINCT evidence || '/' || message) AS messages, min(nr) AS nr
FROM (SELECT *, CAST(substr(sighting, 2) AS BIGINT) AS nr FROM sightings) s
JOIN wanted ON wanted.datum = s.datum
GROUP BY value_sha256
ORDER BY nr
"""


def identifiers(sightings: pa.Table) -> pa.Table:
    """Group sightings by value: plain, re-written and hashed forms of one value are one identifier.

    Confidence: ``high`` when the value was declared or its digest was sent as well; ``medium`` when it
    stands in two messages or more under a name that means it; ``low`` when it was seen once.
    """
    wanted = [datum.id for datum in load().data.values() if datum.group in GROUPS]
    answer = ask(_QUESTION, sightings=sightings, wanted=pa.table({"datum": wanted}))
    return pa.Table.from_pylist([_row(row) for row in answer.to_pylist()], schema=IDENTIFIERS)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    # Plain forms first; the names of digests hold a bracket.
    forms = sorted(row["forms"] or (), key=lambda form: ("(" in form, form))
    hashed = len(forms) > 1 and "(" in forms[-1]
    if row["basis"] in (DECLARED, LINKED) or hashed:
        confidence = "high"
    else:
        confidence = "medium" if row["messages"] > 1 else "low"
    return {
        **{
            name: row[name] for name in ("value_sha256", "value_shown", "datum", "basis", "hosts", "messages")
        },
        "fields": sorted({_field(path) for path in row["paths"] or ()}),
        "forms": forms,
        "confidence": confidence,
    }


def _field(path: str) -> str:
    """The last named step of a chain: ``json:$[0].properties.uuid`` → ``$[0].properties.uuid``."""
    last = path.rsplit(" | ", 1)[-1]
    return last.partition(":")[2] or last
