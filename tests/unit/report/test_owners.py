"""Who stands behind recipients: as of the day, never a host that only lends, never what is not confirmed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from report_rows import ESCAPE, OVERRIDE, SCRIPT
from report_sample import make_report, table

from waakzaam.attribute.recipient_row import Known, Sums, recipient_row
from waakzaam.knowledge import load
from waakzaam.report import Report, Text
from waakzaam.report.html import render_html
from waakzaam.report.json import to_document
from waakzaam.report.owners import Node, owners
from waakzaam.report.terminal import render_terminal


def contacted(host: str, year: int, month: int, known: Known | None = None, **sums: Any) -> dict[str, Any]:
    """A row as the stage before makes it."""
    last = datetime(year, month, 15, 12, tzinfo=UTC)
    return recipient_row(host, Sums(connections=1, up=100, told=True, last=last, **sums), known or Known())


def case(*rows: dict[str, Any]) -> Report:
    return make_report(tables={"recipients": table("recipients", list(rows))}, cases=(), chains={})


def lines(nodes: tuple[Node, ...] | list[Node], depth: int = 0) -> list[str]:
    found = []
    for node in nodes:
        found.append("  " * depth + " ".join((node.name, *node.hosts)))
        found += lines(list(node.children.values()), depth + 1)
    return found


def test_steps_are_those_of_the_day() -> None:
    for vendor in load().vendors:
        for day in ((2019, 6), (2026, 5)):
            for owned in owners(case(contacted(f"a.{vendor.suffixes[0]}", *day))).owned:
                assert owned.day == f"{day[0]}-{day[1]:02}-15"
                assert owned.steps
                assert all(step.start is None or step.start <= owned.day for step in owned.steps)
                assert all(step.end is None or owned.day < step.end for step in owned.steps)


def test_one_house_before_and_after_it_was_sold() -> None:
    """The same organisation with traffic of two years is in the tree twice, each time with its dates."""
    host = next(f"a.{vendor.suffixes[0]}" for vendor in load().vendors if vendor.organisation == "oneplus")
    found = owners(case(contacted(host, 2020, 3), contacted(f"b.{host}", 2022, 3)))
    before, after = sorted(found.owned, key=lambda each: each.day or "")
    assert [step.owner for step in before.steps] == ["OnePlus Technology (Shenzhen)"]
    assert before.steps[0].end == "2021-06-16"
    assert after.steps[0].owner == "OPlus group (Guangdong OPlus Holdings)"
    assert after.steps[0].start == "2021-06-16"
    assert [step.organisation for step in after.steps] == ["OnePlus", "OPlus group"]
    assert len(found.tree) == 2
    page = render_html(case(contacted(host, 2020, 3), contacted(f"b.{host}", 2022, 3)), Text(strict=True))
    assert "until 2021-06-16" in page
    assert "from 2021-06-16" in page


def test_honor_before_and_after_it_left_huawei() -> None:
    host = next(f"a.{vendor.suffixes[0]}" for vendor in load().vendors if vendor.organisation == "honor")
    early = owners(case(contacted(host, 2020, 10))).owned[0].steps
    late = owners(case(contacted(host, 2020, 12))).owned[0].steps
    assert [step.organisation for step in early] == ["Honor", "Huawei"]
    assert {step.owner for step in early} == {"Huawei Investment & Holding"}
    assert [step.owner for step in late] == ["Shenzhen Zhixin New Information Technology"]


def test_companies_of_one_group_stand_under_one_owner() -> None:
    suffix = {vendor.organisation: vendor.suffixes[0] for vendor in reversed(load().vendors)}
    found = owners(
        case(contacted(f"a.{suffix['oppo']}", 2026, 6), contacted(f"a.{suffix['oneplus']}", 2026, 6))
    )
    [top] = found.tree
    [group] = top.children.values()
    assert group.name == "OPlus group"
    assert sorted(each.name for each in group.children.values()) == ["OPPO", "OnePlus"]
    assert set(found.named) == {"oppo", "oneplus", "oplus"}


def test_hosting_and_certificates_make_no_owner() -> None:
    """A machine that is lent, and an organisation that only a certificate names, stay apart."""
    known = Known(certificates={"c.example": ("Xiaomi",)})
    rows = [
        contacted("bucket.s3.amazonaws.com", 2026, 5),
        contacted("c.example", 2026, 5, known),
        contacted("nobody.example", 2026, 5),
        contacted("sa.api.intl.miui.com", 2026, 5),
    ]
    assert rows[1]["organisation"] == "Xiaomi"
    found = owners(case(*rows))
    assert [each.organisation for each in found.owned] == ["Xiaomi"]
    assert found.owned[0].hosts == ("sa.api.intl.miui.com",)
    assert {reason: left.first for reason, left in found.without.items()} == {
        "certificate": ("c.example",),
        "hosting": ("bucket.s3.amazonaws.com",),
        "unknown": ("nobody.example",),
    }
    assert found.companies == {"sa.api.intl.miui.com": "xiaomi"}


def test_bare_addresses_are_counted_as_the_stage_before_counts_them() -> None:
    address = next(each.address for each in load().anycast.values() if each.confidence != "M")
    row = contacted(address, 2026, 5, addresses={address})
    found = owners(case(row))
    company = load().organisations[load().anycast[address].organisation]
    assert row["organisation"] == company.name
    assert found.companies == {address: company.id}
    bare = owners(case(row | {"owner": None}))
    assert bare.companies == {address: company.id}
    assert list(bare.without) == ["unconfirmed"]


def test_what_is_not_confirmed_is_no_step() -> None:
    memory = {
        each.id
        for each in load().organisations.values()
        if each.ownership and all(owned.confidence == "M" for owned in each.ownership)
    }
    assert memory
    vendors = [
        vendor for vendor in load().vendors if vendor.organisation in memory and vendor.confidence != "M"
    ]
    for vendor in vendors:
        found = owners(case(contacted(f"a.{vendor.suffixes[0]}", 2026, 5)))
        assert found.owned == ()
        assert list(found.without) == ["unconfirmed"]
        assert found.named == (vendor.organisation,)
    for step in owners(case(*(contacted(f"a.{v.suffixes[0]}", 2026, 5) for v in load().vendors))).steps:
        assert step.confidence != "M"


def test_only_looked_up_is_not_among_them() -> None:
    row = contacted("sa.api.intl.miui.com", 2026, 5) | {"role": "only looked up"}
    found = owners(case(row))
    assert (found.owned, found.without) == ((), {})
    assert "Owners</h2>" not in render_html(case(row), Text(strict=True))


def test_every_step_has_its_source_on_the_page_and_in_json() -> None:
    report = case(*(contacted(f"a.{vendor.suffixes[0]}", 2026, 5) for vendor in load().vendors))
    found = owners(report)
    document = to_document(report)["owners"]
    assert [each["organisation"] for each in document] == [each.organisation for each in found.owned]
    assert len(document) > 20
    for each in document:
        for step in each["steps"]:
            assert step["sources"]
            assert step["confidence"] in ("C", "C2", "S", "D", "R", "T", "B")
    page = render_html(report, Text(strict=True))
    section = page.partition('<section id="owners"')[2].partition("</section>")[0]
    assert section.count("<details>") == len(found.steps)
    assert section.count('role="table"') == 1
    assert "<svg" not in section


def test_the_terminal_names_owner_seat_and_hosts() -> None:
    told = render_terminal(case(contacted("sa.api.intl.miui.com", 2026, 5)), Text(strict=True))
    assert "OWNERS" in told
    assert "  Xiaomi Corporation, seat: Beijing, China\n    - Xiaomi: sa.api.intl.miui.com\n" in told


def test_hostile_hosts_stay_text() -> None:
    rows = [
        contacted("sa.api.intl.miui.com", 2026, 5) | {"host": f"{text}.sa.api.intl.miui.com"}
        for text in (SCRIPT, OVERRIDE, ESCAPE)
    ]
    report = case(*rows)
    assert len(owners(report).owned[0].hosts) == 3
    page = render_html(report, Text(strict=True))
    assert "<script>" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert "\x1b" not in render_terminal(report, Text(strict=True))
