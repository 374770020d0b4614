"""From sightings to findings: rules say what was observed, cases say what was reported elsewhere."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from waakzaam.advise.context import SEVERITIES, Draft, Unopened, context_of
from waakzaam.advise.rules import RULES
from waakzaam.knowledge import load
from waakzaam.knowledge.model import UNCONFIRMED
from waakzaam.tables import FINDINGS

MAX_SIGHTINGS = 20
"""Sightings named in a finding; the table of sightings has them all."""


def find(
    sightings: pa.Table,
    private: pa.Table,
    *,
    incognito: bool = False,
    proofs: pa.Table | None = None,
    weaknesses: pa.Table | None = None,
) -> pa.Table:
    """Apply all rules.

    Args:
        sightings: table ``sightings``.
        private: messages that say themselves that a page was opened in private mode (see ``seek.private``).
        incognito: the owner says that the whole session was a private one.
        proofs: table ``proofs``.
        weaknesses: table ``weaknesses``.

    Returns:
        Table ``findings``, highest severity first, then in the order of ``RULES``. ``title`` is null: it is
        a text of the catalogue. ``why_severity`` holds keys of the catalogue, joined by spaces.
    """
    context = context_of(sightings, private, incognito=incognito, proofs=proofs, weaknesses=weaknesses)
    drafts = [draft for rule in RULES for draft in rule.find(context)]
    drafts.sort(key=lambda draft: -SEVERITIES.index(draft.severity))
    rows = [_row(number + 1, draft) for number, draft in enumerate(drafts)]
    return pa.Table.from_pylist(rows, schema=FINDINGS)


def _row(number: int, draft: Draft) -> dict[str, Any]:
    told = draft.told
    return {
        "finding": f"F{number}",
        "rule": draft.rule,
        "title": None,
        "severity": draft.severity,
        "confidence": draft.confidence,
        "app": told.app,
        "app_basis": told.app_basis,
        "recipient": told.host,
        "data": told.data,
        "transport": told.transport,
        "disguise": told.disguise,
        "why_severity": " ".join(draft.reasons),
        "sightings": _examples(draft),
        "sightings_total": told.times,
        "weaknesses": [row["weakness"] for row in told.rows] if isinstance(told, Unopened) else [],
        "references": list(draft.references),
        "cases": cases_for(told.host, told.data),
        "not_checked": list(draft.not_checked),
    }


def _examples(draft: Draft) -> list[str]:
    """Sightings to show: one of each value, form and disguise."""
    if isinstance(draft.told, Unopened):
        return []
    return [row["sighting"] for row in draft.told.rows][:MAX_SIGHTINGS]


def cases_for(host: str | None, data: list[str]) -> list[str]:
    """Reported cases that name this host and one of these kinds of data; never one that is not confirmed."""
    if host is None:
        return []
    return [
        case.id
        for case in load().cases.values()
        if case.confidence != UNCONFIRMED and case.names_host(host) and set(case.data) & set(data)
    ]
