"""Devices of the recorded network, in words; names and hardware addresses shortened unless asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from waakzaam.report.model import Report

KEPT = 3
"""Characters of a name that are shown when values are shortened."""
BLOCK = 8
"""Characters of a hardware address that name the block of its maker (``aa:bb:cc``)."""


@dataclass(frozen=True)
class DeviceShown:
    """One device. ``device`` is a hardware address or an address; ``hosts`` are the first that it called."""

    evidence: str
    device: str
    mac: str | None
    random: bool | None
    holder: str | None
    addresses: tuple[str, ...]
    names: tuple[str, ...]
    brand: str | None
    model: str | None
    kind: str | None
    system: str | None
    confidence: str
    basis: tuple[str, ...]
    hosts: tuple[str, ...]
    connections: int
    bytes_up: int
    first: datetime | None
    last: datetime | None


def shown(report: Report) -> tuple[DeviceShown, ...]:
    """Give the devices in the order of the table ``devices``."""
    return tuple(
        DeviceShown(
            evidence=row["evidence"],
            device=hide(row["device"]),
            mac=hide(row["mac"]) if row["mac"] else None,
            random=row["mac_random"],
            holder=row["mac_holder"],
            addresses=tuple(row["addresses"] or ()),
            names=tuple(hide(name) for name in row["names"] or ()),
            brand=row["brand"],
            model=row["model"],
            kind=row["kind"],
            system=row["system"],
            confidence=row["confidence"],
            basis=tuple(hide(sentence) for sentence in row["basis"] or ()),
            hosts=tuple(row["hosts"] or ()),
            connections=row["connections"],
            bytes_up=row["bytes_up"],
            first=row["first"],
            last=row["last"],
        )
        for row in report.table("devices").to_pylist()
        for hide in [_Hide(report.show_values, row["mac"], row["names"] or [])]
    )


class _Hide:
    """Shortens the names and the hardware address of one device in any text."""

    def __init__(self, show_values: bool, mac: str | None, names: list[str]) -> None:
        self._pairs: list[tuple[str, str]] = []
        if show_values:
            return
        if mac:
            self._pairs.append((mac, f"{mac[:BLOCK]}:…"))
        # The longest first: one name may be part of another.
        for name in sorted(names, key=len, reverse=True):
            self._pairs.append((name, f"{name[:KEPT]}…"))

    def __call__(self, text: str) -> str:
        for whole, short in self._pairs:
            text = text.replace(whole, short)
        return text
