"""Reads a policy and says in words what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path

from waakzaam.knowledge import FactsError, load
from waakzaam.knowledge.model import GROUPS
from waakzaam.knowledge.rows import Row, read

PROFILES = ("private", "professional", "sensitive")
SEVERITIES = ("note", "low", "medium", "high")
TRANSPORTS = ("clear", "tls", "unknown")
DISGUISES = ("none", "encoding", "embedded-key", "to-recipient", "opaque")
PER = ("recipient", "app", "device")
PLACEHOLDERS = ("recipient", "organisation", "app", "data", "count")
DEFAULT = "vsse-2021"

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class When:
    """Conditions of a rule. All must hold; an empty one always does; inside one a single match is enough."""

    rules: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    data: frozenset[str] = frozenset()
    transport: frozenset[str] = frozenset()
    disguise: frozenset[str] = frozenset()
    severity: str = "note"  # at least
    organisations: frozenset[str] = frozenset()  # names, as recipients show them
    brands: frozenset[str] = frozenset()  # casefolded


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One advice and when it is given. ``kind``: ``finding``, or ``context`` for the text of an authority."""

    id: str
    kind: str
    profiles: tuple[str, ...]
    per: str
    when: When
    action: str
    why: tuple[str, ...]
    how: str
    undo: str
    sources: tuple[str, ...]  # lines to show
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A set of rules with a name and a date."""

    id: str
    title: str
    date: date
    rules: tuple[PolicyRule, ...] = field(default=())


def policies() -> tuple[str, ...]:
    """Give the names of the policies that come with waakzaam."""
    folder = files("waakzaam.advise.policies")
    return tuple(sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".toml")))


def load_policy(policy: str | Path | None = None) -> Policy:
    """Read a policy: a name of ``policies()``, or the path of a TOML file; by default ``vsse-2021``.

    Raises:
        WaakzaamError: the file is missing or wrong; the text says where and what to do.
    """
    name = str(policy) if policy is not None else DEFAULT
    packaged = policies()
    if name in packaged:
        return _policy(read(files("waakzaam.advise.policies").joinpath(f"{name}.toml")))
    path = Path(name)
    if not path.is_file():
        raise FactsError(
            f"{name}: no such policy; use one of {', '.join(packaged)}, or the path of a policy file (TOML)"
        )
    return _policy(read(path))


def _policy(top: Row) -> Policy:
    own = {}
    for row in top.rows("source"):
        parts = [row.text("publisher"), row.text("title")]
        day, url = row.day_or_none("date"), row.text_or_none("url")
        line = ": ".join(parts) + (f", {day.isoformat()}" if day else "") + (f" ({url})" if url else "")
        own[row.text("id")] = line
    rules: list[PolicyRule] = []
    for row in top.rows("rule"):
        rule = _rule(row, own)
        if any(rule.id == other.id for other in rules):
            raise row.fail(f"the id '{rule.id}' is used twice")
        rules.append(rule)
    known = {rule.id for rule in rules}
    for rule in rules:
        for name in rule.replaces:
            if name not in known:
                raise top.fail(f"rule '{rule.id}' replaces '{name}', which is not a rule of this policy")
    policy = Policy(id=top.text("id"), title=top.text("title"), date=top.day("date"), rules=tuple(rules))
    top.close()
    if not policy.rules:
        raise top.fail("has no [[rule]]; add at least one")
    return policy


def _rule(row: Row, own: dict[str, str]) -> PolicyRule:
    kind = row.text("kind", choices=("finding", "context")) if row.has("kind") else "finding"
    profiles = row.texts("profiles", required=True)
    if unknown := set(profiles) - set(PROFILES):
        raise row.fail(f"'profiles' has {sorted(unknown)[0]!r}; use {', '.join(PROFILES)}")
    when = _when(row.table("when"), kind)
    rule = PolicyRule(
        id=row.text("id"),
        kind=kind,
        profiles=profiles,
        per=row.text("per", choices=PER),
        when=when,
        action=row.text("action"),
        why=row.texts("why", required=True),
        how=row.text("how"),
        undo=row.text("undo"),
        sources=tuple(_source(one, own, row) for one in row.texts("source", required=True)),
        replaces=row.texts("replaces"),
    )
    for text in (rule.action, *rule.why, rule.how, rule.undo):
        for name in _PLACEHOLDER.findall(text):
            if name not in PLACEHOLDERS or kind == "context":
                raise row.fail(f"'{{{name}}}' cannot be filled in here; known: {', '.join(PLACEHOLDERS)}")
    return rule


def _when(row: Row, kind: str) -> When:
    facts = load()
    organisations = set()
    for one in row.texts("organisations"):
        if one not in facts.organisations:
            raise row.fail(f"the organisation '{one}' is not in organisations.toml")
        organisations.add(facts.organisations[one].name)
    when = When(
        rules=frozenset(row.texts("rules")),
        cases=_known(row, "cases", facts.cases),
        groups=_known(row, "groups", GROUPS),
        data=_known(row, "data", facts.data),
        transport=_known(row, "transport", TRANSPORTS),
        disguise=_known(row, "disguise", DISGUISES),
        severity=row.text("severity", choices=SEVERITIES) if row.has("severity") else "note",
        organisations=frozenset(organisations),
        brands=frozenset(brand.casefold() for brand in row.texts("brands")),
    )
    row.close()
    if kind == "finding" and (not when.rules or when.brands):
        raise row.fail(
            "advice needs a finding: give 'rules', and no 'brands'. A brand alone gives context only "
            '(kind = "context")'
        )
    if kind == "context" and (when != When(brands=when.brands) or not when.brands):
        raise row.fail("a rule of kind 'context' has the condition 'brands' and no other")
    return when


def _known(row: Row, key: str, known: object) -> frozenset[str]:
    values = row.texts(key)
    for value in values:
        if value not in known:  # type: ignore[operator]
            raise row.fail(f"'{key}' has {value!r}, which is not known")
    return frozenset(values)


def _source(name: str, own: dict[str, str], row: Row) -> str:
    if name in own:
        return own[name]
    sources = load().sources
    if name not in sources:
        raise row.fail(f"the source '{name}' is neither in sources.toml nor a [[source]] of this policy")
    return sources[name].cite()


def fill(text: str, values: dict[str, str]) -> str:
    """Put values into the placeholders of a text; nothing else in it has a meaning."""
    return _PLACEHOLDER.sub(lambda found: values[found.group(1)], text)
