"""Who an address is counted to that nobody named: by what the capture says of it, else by its network.

In this order: all names that the capture has for the address lead to one organisation; the certificate that
it showed does; it is a public server that is known by its address, or in a network that a company keeps for
its own services. A network in which machines are lent tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from waakzaam.attribute.host import Party, organisation_on, party
from waakzaam.attribute.named import MAXIMUM_NAMES, Shown
from waakzaam.knowledge import load
from waakzaam.knowledge.model import UNCONFIRMED


def of_address(
    address: str,
    network: str | None,
    several: Iterable[tuple[str, ...]],
    shown: Sequence[Shown],
    day: date | None,
    basis: list[str],
) -> Party | None:
    """Give who a bare address is counted to, and add to ``basis`` why.

    Args:
        address: in canonical form.
        network: name of its network, as the address database writes it.
        several: per evidence, names of which none was chosen; an empty one where the capture has none.
        shown: certificates of connections without a name.
        day: of the traffic.
        basis: sentences, added to.

    Returns:
        None where nothing tells.
    """
    return (
        _by_names(address, several, day, basis)
        or _by_certificate(address, shown, day, basis)
        or _by_facts(address, network, day, basis)
    )


def _by_names(
    address: str, several: Iterable[tuple[str, ...]], day: date | None, basis: list[str]
) -> Party | None:
    """All the names lead to one organisation, in every evidence."""
    names = list(several)
    if not names or not all(names):
        return None
    found = _agreed(sorted({name for each in names for name in each}), day)
    if found is None:
        return None
    basis.append(f"All names that the capture has for {address} are counted to {found.organisation}.")
    basis += found.basis
    return _without_role(found)


def _by_certificate(address: str, shown: Sequence[Shown], day: date | None, basis: list[str]) -> Party | None:
    """Every certificate that was shown at the address is of one organisation."""
    parties = [_certified(each, day) for each in shown]
    if not parties or None in parties:
        return None
    told = [each for each in parties if each is not None]
    if len({each.organisation for each in told}) != 1:
        return None
    found, certificate = told[0], shown[0]
    listed = ", ".join(certificate.names[:MAXIMUM_NAMES])
    more = " and others" if len(certificate.names) > MAXIMUM_NAMES else ""
    of = f" for the organisation {certificate.organisation}" if certificate.organisation else ""
    names = f"; it names {listed}{more}" if listed else ""
    basis.append(f"The certificate that {address} showed, which was not verified, is{of or ' one'}{names}.")
    if found.basis:
        basis += found.basis
    else:
        basis.append(f"No fact about these names; owner and seat of {found.organisation} are not known.")
    return _without_role(found)


def _certified(certificate: Shown, day: date | None) -> Party | None:
    """Who one certificate is for.

    One that names an organisation is for that one alone; one without may hold names of many customers of a
    delivery network, so that all of them must be known and agree.
    """
    organisation = certificate.organisation
    if organisation and lends(organisation):
        return None
    if not organisation:
        return _agreed(certificate.names, day)
    known = [found for name in certificate.names if (found := party(name, day)).organisation]
    if known and len({each.organisation for each in known}) == 1:
        return known[0]
    return Party(organisation, None, None, None, None, ()) if not known else None


def _by_facts(address: str, network: str | None, day: date | None, basis: list[str]) -> Party | None:
    """The address is a known public server, or its network is kept by one company for itself."""
    base = load()
    server = base.anycast.get(address)
    own = base.own_networks.get((network or "").lower())
    if server and server.organisation and server.confidence != UNCONFIRMED:
        identity, cited = server.organisation, base.cite(server.source, server.confidence)
        told = f"{address} is a server of {server.service}"
    elif own and own.confidence != UNCONFIRMED:
        identity, cited = own.organisation, base.cite(own.source, own.confidence)
        told = (
            f"{address} is in the network {own.network}, which {base.organisations[identity].name} keeps for "
            "its own services: it is counted to that organisation; which service it is, is not known"
        )
    else:
        return None
    basis.append(f"{told}. {cited}")
    found = organisation_on(identity, day)
    basis += found.basis
    return found


def _agreed(names: Sequence[str], day: date | None) -> Party | None:
    """The one organisation that all these names are counted to."""
    found = [party(name, day) for name in names]
    if not found or len({each.organisation for each in found}) != 1 or found[0].organisation is None:
        return None
    return found[0]


def _without_role(found: Party) -> Party:
    """The role is that of one name, and which of them was meant is not known."""
    return Party(found.organisation, found.owner, found.seat, found.seat_country, None, found.basis)


def lends(organisation: str) -> bool:
    """Say whether an organisation in a certificate is one that lends machines: it then names nobody else."""
    words = organisation.casefold().replace(",", " ").split()
    providers = {each.provider.casefold() for each in load().hosting}
    providers |= {each.provider.casefold() for each in load().hosting_networks.values()}
    return any(" ".join(words[:count]) in providers for count in (1, 2, 3)) or "akamai" in words
