"""Views of real captures: the timeline says what the connections say, the tree what the recipients say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from waakzaam.attribute.host import normal
from waakzaam.audit import Audit, audit
from waakzaam.knowledge import load
from waakzaam.report.compose import compose
from waakzaam.report.html import COMPANIES_SHOWN, render_html
from waakzaam.report.owners import owners
from waakzaam.report.text import Text
from waakzaam.report.timeline import HOSTS_SHOWN, timeline
from waakzaam.report.view import build
from waakzaam.report.words import Words
from waakzaam.tables import LOOKED_UP, ONLY_LOOKED_UP

pytestmark = pytest.mark.shared
TEXT = Text(strict=True)


@pytest.fixture(scope="module")
def result(shared: Path) -> Audit:
    return audit(sorted((shared / "captures" / "phone").glob("*.pcap*")))


def times(result: Audit) -> Iterator[tuple[str, str | None, datetime, datetime]]:
    """Evidence, host where a name was sent, first and last time: row by row, without the code under test."""
    hosts: dict[tuple[str, int], set[str]] = {}
    for row in result.tables["messages"].select(["evidence", "connection", "host"]).to_pylist():
        if row["host"] and row["connection"] is not None:
            hosts.setdefault((row["evidence"], row["connection"]), set()).add(normal(row["host"]))
    for row in result.tables["connections"].to_pylist():
        asked = hosts.get((row["evidence"], row["connection"]), set())
        if row["not_opened"] in LOOKED_UP or len(asked) > 1:
            continue
        name = next(iter(asked)) if asked else row["sni"] or row["host"]
        yield row["evidence"], normal(name) if name else None, row["first"], row["last"]
    for row in result.tables["messages"].to_pylist():
        if row["direction"] == "up" and row["host"]:
            yield row["evidence"], normal(row["host"]), row["time"], row["time"]


def test_first_and_last_are_those_of_the_connections(result: Audit) -> None:
    report = compose(result)
    words = Words(TEXT)
    found = timeline(report, build(report, TEXT), words)
    assert found is not None
    assert len(found.rows) == HOSTS_SHOWN + 1
    told: dict[str, list[datetime]] = {}
    for _, host, first, last in times(result):
        if host is not None:
            told.setdefault(host, []).extend(each for each in (first, last) if each)
    checked = 0
    resolved = {normal(row) for row in result.tables["names"]["name"].to_pylist() if row}
    for row in found.rows[:-1]:
        assert row.host is not None
        # A host that also has connections without a name of their own begins no later and ends no earlier.
        if row.host in told:
            assert row.first <= words.moment(min(told[row.host]))
            assert row.last >= words.moment(max(told[row.host]))
            if row.host not in resolved:
                checked += row.first == words.moment(min(told[row.host]))
        assert row.strip.open or row.strip.sent or row.strip.told
    assert checked >= 5
    contacted = sum(role != ONLY_LOOKED_UP for role in result.tables["recipients"]["role"].to_pylist())
    assert found.rows[-1].others == contacted - HOSTS_SHOWN


def test_the_tree_says_what_the_recipients_say(result: Audit) -> None:
    found = owners(compose(result))
    rows: dict[str, dict[str, Any]] = {
        row["host"]: row for row in result.tables["recipients"].to_pylist() if row["role"] != ONLY_LOOKED_UP
    }
    seen = set()
    for owned in found.owned:
        for host in owned.hosts:
            row = rows[host]
            assert (row["organisation"], row["owner"]) == (owned.organisation, owned.steps[0].owner)
            seen.add(host)
    assert seen == {host for host, row in rows.items() if row["owner"]}
    assert len(seen) + sum(each.count for each in found.without.values()) == len(rows)
    lenders = {each.provider for each in load().hosting}
    names = {name for step in found.steps for name in (step.organisation, step.owner)}
    assert not lenders & names or lenders & names <= {each.name for each in load().organisations.values()}


def test_every_company_that_is_named_has_its_section(result: Audit) -> None:
    page = render_html(compose(result), TEXT)
    found = owners(compose(result))
    assert 5 <= len(found.named) <= COMPANIES_SHOWN
    for id_ in found.named:
        assert f'id="company-{id_}"' in page
        assert page.count(f'href="#company-{id_}"') >= 1
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    assert len(page) < 3_000_000
