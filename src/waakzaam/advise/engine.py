"""Applies a policy to findings: what to do on this phone, why, how, and how to undo it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from waakzaam.advise.policies.reader import (
    PROFILES,
    SEVERITIES,
    Policy,
    PolicyRule,
    When,
    fill,
    load_policy,
    policies,
)
from waakzaam.errors import WaakzaamError
from waakzaam.knowledge import load
from waakzaam.tables import ADVICE

__all__ = ["Policy", "advise", "load_policy", "policies"]

MAXIMUM_LISTED = 4
"""Recipients or kinds of data named in one sentence."""
NO_ORGANISATION = "an organisation that is not known to us"
UNNAMED_APP = "what was recorded (the evidence names no app)"
NO_APP = "An app or the system (the evidence does not tell which)"

Finding = Mapping[str, Any]


def advise(
    findings: pa.Table, recipients: pa.Table, profile: str, policy: Policy, phone: Mapping[str, Any]
) -> pa.Table:
    """Give the advice a policy has for these findings.

    Args:
        findings: table ``findings``.
        recipients: table ``recipients``: names the organisation of a host.
        profile: ``private``, ``professional`` or ``sensitive``.
        policy: see ``load_policy``.
        phone: what the owner declares; only ``brand`` is used.

    Returns:
        Table ``advice``: what follows from the gravest finding first, context on the brand last.

    Raises:
        WaakzaamError: an unknown profile.
    """
    if profile not in PROFILES:
        raise WaakzaamError(f"the profile {profile!r} is not known; use one of {', '.join(PROFILES)}")
    organisations = dict(
        zip(recipients["host"].to_pylist(), recipients["organisation"].to_pylist(), strict=True)
    )
    rows = findings.to_pylist()
    brand = str(phone.get("brand") or "").strip().casefold()
    taken: dict[str, set[str]] = {}
    given: list[tuple[int, int, dict[str, Any]]] = []
    for order, rule in enumerate(policy.rules):
        if profile not in rule.profiles:
            continue
        if rule.kind == "context":
            if brand in rule.when.brands:
                given.append((len(SEVERITIES), order, _row(rule, profile, str(phone["brand"]), [], {})))
            continue
        matched = [
            row
            for row in rows
            if row["finding"] not in taken.get(rule.id, ()) and _holds(rule.when, row, organisations)
        ]
        for name in rule.replaces:
            taken.setdefault(name, set()).update(row["finding"] for row in matched)
        for subject, group in _groups(rule.per, matched).items():
            worst = max(SEVERITIES.index(row["severity"]) for row in group)
            values = _values(group, organisations, rule.when)
            given.append((-worst, order, _row(rule, profile, subject, group, values)))
    given.sort(key=lambda each: each[:2])
    return pa.Table.from_pylist([row for *_, row in given], schema=ADVICE)


def _holds(when: When, row: Finding, organisations: Mapping[str, str | None]) -> bool:
    """Say whether a finding meets all conditions."""
    kinds = set(row["data"] or ())
    known = load().data
    groups = {known[kind].group for kind in kinds if kind in known}
    return (
        row["rule"] in when.rules
        and SEVERITIES.index(row["severity"]) >= SEVERITIES.index(when.severity)
        and (not when.cases or not when.cases.isdisjoint(row["cases"] or ()))
        and (not when.groups or not when.groups.isdisjoint(groups))
        and (not when.data or not when.data.isdisjoint(kinds))
        and (not when.transport or row["transport"] in when.transport)
        and (not when.disguise or row["disguise"] in when.disguise)
        and (not when.organisations or organisations.get(row["recipient"]) in when.organisations)
    )


def _groups(per: str, matched: list[Finding]) -> dict[str, list[Finding]]:
    """Put findings that get one advice together, by what the advice is about."""
    groups: dict[str, list[Finding]] = {}
    for row in matched:
        if per == "device":
            subject = "this phone"
        elif per == "app":
            subject = row["app"] or UNNAMED_APP
        else:
            subject = row["recipient"] or row["app"] or "this phone"
        groups.setdefault(subject, []).append(row)
    return groups


def _values(group: list[Finding], organisations: Mapping[str, str | None], when: When) -> dict[str, str]:
    """Give the words for the placeholders."""
    known = load().data
    hosts = list(dict.fromkeys(row["recipient"] for row in group if row["recipient"]))
    named = list(dict.fromkeys(name for host in hosts if (name := organisations.get(host))))
    apps = list(dict.fromkeys(row["app"] for row in group if row["app"]))
    kinds = dict.fromkeys(kind for row in group for kind in row["data"] or ())
    wanted = [
        kind for kind in kinds if not when.groups or (kind in known and known[kind].group in when.groups)
    ]
    labels = list(dict.fromkeys(known[kind].label if kind in known else kind for kind in wanted))
    return {
        "recipient": _listed(hosts) or "a recipient without a name",
        "organisation": _listed(named) or NO_ORGANISATION,
        "app": _listed(apps) or NO_APP,
        "data": _listed(labels) or "data",
        "count": str(len(hosts) if when.severity == "note" else len(group)),
    }


def _listed(words: list[str]) -> str:
    """Give words as a list in a sentence, cut after some."""
    if len(words) > MAXIMUM_LISTED:
        words = [*words[:MAXIMUM_LISTED], f"{len(words) - MAXIMUM_LISTED} more"]
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def _row(
    rule: PolicyRule, profile: str, subject: str, group: list[Finding], values: dict[str, str]
) -> dict[str, Any]:
    return {
        "profile": profile,
        "action": fill(rule.action, values),
        "subject": subject,
        "why": [fill(text, values) for text in rule.why],
        "how": fill(rule.how, values),
        "undo": fill(rule.undo, values),
        "findings": [row["finding"] for row in group],
        "sources": list(rule.sources),
    }
