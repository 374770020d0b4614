"""The table ``devices``: what stands in the network that was recorded, and what says so.

A device is a hardware address; where a capture has none, an address of the local network. Its brand and kind
come from what it announces of itself (DHCP, mDNS, SSDP, UPnP, NetBIOS, `User-Agent`) and from the block that
its hardware address belongs to. Phones use random hardware addresses on Wi-Fi: then the address tells
nothing, and that a brand is not seen does not mean that it is not there. A brand is context, never a finding.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.attribute.address import special
from waakzaam.attribute.maker import holder_of, is_random
from waakzaam.header_fields import named
from waakzaam.knowledge import card_vendor, load, organisation
from waakzaam.knowledge.model import UNCONFIRMED
from waakzaam.knowledge.signs import Sign
from waakzaam.ordinals import in_order
from waakzaam.spill import in_pieces
from waakzaam.tables import DEVICES

MOST_HOSTS = 20
"""Hosts listed for one device."""
MOST_NAMES = 5
"""Names listed for one device."""
MOST_BASIS = 16
"""Sentences for one device."""
NAMES = {("dhcp", "host-name"), ("mdns", "host-name"), ("netbios", "name"), ("upnp", "friendlyName")}
"""Statements that are names of a device."""
_SAID = ("brand", "model", "kind", "system")


@dataclass
class _Device:
    """What is gathered about one device."""

    mac: str | None
    addresses: dict[str, None] = field(default_factory=dict)
    told: dict[tuple[str, str, str], int] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None

    def seen(self, first: datetime | None, last: datetime | None) -> None:
        """Note when it was there."""
        self.first = min((each for each in (self.first, first) if each), default=None)
        self.last = max((each for each in (self.last, last) if each), default=None)


def devices(announcements: pa.Table, connections: pa.Table, messages: pa.Table) -> pa.Table:
    """Say which devices are in a recorded network.

    Args:
        announcements: table ``announcements``.
        connections: table ``connections``; says what each device called.
        messages: table ``messages`` with header fields; their ``User-Agent`` says what sent them.

    Returns:
        Table ``devices``, by evidence, most bytes sent first. Empty where the evidence tells of no device.
    """
    if not len(announcements):
        return DEVICES.empty_table()
    rows = announcements.to_pylist()
    found = _gather(rows)
    owners = {
        (evidence, address): device for (evidence, _), device in found.items() for address in device.addresses
    }
    called = _called(connections)
    for (evidence, address), agents in _agents(messages).items():
        if device := owners.get((evidence, address)):
            for agent, frame in agents:
                device.told.setdefault(("user-agent", "user-agent", agent), frame)
    result = [_row(evidence, device, called) for (evidence, _), device in found.items()]
    result.sort(key=lambda row: (row["evidence"], -(row["bytes_up"] or 0), row["device"]))
    return pa.Table.from_pylist(result, schema=DEVICES)


def _gather(rows: Iterable[dict[str, Any]]) -> dict[tuple[str, str], _Device]:
    """Devices by (evidence, hardware address or address)."""
    rows = list(rows)
    found: dict[tuple[str, str], _Device] = {}
    holders: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        if row["mac"] and row["address"]:
            holders.setdefault((row["evidence"], row["address"]), set()).add(row["mac"])
    for row in rows:
        known = holders.get((row["evidence"], row["address"] or ""), set())
        mac = row["mac"] or (next(iter(known)) if len(known) == 1 else None)
        key = mac or row["address"]
        if key is None or (mac is None and len(known) > 1):
            continue  # two devices had this address: it is not known which one spoke
        device = found.setdefault((row["evidence"], key), _Device(mac))
        device.seen(row["first"], row["last"])
        if row["address"]:
            device.addresses[row["address"]] = None
        if row["name"] == "given":
            device.addresses[row["value"]] = None
        elif row["name"] != "address":
            device.told.setdefault((row["kind"], row["name"], row["value"]), row["frame"])
    return found


def _called(connections: pa.Table) -> dict[tuple[str, str], list[tuple[str, int, int]]]:
    """Hosts outside the local network with connections and bytes, by (evidence, client address)."""
    host = pc.coalesce(connections["sni"], connections["host"], connections["server_address"])
    table = pa.table(
        {
            "evidence": connections["evidence"],
            "client": connections["client_address"],
            "host": host,
            "up": pc.fill_null(connections["bytes_up"], 0),
        }
    )
    grouped = table.group_by(["evidence", "client", "host"], use_threads=False).aggregate(
        [([], "count_all"), ("up", "sum")]
    )
    called: dict[tuple[str, str], list[tuple[str, int, int]]] = {}
    for row in grouped.to_pylist():
        if row["client"] and row["host"] and _is_outside(row["host"]):
            one = (row["host"], row["count_all"], row["up_sum"])
            called.setdefault((row["evidence"], row["client"]), []).append(one)
    return called


def _is_outside(host: str) -> bool:
    """Say whether a host is outside the local network: a name, or an address that is not of it."""
    try:
        return special(ipaddress.ip_address(host)) is None
    except ValueError:
        return True


def _agents(messages: pa.Table) -> dict[tuple[str, str], list[tuple[str, int]]]:
    """Distinct ``User-Agent`` fields with the packet of the first, by (evidence, client address)."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    columns = ["evidence", "client_address", "header_names", "header_values", "frame", "direction"]
    for batch in in_pieces(messages.select(columns)):
        rows, _, agents = named(batch, {"user-agent"})
        told = batch.select(["evidence", "client_address", "direction"]).take(rows)
        told = pa.Table.from_batches([told]).append_column("agent", agents).append_column("row", rows)
        told = told.filter(pc.and_(pc.equal(told["direction"], "up"), told["client_address"].is_valid()))
        keys = ["evidence", "client_address", "agent"]
        firsts = told.group_by(keys, use_threads=False).aggregate([("row", "min")])
        for one in in_order(firsts, ("row_min", "ascending")).to_pylist():
            sent = found.setdefault((one["evidence"], one["client_address"]), {})
            sent.setdefault(one["agent"], batch["frame"][one["row_min"]].as_py())
    return {key: list(sent.items()) for key, sent in found.items()}


def _row(
    evidence: str, device: _Device, called: dict[tuple[str, str], list[tuple[str, int, int]]]
) -> dict[str, Any]:
    basis: list[str] = []
    votes: dict[str, Counter[str]] = {key: Counter() for key in _SAID}
    sure: dict[str, set[str]] = {key: set() for key in _SAID}
    random = device.mac is not None and is_random(device.mac)
    holder = None
    if device.mac and random:
        basis.append(
            f"{device.mac} is a locally administered address, as phones use them on Wi-Fi: it does not tell "
            "the maker."
        )
    elif device.mac and (found := holder_of(device.mac)):
        holder = found.holder
        basis.append(f"{device.mac[:8]} is a block of {holder} ({found.basis}).")
        card = card_vendor(holder)
        company = organisation(card.organisation) if card and card.organisation else None
        if company:
            votes["brand"][company.name] += 1
            sure["brand"].add(company.name)
    names: dict[str, None] = {}
    for (place, name, value), frame in device.told.items():
        if (place, name) in NAMES:
            names[value] = None
        for sign in load().device_signs:
            match = sign.pattern.fullmatch(value) if (sign.place, sign.name) == (place, name) else None
            if not match:
                continue
            said = _with_brand(_said(sign, match.groupdict()))
            for key, text in said.items():
                votes[key][text] += 1
                if sign.confidence != UNCONFIRMED:
                    sure[key].add(text)
            if said:
                basis.append(_sentence(place, name, value, frame, said, sign))
            break
    best = {key: _first(counts) for key, counts in votes.items()}
    hosts, connections, up = _sums(evidence, device, called)
    left = len(basis) - MOST_BASIS
    return {
        "evidence": evidence,
        "device": device.mac or next(iter(device.addresses)),
        "mac": device.mac,
        "mac_random": random if device.mac else None,
        "mac_holder": holder,
        "addresses": sorted(device.addresses),
        "names": list(names)[:MOST_NAMES],
        **best,
        "confidence": _confidence(best, votes, sure),
        "basis": basis[:MOST_BASIS] + ([f"And {left} more."] if left > 0 else []),
        "hosts": hosts,
        "connections": connections,
        "bytes_up": up,
        "first": device.first,
        "last": device.last,
    }


def _said(sign: Sign, groups: dict[str, str | None]) -> dict[str, str]:
    """What a sign says: its own words, and what its pattern takes from the value."""
    said = {"brand": sign.brand, "kind": sign.kind, "system": sign.system}
    said |= {key: text.strip() for key, text in groups.items() if text}
    return {key: text for key, text in said.items() if text}


def _with_brand(said: dict[str, str]) -> dict[str, str]:
    """Add the brand that a model begins with, as in “Redmi Note 9 Pro”."""
    first = said.get("model", "").split(" ")[0].casefold()
    brand = next((each.brand for each in load().brands if each.brand.casefold() == first), None)
    return {"brand": brand, **said} if brand else said


def _sentence(place: str, name: str, value: str, frame: int, said: dict[str, str], sign: Sign) -> str:
    where = {"user-agent": "A request says", "dhcp": "DHCP says", "mdns": "mDNS says", "ssdp": "SSDP says"}
    words = ", ".join(f"{key} {text}" for key, text in said.items())
    unsure = " (unconfirmed)" if sign.confidence == UNCONFIRMED else ""
    note = f" {sign.note}." if sign.note else ""
    label = "" if place == name else f"{name} "
    return f"{where.get(place, f'{place} says')} {label}“{value}” (packet {frame}): {words}{unsure}.{note}"


def _first(counts: Counter[str]) -> str | None:
    """What was said most often; of equals, what was said first. Nothing if more than one half disagree."""
    return counts.most_common(1)[0][0] if counts else None


def _confidence(
    best: dict[str, str | None], votes: dict[str, Counter[str]], sure: dict[str, set[str]]
) -> str:
    """How sure brand and kind are: told more than once, once, only by unconfirmed signs, or not at all."""
    said = [(key, best[key]) for key in ("brand", "kind") if best[key]]
    if not said:
        return "none"
    if any(text not in sure[key] for key, text in said):
        return "unconfirmed"
    return "announced" if all(votes[key][text or ""] > 1 for key, text in said) else "single"


def _sums(
    evidence: str, device: _Device, called: dict[tuple[str, str], list[tuple[str, int, int]]]
) -> tuple[list[str], int, int]:
    """Hosts that it called, most bytes first; connections; bytes."""
    bytes_up: Counter[str] = Counter()
    connections = 0
    for address in device.addresses:
        for host, count, up in called.get((evidence, address), ()):
            bytes_up[host] += up
            connections += count
    order = sorted(bytes_up, key=lambda host: (-bytes_up[host], host))
    return order[:MOST_HOSTS], connections, sum(bytes_up.values())
