"""What comes from memory is shown, marked, and supports nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from waakzaam import audit
from waakzaam.advise.findings import cases_for
from waakzaam.attribute.host import party
from waakzaam.knowledge import Facts, facts, load, loader
from waakzaam.knowledge.model import UNCONFIRMED
from waakzaam.phones.description import read_phone
from waakzaam.report.facts import fact_lines

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "xiaomi-browser-2020"


@pytest.fixture
def from_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Facts]:
    """The packaged facts as if all of them were from memory; ``load()`` gives them."""
    for file in loader.PACKAGED.glob("*.toml"):
        text = file.read_text("utf-8")
        if file.name != "sources.toml":
            text = re.sub(r'^confidence = "\w+"', 'confidence = "M"', text, flags=re.M)
        (tmp_path / file.name).write_text(text, "utf-8")
    for file in loader.PACKAGED.glob("*.csv"):
        (tmp_path / file.name).write_text(re.sub(r",(C2?|[SDRTB]),", ",M,", file.read_text("utf-8")), "utf-8")
    monkeypatch.setattr(loader, "PACKAGED", tmp_path)
    load.cache_clear()
    yield load()
    load.cache_clear()


def test_cases_from_memory_are_never_attached(from_memory: Facts) -> None:
    told = ["browsing-history/url", "identifier/uuid"]
    assert cases_for("sa.api.intl.miui.com", told) == []
    assert from_memory.cases["xiaomi-browser-2020"].names_host("sa.api.intl.miui.com")


def test_the_same_case_with_a_source_is_attached() -> None:
    assert cases_for("sa.api.intl.miui.com", ["browsing-history/url"]) == ["xiaomi-browser-2020"]


def test_hosts_and_names_from_memory_tell_nothing(from_memory: Facts) -> None:
    found = party("sa.api.intl.miui.com")
    assert (found.organisation, found.owner, found.seat, found.role) == (None, None, None, None)
    hosted = party("e1.akamaiedge.net")
    assert (hosted.organisation, hosted.role) == (None, None)
    assert from_memory.named("android_id", "9f3a1c5b7d2e4f60") is None
    assert from_memory.search_engine("www.google.be", "/search") is None


def test_an_audit_rests_on_nothing_from_memory(from_memory: Facts) -> None:
    """No finding names a case, no recipient an organisation; what was observed alone remains."""
    assert load() is from_memory
    result = audit.audit([EXAMPLE / "capture.pcapng"], phone=read_phone(EXAMPLE / "phone.toml"))
    assert all(not cases for cases in result.tables["findings"]["cases"].to_pylist())
    recipients = result.tables["recipients"].to_pylist()
    assert recipients
    for row in recipients:
        assert (row["organisation"], row["owner"], row["seat"]) == (None, None, None), row["host"]


def test_the_packaged_rows_from_memory_support_nothing() -> None:
    base = load()
    for case in base.cases.values():
        for host in case.hosts if case.confidence == UNCONFIRMED else ():
            assert cases_for(host.replace("*", "x"), list(case.data)) == []
    marked = [each for each in base.vendors if each.confidence == UNCONFIRMED]
    assert marked
    for vendor in marked:
        assert party(f"x.{vendor.suffixes[0]}").organisation is None
    shown = party("www.zte.com.cn", date(2024, 1, 1))
    assert shown.owner is None


def test_they_are_marked_wherever_they_are_shown() -> None:
    text = "\n".join(fact_lines(facts("tiktok-penetrum-2020")))
    assert text.count("NOT CONFIRMED") == 3  # the case, its claim and its limit
    assert "M: from memory, not confirmed" in text
    for record in facts(""):
        assert record.unconfirmed == (record.confidence == UNCONFIRMED)
        lines = " ".join(fact_lines([record]))
        assert ("NOT CONFIRMED" in lines) == record.unconfirmed
