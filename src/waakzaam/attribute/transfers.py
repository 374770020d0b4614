"""The table ``transfers``: to which countries data went or can be reached from, and what to ask about each.

Where the server stands and where the operator sits are two rows, never one: remote access counts as a
transfer, too (Irish Data Protection Commission, 30 April 2025). The table tells the state of the record on
the day of the traffic: adequacy decisions (article 45 GDPR) and laws in force. It says what to ask, never
that a transfer is unlawful.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from waakzaam.knowledge import Facts, adequacy, laws_for, load, unconfirmed
from waakzaam.tables import ONLY_LOOKED_UP, TRANSFERS

SERVER, SEAT = "server", "seat"
"""Why a country is listed: the server stands there, or the owner of the operator has its seat there."""
ACCESS = "state access"
"""Subject of the laws that are listed: what a state may ask of those it reaches."""


@dataclass
class _Sums:
    hosts: dict[str, None] = field(default_factory=dict)
    messages: int = 0
    bytes_up: int | None = None
    last: datetime.datetime | None = None


def transfers(recipients: pa.Table, facts: Facts | None = None) -> pa.Table:
    """Say which countries are concerned, and what to ask.

    Args:
        recipients: table ``recipients``.
        facts: default: the packaged facts.

    Returns:
        Table ``transfers``, most bytes first. Hosts that were only looked up are not in it, and neither is
        what is not known: a host without a fact has no seat, and an address without an entry has no country.
    """
    base = load() if facts is None else facts
    found: dict[tuple[str | None, str | None, str, str], _Sums] = {}
    for row in recipients.to_pylist():
        if row["role"] == ONLY_LOOKED_UP:
            continue
        for country, why in _countries(row):
            sums = found.setdefault((row["organisation"], row["owner"], country, why), _Sums())
            sums.hosts[row["host"]] = None
            sums.messages += row["messages"] or 0
            if row["bytes_up"] is not None:
                sums.bytes_up = (sums.bytes_up or 0) + row["bytes_up"]
            sums.last = max((each for each in (sums.last, row["last"]) if each), default=None)
    rows = [_row(*key, sums, base) for key, sums in found.items()]
    rows.sort(
        key=lambda row: (-(row["bytes_up"] or 0), row["organisation"] or "~", row["why"], row["country"])
    )
    return pa.Table.from_pylist(rows, schema=TRANSFERS)


def _countries(row: dict[str, Any]) -> Iterable[tuple[str, str]]:
    yield from ((country, SERVER) for country in row["server_countries"] or ())
    if row["seat_country"]:
        yield row["seat_country"], SEAT


def _row(
    organisation: str | None, owner: str | None, country: str, why: str, sums: _Sums, base: Facts
) -> dict[str, Any]:
    day = sums.last.date() if sums.last else base.as_of
    state = adequacy(country, day, base)
    laws = [law for law in laws_for(country, day, base) if ACCESS in law.about and not unconfirmed(law)]
    return {
        "organisation": organisation,
        "owner": owner,
        "country": country,
        "why": why,
        "day": day.isoformat(),
        "hosts": list(sums.hosts),
        "messages": sums.messages,
        "bytes_up": sums.bytes_up,
        "adequacy": state.status,
        "adequacy_text": f"{state.text} {base.cite(state.source, state.confidence)}",
        "laws": [law.id for law in laws],
        "questions": list(questions(state.status, why, organisation is not None)),
    }


def questions(status: str, why: str, known: bool) -> Iterable[str]:
    """Give keys of the questions that follow from a state of the record; the same for every country.

    Args:
        status: of adequacy, as `waakzaam.knowledge.adequacy` gives it.
        why: ``server`` or ``seat``.
        known: whether the operator is known.
    """
    if not known:
        yield "operator"
    if status == "member":
        yield "reach" if why == SERVER else "controller"
        return
    if why == SEAT:
        yield "access"
    yield {
        "none": "safeguard",
        "bridge": "bridge",
        "adequate, limited": "scope",
    }.get(status, "decision")
    if status in ("none", "bridge"):
        yield "assessment"
    yield "record"
