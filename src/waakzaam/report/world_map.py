"""A map of the countries of the table ``transfers``: drawn offline, readable without colour.

Countries where a server is placed are hatched, countries where an owner sits carry a dot. The table beside
it says the same in words. Outlines: ``world.json`` (Natural Earth), made by ``tools/make_map.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from waakzaam.report.transfers import TransferShown

WIDTH, HEIGHT = 720, 280


@dataclass(frozen=True)
class CountryDrawn:
    """A country that is marked: ``paths`` are empty where it is too small for an outline."""

    code: str
    x: int
    y: int
    paths: tuple[str, ...]
    server: bool
    seat: bool


@dataclass(frozen=True)
class WorldMap:
    """``outlines`` of all other countries; those that are marked; codes that are ``missing`` on the map."""

    outlines: tuple[str, ...]
    marked: tuple[CountryDrawn, ...]
    missing: tuple[str, ...]

    def codes(self, why: str) -> tuple[str, ...]:
        """Give the codes of countries with a ``server`` or a ``seat``."""
        return tuple(each.code for each in self.marked if getattr(each, why))


@cache
def _world() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(
        files("waakzaam.report").joinpath("world.json").read_text("ascii")
    )
    return found


def draw(rows: Iterable[TransferShown]) -> WorldMap | None:
    """Mark the countries of these rows; None where there is none."""
    why: dict[str, set[str]] = {}
    for row in rows:
        why.setdefault(row.country, set()).add(row.why)
    if not why:
        return None
    world = _world()
    marked = tuple(
        CountryDrawn(
            code=code,
            x=world[code]["point"][0],
            y=world[code]["point"][1],
            paths=tuple(world[code]["paths"]),
            server="server" in reasons,
            seat="seat" in reasons,
        )
        for code, reasons in sorted(why.items())
        if code in world
    )
    others = (shape for code, each in world.items() if code not in why for shape in each["paths"])
    return WorldMap(tuple(others), marked, tuple(sorted(why.keys() - world.keys())))
