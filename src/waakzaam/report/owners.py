"""Who stands behind the recipients: owners, organisations and their hosts, as of the day of the traffic.

The tree is drawn from the top owner down; each step says from when to when it is recorded, and from where. A
company that lends machines is never an owner: hosts of which only that is known are counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.attribute.host import normal
from waakzaam.knowledge import Facts, load, owner_chain, unconfirmed
from waakzaam.knowledge.model import Organisation, Ownership, Vendor
from waakzaam.report.model import Report
from waakzaam.tables import ONLY_LOOKED_UP

Row = dict[str, Any]

FEW = 3
"""Hosts without an owner that are named, of each kind."""
_COLUMNS = (
    *("host", "canonical", "addresses", "network", "organisation", "owner", "hosting", "role"),
    *("bytes_up", "last"),
)


@dataclass(frozen=True)
class Left:
    """Hosts for which no owner is shown: how many, and the first of them."""

    count: int
    first: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """One step upwards: an organisation and who owned it on the day of the traffic."""

    organisation: str
    company: str  # id of the organisation in the facts
    owner: str
    start: str | None  # ISO 8601, as far as it is known
    end: str | None
    city: str | None
    country: str | None  # ISO 3166-1 alpha-2
    note: str | None
    confidence: str
    sources: tuple[str, ...]  # one line each


@dataclass(frozen=True)
class Owned:
    """One organisation on one stretch of its history, with its hosts; ``steps`` lead upwards.

    ``day`` is that of the latest traffic to these hosts.
    """

    organisation: str
    company: str
    day: str | None
    hosts: tuple[str, ...]
    bytes_up: int
    steps: tuple[Step, ...]


@dataclass
class Node:
    """A name in the tree. ``step`` is how it is tied to the name above it; the topmost has none."""

    name: str
    company: str | None
    city: str | None = None
    country: str | None = None
    step: Step | None = None
    hosts: tuple[str, ...] = ()
    children: dict[tuple[str, Step | None], Node] = field(default_factory=dict)


@dataclass(frozen=True)
class Owners:
    """Organisations with owners, most bytes first; the same as a tree; hosts without owner by reason.

    Reasons: ``unconfirmed`` (the organisation is known, its owner is not), ``certificate`` (only a
    certificate names it), ``hosting`` (a machine that is lent), ``unknown``.

    ``companies`` has the id of the organisation of the facts by host; ``named`` are all that are named here,
    owners that are organisations of their own among them.
    """

    owned: tuple[Owned, ...]
    tree: tuple[Node, ...]
    steps: tuple[Step, ...]
    without: Mapping[str, Left]
    companies: Mapping[str, str]
    named: tuple[str, ...]


def owners(report: Report, facts: Facts | None = None) -> Owners:
    """Work out the owners of all recipients that were contacted."""
    base = load() if facts is None else facts
    table = report.table("recipients").select(_COLUMNS)
    only = pc.fill_null(pc.equal(pc.cast(table["role"], pa.string()), ONLY_LOOKED_UP), False)
    contacted = table.filter(pc.invert(only))
    # There may be very many hosts of which nothing is known: they are counted, not looked at.
    named = contacted.filter(contacted["organisation"].is_valid())
    left = contacted.filter(contacted["organisation"].is_null())
    lent = pc.greater(pc.fill_null(pc.list_value_length(left["hosting"]), 0), 0)
    groups: dict[tuple[str, tuple[Step, ...]], list[Row]] = {}
    without: dict[str, list[str]] = {"unconfirmed": [], "certificate": []}
    chains: dict[tuple[str, date | None], tuple[Step, ...]] = {}
    known: dict[str, str] = {}
    by_name = {each.name: each for each in base.organisations.values()}
    for row in named.to_pylist():
        company = company_of(row, base, by_name)
        if company is not None:
            known[row["host"]] = company.id
        if company is None or row["owner"] is None:
            without["certificate" if company is None else "unconfirmed"].append(row["host"])
            continue
        key = company.id, row["last"].date() if row["last"] else None
        if key not in chains:
            chains[key] = tuple(_steps(*key, base))
        groups.setdefault((company.id, chains[key]), []).append(row)
    owned = [_owned(base.organisations[id_], steps, rows) for (id_, steps), rows in groups.items()]
    owned.sort(key=lambda each: (-each.bytes_up, each.organisation))
    counted = {reason: Left(len(hosts), tuple(hosts[:FEW])) for reason, hosts in without.items()}
    counted["hosting"], counted["unknown"] = _left(left.filter(lent)), _left(left.filter(pc.invert(lent)))
    return Owners(
        owned=tuple(owned),
        tree=_tree(owned),
        steps=tuple(dict.fromkeys(step for each in owned for step in each.steps)),
        without={reason: each for reason, each in counted.items() if each.count},
        companies=known,
        named=tuple(dict.fromkeys((*(one.company for each in owned for one in each.steps), *known.values()))),
    )


def _left(hosts: pa.Table) -> Left:
    return Left(hosts.num_rows, tuple(hosts.slice(0, FEW)["host"].to_pylist()))


def company_of(
    row: Mapping[str, Any], base: Facts, by_name: Mapping[str, Organisation]
) -> Organisation | None:
    """Give the organisation of the facts that a row of ``recipients`` is counted to.

    What only a certificate says is no such organisation, even where the words are the same; an owner is only
    in the row if it came from the facts.
    """
    if row["organisation"] is None:
        return None
    if row["owner"] is not None:
        return by_name.get(row["organisation"])
    for id_ in _counted(row, base):
        if base.organisations[id_].name == row["organisation"]:
            return base.organisations[id_]
    return None


def _counted(row: Mapping[str, Any], base: Facts) -> Iterable[str]:
    """Organisations to which the names of a host, or its network, are counted."""
    for name in (row["host"], *(row["canonical"] or ())):
        found = base.host(normal(name)) if name else None
        if found is not None and isinstance(found[1], Vendor) and not unconfirmed(found[1]):
            yield found[1].organisation
    if row["host"] in (row["addresses"] or ()):
        network = (row["network"] or "").lower()
        for known in (base.anycast.get(row["host"]), base.own_networks.get(network)):
            if known is not None and known.organisation and not unconfirmed(known):
                yield known.organisation


def _steps(id_: str, day: date | None, base: Facts) -> Iterable[Step]:
    for organisation, owned in owner_chain(id_, day, base):
        if unconfirmed(owned):
            return  # nothing may rest on it
        yield step(organisation, owned, base)


def step(organisation: Organisation, owned: Ownership, base: Facts) -> Step:
    """Put one record of ownership into the form that is shown."""
    return Step(
        organisation=organisation.name,
        company=organisation.id,
        owner=owned.owner,
        start=owned.start.isoformat() if owned.start else None,
        end=owned.end.isoformat() if owned.end else None,
        city=owned.city,
        country=owned.country,
        note=owned.note,
        confidence=owned.confidence,
        sources=tuple(source.cite() for source in base.cited(owned.source)),
    )


def _owned(organisation: Organisation, steps: tuple[Step, ...], rows: list[Row]) -> Owned:
    last = max((row["last"] for row in rows if row["last"]), default=None)
    rows.sort(key=lambda row: (-(row["bytes_up"] or 0), row["host"]))
    return Owned(
        organisation=organisation.name,
        company=organisation.id,
        day=last and last.date().isoformat(),
        hosts=tuple(row["host"] for row in rows),
        bytes_up=sum(row["bytes_up"] or 0 for row in rows),
        steps=steps,
    )


def _tree(owned: Iterable[Owned]) -> tuple[Node, ...]:
    roots: dict[tuple[str, Step | None], Node] = {}
    for each in owned:
        if not each.steps:
            continue
        top = each.steps[-1]
        node = roots.setdefault((top.owner, None), Node(top.owner, None, top.city, top.country))
        for one in reversed(each.steps):
            key = one.organisation, one
            if key not in node.children:
                node.children[key] = Node(one.organisation, one.company, one.city, one.country, one)
            node = node.children[key]
        node.hosts += each.hosts
    return tuple(roots.values())
