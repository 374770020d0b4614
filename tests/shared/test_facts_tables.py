"""The facts against the collection that they were written from: names, numbers, ids, read in another way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import pytest

from tests.conftest import SHARED
from waakzaam.knowledge import card_vendor, load, maker_of, preinstalled_by
from waakzaam.knowledge.model import UNCONFIRMED, Vendor

COLLECTION = SHARED.parent / "facts" / "FACTS.md"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not COLLECTION.is_file(), reason=f"the collection is not here: {COLLECTION}"),
]
BASE = load()
COLLECTED = date(2026, 11, 22)


def section(title: str) -> str:
    """Text between a heading and the next one."""
    text = COLLECTION.read_text("utf-8")
    start = text.index(title)
    found = re.search(r"\n##+ ", text[start + len(title) :])
    return text[start : start + len(title) + (found.start() if found else len(text))]


def table(title: str) -> Iterator[list[str]]:
    """Cells of the rows of the tables in a section, without heads and rules."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    for line, following in pairwise([*lines, ""]):
        is_rule, is_head = set(line) <= set("|-: "), bool(following) and set(following) <= set("|-: ")
        if not is_rule and not is_head:
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def names(text: str) -> list[str]:
    """What stands in back-quotes, braces expanded: ``a.{,b.}c`` gives two names."""
    found: list[str] = []
    waiting = [word for quoted in re.findall(r"`([^`]+)`", text) for word in quoted.split()]
    while waiting:
        word = waiting.pop()
        braces = re.search(r"\{([^{}]*)\}", word)
        if braces is None:
            found.append(word)
        else:
            waiting += [word[: braces.start()] + one + word[braces.end() :] for one in braces[1].split(",")]
    return found


def later(source: tuple[str, ...]) -> bool:
    """Whether all these sources were read after the collection was made: they confirm what it had not."""
    return all(BASE.sources[id_].read > COLLECTED and BASE.sources[id_].kind != "memory" for id_ in source)


def test_every_case() -> None:
    rows = {cells[0].split("/")[0]: cells for cells in table("### 1.0")}
    assert len(rows) == 27
    assert set(rows) == set(BASE.cases)
    for id_, cells in rows.items():
        unconfirmed = cells[10].strip("* ").startswith("M")
        case = BASE.cases[id_]
        if unconfirmed:
            assert case.confidence == UNCONFIRMED or later(case.source), id_
        else:
            assert case.confidence != UNCONFIRMED, id_


def test_every_wire_format() -> None:
    rows = {cells[0]: cells for cells in table("### 2.0")}
    both = rows.pop("ms-appcenter / 1DS")
    ids = set(rows) | {"ms-appcenter", "ms-onecollector"}
    assert "App Center" in both[1]
    assert ids == set(BASE.wire_formats)
    for id_, cells in rows.items():
        ours, theirs = BASE.wire_formats[id_].readable, cells[7].strip("* ")
        if theirs in ("yes", "**yes**"):
            assert ours == "yes", id_
        if theirs.startswith("no (") or theirs == "no":
            assert ours == "no", id_
        if theirs.startswith("recognise"):
            assert ours in ("not known", "no"), id_
        ours_is, listed = BASE.wire_formats[id_], re.findall(r"[A-Z]\d?", cells[8])
        confirmed = listed == ["M"] and "memory" not in ours_is.source  # looked up since
        assert ours_is.confidence in listed or confirmed, id_


def test_every_preinstalled_prefix_with_its_count() -> None:
    text = section("### 4.2")
    counted = re.findall(r"`([a-z.]+\.)`\((\d+)\)", text)
    assert len(counted) > 40
    ours = {row.name: row.counted for row in BASE.preinstalled}
    for name, count in counted:
        assert ours[name] == int(count), name
    for package in names(text):
        if package.startswith((".", "/")) or "uad" in package:
            continue
        for one in package.split("/"):
            full = one if one.startswith(("com", "cn", "net", "android", "zte")) else f"com.facebook{one}"
            found = preinstalled_by(full + ("x" if full.endswith(".") else ""))
            assert found is not None, full


def test_every_network_card_with_its_count() -> None:
    listed, _, friends = section("### 4.5").partition("\n")[2].partition("False friends:")
    checked = 0
    for vendor, count in re.findall(r"(?:^|[·,] )([^·()]+(?:\(Shenzhen\)[^·()]+)?) \((\d+)\)", listed):
        card = card_vendor(vendor)
        assert card is not None, vendor
        assert card.counted == int(count), vendor
        checked += 1
    assert checked == sum(card.organisation is not None for card in BASE.network_cards.values())
    for friend in re.findall(r'"([^"]+)"', friends.partition("**")[0]):
        card = card_vendor(friend)
        assert card is not None, friend
        assert card.organisation is None, friend


def test_every_host_suffix() -> None:
    checked = 0
    for cells in table("### 4.4"):
        for name in names(cells[1]):
            name = name.partition("(")[0]
            if "*" in name or "…" in name:
                continue
            found = BASE.host(name)
            assert found is not None, name
            checked += 1
        for name in names(cells[2]) if len(cells) > 2 else []:
            plain = name.partition("/")[0].removeprefix("*.").replace("*", "x")
            if "…" in plain or plain.count(".") == 0 or name.endswith(".*"):
                continue
            found = BASE.host(plain)
            assert found is not None, name
            assert isinstance(found[1], Vendor), name
            checked += 1
    assert checked > 120


def test_every_app_package() -> None:
    text = section("### 4.3")
    for package in names(text):
        assert package in BASE.packages, package
    confirmed = re.findall(r"`([\w.]+)`[^·`]*\(\*\*C\*\*", text)
    assert len(confirmed) == 4
    for package in confirmed:
        assert BASE.packages[package].confidence == "C", package
    for package in set(names(text)) - set(confirmed):
        found = BASE.packages[package]
        in_list = found.source == ("uad-lists-2026",)  # the collection has that list, but did not use it here
        assert found.confidence == UNCONFIRMED or in_list or later(found.source), package


def test_every_brand() -> None:
    brands: list[str] = []
    for cells in table("### 4.1"):
        if cells[0].startswith("app"):
            break
        brands += [name.strip() for name in re.split(r", | / ", re.sub(r"\([^)]*\)", "", cells[0]))]
    brands = brands[: brands.index("TikTok")]
    assert len(brands) > 30
    for brand in brands:
        assert maker_of({"Sony Xperia": "Xperia"}.get(brand, brand)) is not None, brand


def test_every_adequacy_decision() -> None:
    row = next(cells for cells in table("### 3.3") if cells[0].startswith("Adequacy list"))
    numbers = set(re.findall(r"\(EU\) \d{4}/\d+|\d{4}/\d+/E[CU]", row[1]))
    assert len(numbers) >= 16
    ours = " ".join(decision.title for decision in BASE.adequacy)
    for number in numbers:
        assert number in ours, number
    without = next(cells for cells in table("### 3.3") if "Not" in cells[0])[1]
    for country in ("China", "Hong Kong", "Singapore", "India", "Russia", "Taiwan"):
        assert country in without
        assert any(row.name == country and row.kind == "none" for row in BASE.adequacy)


def test_every_article_of_chinese_law() -> None:
    laws = {
        "National Intelligence Law": "cn-national-intelligence",
        "Cybersecurity Law": "cn-cybersecurity",
        "Data Security Law": "cn-data-security",
        "Counter-Espionage Law 2014": "cn-counter-espionage-2014",
        "Counter-Espionage Law 2023": "cn-counter-espionage-2023",
        "PIPL": "cn-pipl",
        "National Security Law": "cn-national-security",
        "Counter-Terrorism Law": "cn-counter-terrorism",
    }
    current = ""
    seen = set()
    for cells in table("### 3.1"):
        current = laws[cells[0]] if cells[0] else current
        seen.add(current)
        ours = {
            number for provision in BASE.laws[current].provisions for number in _numbers(provision.article)
        }
        assert set(_numbers(cells[2])) <= ours, (current, cells[2])
    assert seen == set(laws.values())


def _numbers(text: str) -> list[int]:
    """Articles named in a cell; "34–36" is three of them."""
    found: list[int] = []
    for first, last in re.findall(r"(\d+)(?:\s*(?:–|to)\s*(\d+))?", text):
        found += range(int(first), int(last or first) + 1)
    return found


def test_market_shares() -> None:
    for cells in table("## 5."):
        shares = [int(value) for value in re.findall(r"(\d+)%", " ".join(cells[2:6]))]
        if not cells[0].startswith("Q2 2022"):
            continue
        by = cells[1]
        ours = [row.percent for row in BASE.market_shares if row.by == by]
        assert ours == shares, by


def test_every_source_has_a_row() -> None:
    """Each site named in the lists of sources is the address or the publisher of one of ours."""
    told = section("### 1.2") + section("## 6.").partition("Sources: HLN1")[2]
    sites = set(
        re.findall(r"\b((?:[a-z0-9-]+\.)+(?:com|be|nl|net|org|info|in|ca|lt|uk|de|land|online))\b", told)
    )
    assert len(sites) > 55
    ours = " ".join(f"{source.url} {source.publisher} {source.note}" for source in BASE.sources.values())
    missing = {site for site in sites if site.removeprefix("www.") not in ours}
    assert missing == set()
