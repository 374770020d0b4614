"""The map: every country with a name can be marked, and what is marked is what the table says."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

from report_sample import make_report

from waakzaam.knowledge import load
from waakzaam.report import Report
from waakzaam.report.html import render_html
from waakzaam.report.text import Text
from waakzaam.report.transfers import shown
from waakzaam.report.words import Words
from waakzaam.report.world_map import HEIGHT, WIDTH, draw

WORLD: dict[str, dict[str, Any]] = json.loads(
    files("waakzaam.report").joinpath("world.json").read_text("ascii")
)


def report() -> Report:
    return make_report()


def test_every_country_of_the_facts_is_on_the_map() -> None:
    base = load()
    seats = {owned.country for each in base.organisations.values() for owned in each.ownership}
    codes = {*seats, *(law.country for law in base.laws.values()), *(each.country for each in base.adequacy)}
    assert codes - WORLD.keys() <= {"EU", "EP", None}  # two organisations, and seats that are not known


def test_points_and_outlines_are_on_the_map() -> None:
    for code, each in WORLD.items():
        x, y = each["point"]
        assert 0 <= x <= WIDTH, code
        assert 0 <= y <= HEIGHT, code
        assert all(re.fullmatch(r"M-?\d+ \d+l( -?\d+ -?\d+)+z", path) for path in each["paths"]), code


def test_places_are_where_they_are() -> None:
    """Half degrees from 180° W and from 84° N."""
    for code, east, north in (("BE", 4.5, 50.6), ("SG", 103.8, 1.35), ("CN", 104, 36), ("BR", -54, -14)):
        x, y = WORLD[code]["point"]
        assert abs(x / 2 - 180 - east) < 4, code
        assert abs(84 - y / 2 - north) < 4, code


def test_servers_and_owners_are_marked_as_the_table_has_them() -> None:
    made = draw(shown(report(), Words(Text())))
    assert made
    assert made.codes("server") == ("DE",)
    assert made.codes("seat") == ("CN",)
    page = render_html(report(), Text())
    assert "Servers are placed in: Germany. Owners sit in: China." in page
    assert page.count('fill="url(#hatch)"') == 1


def test_without_countries_there_is_no_map() -> None:
    assert draw(()) is None
