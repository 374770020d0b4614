"""From a host name to the organisation it is counted to, its owner and seat."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from waakzaam.attribute.suffix import registrable
from waakzaam.knowledge import Facts, load
from waakzaam.knowledge.loader import HOST_MAXIMUM
from waakzaam.knowledge.model import UNCONFIRMED, Hosting, Organisation, Vendor

NO_FACT = "No fact about this host."
"""The one sentence of basis for a host nobody has noted anything about."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who a host is counted to, as far as facts tell; unknown is None. ``basis``: one sentence per step."""

    organisation: str | None
    owner: str | None
    seat: str | None  # "Beijing, CN", or "CN" where the city is not known
    seat_country: str | None  # ISO 3166-1 alpha-2
    role: str | None
    basis: tuple[str, ...]


@lru_cache(maxsize=65_536)
def normal(host: str) -> str:
    """Give the form of a host that names are compared in.

    Lower case, A-labels (RFC 5890), no port, no brackets, no trailing dot; addresses in their canonical
    form. A name that is no valid host stays as it is, in lower case: it is shown, and matches no fact.
    """
    name = host.strip().lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name, _, port = name.partition(":")
        if port and not port.isdecimal():
            return host.strip().lower()
    name = name.removesuffix(".")
    if not name.isascii() and len(name) <= HOST_MAXIMUM:
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return name
    if address := _address(name):
        return address
    return name


def _address(text: str) -> str | None:
    """Give an IP address in canonical form, or None for anything else."""
    # The test is cheap and keeps names away from the slow parser.
    if not text or not (":" in text or text[-1].isdecimal()):
        return None
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


@lru_cache(maxsize=65_536)
def site(host: str) -> str:
    """Give the registrable domain of a host: the party a visitor takes it for.

    Example: ``site("www.example.co.uk")`` → ``"example.co.uk"``. An address, a single label and a public
    suffix are given back as they are (in normal form).
    """
    name = normal(host)
    if _address(name) or len(name) > HOST_MAXIMUM or not all(name.split(".")):
        return name
    return registrable(name) or name


def party(host: str, at: date | None = None, facts: Facts | None = None) -> Party:
    """Give what is known about a host on a day (default: the latest known state).

    Args:
        host: a name in any form ``normal`` takes.
        at: day of the traffic: owners change.
        facts: default: the packaged facts.
    """
    base = load() if facts is None else facts
    name = normal(host)
    found = base.host(name)
    if found is None:
        return Party(None, None, None, None, None, (NO_FACT,))
    suffix, counted = found
    if counted.confidence == UNCONFIRMED:
        return Party(None, None, None, None, None, (f"{NO_FACT} Only an unconfirmed note exists.",))
    if isinstance(counted, Hosting):
        return _hosted(name, suffix, counted, base)
    organisation = base.organisations[counted.organisation]
    basis = [
        f"{_ends(name, suffix)}, which is counted to {organisation.name}. "
        f"{base.cite(counted.source, counted.confidence)}"
    ]
    owner, seat, country = _owner(organisation, at, base, basis)
    role = _role(name, counted, base, basis)
    return Party(organisation.name, owner, seat, country, role, tuple(basis))


def organisation_on(identity: str, at: date | None = None, facts: Facts | None = None) -> Party:
    """Give what is known about an organisation (its id) on a day, as ``party`` does for a host."""
    base = load() if facts is None else facts
    organisation = base.organisations[identity]
    basis: list[str] = []
    owner, seat, country = _owner(organisation, at, base, basis)
    return Party(organisation.name, owner, seat, country, None, tuple(basis))


def _ends(name: str, suffix: str) -> str:
    return f"{name} is a name" if name == suffix else f"{name} ends in {suffix}"


def _hosted(name: str, suffix: str, hosting: Hosting, base: Facts) -> Party:
    text = (
        f"{_ends(name, suffix)}, shared hosting of {hosting.provider}: many unrelated customers use it, so "
        f"it does not tell whose server this is. {base.cite(hosting.source, hosting.confidence)}"
    )
    return Party(None, None, None, None, f"shared hosting ({hosting.provider})", (text,))


def _owner(
    organisation: Organisation, at: date | None, base: Facts, basis: list[str]
) -> tuple[str | None, str | None, str | None]:
    """Give owner, seat and country; add the sentence that says why, or why not."""
    owned = organisation.owned(at)
    if owned is None:
        when = f" on {at.isoformat()}" if at and organisation.ownership else ""
        basis.append(f"No fact about the owner and seat of {organisation.name}{when}.")
        return None, None, None
    cited = base.cite(owned.source, owned.confidence)
    if owned.confidence == UNCONFIRMED:
        basis.append(
            f"Owner and seat of {organisation.name} are not shown: only an unconfirmed note exists. {cited}"
        )
        return None, None, None
    seat = f"{owned.city}, {owned.country}" if owned.city and owned.country else owned.country
    period = " ".join(
        text
        for text in (
            f"from {owned.start.isoformat()}" if owned.start else "",
            f"until {owned.end.isoformat()}" if owned.end else "",
        )
        if text
    )
    basis.append(
        f"Owner of {organisation.name}{f' {period}' if period else ''}: {owned.owner}; "
        f"seat: {seat or 'no fact'}. {f'{owned.note} ' if owned.note else ''}{cited}"
    )
    return owned.owner, seat, owned.country


def _role(name: str, vendor: Vendor, base: Facts, basis: list[str]) -> str | None:
    """Give what the host is for; the label with the most exact pattern wins, unconfirmed ones never."""
    labels = [label for label in vendor.labels if label.confidence != UNCONFIRMED and label.names(name)]
    if not labels:
        return None
    label = min(labels, key=lambda each: name not in each.patterns)
    basis.append(
        f"{name} is known to be for: {label.role}. {f'{label.note} ' if label.note else ''}"
        f"{base.cite(label.source, label.confidence)}"
    )
    return label.role
