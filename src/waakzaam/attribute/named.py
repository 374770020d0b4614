"""What the capture itself says of an address: the names it was reached by, and the certificates it showed.

A name comes from a DNS answer, from the name that a TLS or QUIC client sends (SNI), or from the host of an
HTTP request to the same address, in the same evidence. One name alone is taken for connections that carry
none; of several none is chosen.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.attribute.host import normal

MAXIMUM_NAMES = 5
"""Names or addresses listed in one sentence."""
DNS, SENT = "dns", "sent"
_ONION = ".onion"
_HOST = re.compile(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


class Shown(NamedTuple):
    """A certificate that a server showed on a connection without a name. It was not verified."""

    names: tuple[str, ...]
    """Host names of its subject alternative names, ``*.`` left out; the common name where there are none."""
    organisation: str | None


def named_organisation(text: str | None) -> str | None:
    """Give the organisation of a certificate, or None where it is only a host name.

    Authorities that check nothing but the domain once wrote it there too (``O=*.example.com``).
    """
    return None if text is None or _HOST.fullmatch(text) else text


class Found(NamedTuple):
    """What to call an address. ``several``: all the names, where none of them is chosen."""

    host: str
    sentence: str
    several: tuple[str, ...] = ()


class Names:
    """Names by (evidence, address)."""

    def __init__(self, names: pa.Table) -> None:
        """Take the DNS answers (table ``names``)."""
        self._names: dict[tuple[str, str], dict[str, str]] = {}
        distinct = names.group_by(["evidence", "address", "name"], use_threads=False).aggregate([])
        for row in distinct.to_pylist():
            if row["address"] and row["name"]:
                self._add(row["evidence"], normal(row["address"]), normal(row["name"]), DNS)

    def add_sent(self, sent: Iterable[tuple[str | None, str | None, str | None]]) -> None:
        """Add names that were sent: (evidence, address, name), address and name in normal form."""
        for evidence, address, name in sent:
            if address and name and "." in name and not is_address(name):
                self._add(evidence or "", address, name, SENT)

    def _add(self, evidence: str, address: str, name: str, how: str) -> None:
        self._names.setdefault((evidence, address), {}).setdefault(name, how)

    def host(self, evidence: str, address: str) -> Found:
        """Give the host to show for an address, and the sentence that says where the name comes from."""
        known = self._names.get((evidence, address), {})
        if len(known) == 1:
            [(name, how)] = known.items()
            says = (
                f"a DNS answer in the same capture ({evidence}) gave this address for {name}"
                if how == DNS
                else f"another connection to this address in the same capture ({evidence}) named {name}"
            )
            return Found(name, f"No name was sent to {address}; {says}.")
        if known:
            listed = ", ".join([*known][:MAXIMUM_NAMES]) + (
                " and others" if len(known) > MAXIMUM_NAMES else ""
            )
            how = (
                "DNS answers"
                if set(known.values()) == {DNS}
                else "other connections"
                if set(known.values()) == {SENT}
                else "DNS answers and other connections"
            )
            return Found(
                address,
                f"No name was sent to {address}; {how} in the same capture ({evidence}) gave this "
                f"address for {len(known)} names ({listed}), so none is chosen.",
                tuple(sorted(known)),
            )
        return Found(
            address,
            f"No name was sent to {address}, and no DNS answer and no other connection in the capture "
            f"({evidence}) names it.",
        )


def is_address(name: str) -> bool:
    """Say whether a host in normal form is an address."""
    if not name or not (":" in name or name[-1].isdecimal()):
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def shown_without_name(connections: pa.Table) -> Mapping[str, tuple[Shown, ...]]:
    """Certificates by address, of connections on which no name was sent; self-issued ones are left out."""
    columns = ["server_address", "certificate_subject", "certificate_issuer", "certificate_organisation"]
    told = connections.select([*columns, "sni", "certificate_names"])
    told = told.filter(
        pc.and_(
            pc.and_(pc.invert(told["sni"].is_valid()), told["server_address"].is_valid()),
            pc.fill_null(pc.not_equal(told["certificate_subject"], told["certificate_issuer"]), False),
        )
    )
    found: dict[str, dict[Shown, None]] = {}
    for row in told.select([*columns, "certificate_names"]).to_pylist():
        names = row["certificate_names"] or _common_name(row["certificate_subject"])
        hosts = {normal(name).removeprefix("*.") for name in names}
        shown = Shown(
            tuple(sorted(host for host in hosts if "." in host and not host.endswith(_ONION))),
            named_organisation(row["certificate_organisation"]),
        )
        found.setdefault(normal(row["server_address"]), {})[shown] = None
    return {address: tuple(certificates) for address, certificates in found.items()}


def _common_name(subject: str) -> list[str]:
    """The common name of a distinguished name as RFC 4514 writes it, if it looks like a host name."""
    return [part[3:] for part in subject.split(",") if part.startswith("CN=") and " " not in part]
