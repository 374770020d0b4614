"""The right answer for a day: owners, seats, laws, adequacy decisions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waakzaam.knowledge import (
    adequacy,
    card_vendor,
    facts,
    laws_for,
    load,
    locations_of,
    maker_of,
    operators_of,
    organisation,
    owner_chain,
    owner_of,
    preinstalled_by,
    seat_of,
    unconfirmed,
)
from waakzaam.knowledge.dates import PartialDate, holds, parse

BASE = load()
DAYS = st.dates(date(2000, 1, 1), date(2030, 1, 1))


@pytest.mark.parametrize(
    ("name", "day", "owner"),
    [
        ("honor", date(2020, 11, 16), "Huawei Investment & Holding"),
        ("honor", date(2020, 11, 17), "Shenzhen Zhixin New Information Technology"),
        ("HONOR", date(2026, 1, 1), "Shenzhen Zhixin New Information Technology"),
        ("oneplus", date(2021, 6, 15), "OnePlus Technology (Shenzhen)"),
        ("OnePlus", date(2021, 6, 16), "OPlus group (Guangdong OPlus Holdings)"),
        ("realme", date(2025, 12, 31), "Realme Chongqing Mobile Telecommunications"),
        ("realme", date(2026, 2, 1), "OPlus group (Guangdong OPlus Holdings)"),
        ("Motorola", date(2024, 1, 1), "Lenovo Group"),
        ("umeng", date(2024, 1, 1), "Alibaba Group Holding Limited"),
        ("nubia", date(2019, 1, 1), "Nubia Technology"),
        ("nubia", date(2020, 12, 28), "ZTE Corporation"),
        ("yandex", date(2024, 5, 16), "Yandex N.V."),
        ("yandex", date(2024, 5, 17), "IJSC Yandex (Consortium.First)"),
        ("x", date(2025, 2, 28), "X Corp."),
        ("x", date(2026, 2, 1), "xAI"),
        ("x", date(2026, 2, 2), "SpaceX, through xAI"),
    ],
)
def test_owner_on_a_day(name: str, day: date, owner: str) -> None:
    found = owner_of(name, day)
    assert found is not None
    assert found.owner == owner
    assert not unconfirmed(found)
    assert found.source


def test_owner_chain_goes_up_as_of_the_day() -> None:
    before = owner_chain("oneplus", date(2021, 1, 1))
    assert [one.id for one, _ in before] == ["oneplus"]
    after = owner_chain("oneplus", date(2022, 1, 1))
    assert [one.id for one, _ in after] == ["oneplus", "oplus"]
    assert [one.id for one, _ in owner_chain("honor", date(2019, 1, 1))] == ["honor", "huawei"]
    assert [one.id for one, _ in owner_chain("honor", date(2021, 1, 1))] == ["honor"]
    assert [one.id for one, _ in owner_chain("motorola")] == ["motorola", "lenovo"]
    assert owner_chain("nobody") == ()


@given(st.sampled_from(sorted(BASE.organisations)), DAYS)
def test_every_chain_ends(name: str, day: date) -> None:
    chain = owner_chain(name, day)
    ids = [one.id for one, _ in chain]
    assert len(ids) == len(set(ids))
    for one, owned in chain:
        assert holds(owned.start, owned.end, day)
        assert owned in one.ownership


def test_three_senses_of_place() -> None:
    seat = seat_of("xiaomi", date(2020, 4, 30))
    assert seat is not None
    assert (seat.city, seat.country) == ("Beijing", "CN")
    assert [(place.kind, place.country) for place in locations_of("xiaomi")] == [
        ("incorporated", "KY"),
        ("towards EU users", "NL"),
        ("towards EU users", "SG"),
    ]
    assert {place.kind for place in locations_of("pdd") if unconfirmed(place)} == {"operations"}
    assert seat_of("pdd", date(2021, 7, 31)).country == "CN"  # type: ignore[union-attr]
    assert seat_of("pdd", date(2024, 7, 31)).country == "IE"  # type: ignore[union-attr]
    assert {place.name for place in locations_of("bytedance") if place.kind == "towards EU users"} == {
        "TikTok Technology Ltd",
        "TikTok Information Technologies UK Ltd",
    }
    assert seat_of("adups") is None
    assert locations_of("nobody") == ()


def test_organisation_by_id_name_and_brand() -> None:
    for name in ("xiaomi", "Xiaomi", "REDMI", "poco"):
        found = organisation(name)
        assert found is not None
        assert found.id == "xiaomi"
    assert organisation("no such company") is None


@pytest.mark.parametrize(
    ("country", "day", "status", "words"),
    [
        # United States: Safe Harbour, Privacy Shield, Data Privacy Framework, and the gaps between
        ("US", date(2000, 7, 25), "none", "2000/520/EC (Safe Harbour) came later"),
        ("US", date(2015, 10, 5), "adequate, limited", "Safe Harbour"),
        ("US", date(2015, 10, 6), "none", "Schrems I"),
        ("US", date(2016, 7, 11), "none", "Schrems I"),
        ("US", date(2016, 7, 12), "adequate, limited", "Privacy Shield"),
        ("US", date(2020, 7, 15), "adequate, limited", "certified"),
        ("US", date(2020, 7, 16), "none", "Schrems II"),
        ("US", date(2021, 7, 31), "none", "came later, on 2023-07-10"),
        ("US", date(2023, 7, 9), "none", "Schrems II"),
        ("US", date(2023, 7, 10), "adequate, limited", "Data Privacy Framework"),
        ("US", date(2026, 11, 22), "adequate, limited", "Data Privacy Framework"),
        # United Kingdom: member, bridge, decision, renewal, and the end that the renewal names
        ("GB", date(2020, 12, 31), "member", "EU"),
        ("GB", date(2021, 1, 1), "bridge", "FINPROV.10A"),
        ("GB", date(2021, 6, 27), "bridge", "FINPROV.10A"),
        ("GB", date(2021, 6, 28), "adequate, limited", "immigration control"),
        ("GB", date(2025, 7, 1), "adequate, limited", "2021/1772"),
        ("GB", date(2025, 12, 19), "adequate", "renewed"),
        ("GB", date(2031, 12, 26), "adequate", "2031-12-27"),
        ("GB", date(2031, 12, 27), "none", "look whether it was renewed"),
        ("BR", date(2026, 1, 25), "none", "2026/179"),
        ("BR", date(2026, 1, 26), "adequate", "(EU) 2026/179"),
        ("SG", date(2020, 4, 30), "none", "Singapore"),
        ("SG", date(2026, 11, 22), "none", "Singapore"),
        ("CN", date(2026, 11, 22), "none", "China"),
        ("KR", date(2021, 12, 16), "none", "2022/254"),
        ("KR", date(2021, 12, 17), "adequate, limited", "2022/254"),
        ("JP", date(2019, 1, 22), "none", "2019/419"),
        ("JP", date(2019, 1, 23), "adequate, limited", "2019/419"),
        ("CH", date(2021, 7, 31), "adequate", "2000/518/EC"),
        ("CA", date(2001, 12, 19), "none", "2002/2/EC"),
        ("CA", date(2021, 7, 31), "adequate, limited", "PIPEDA"),
        ("IL", date(2021, 7, 31), "adequate, limited", "automatically"),
        ("IE", date(2021, 7, 31), "member", "Ireland"),
        ("NO", date(2017, 1, 1), "member", "EEA"),
        ("ZZ", date(2021, 7, 31), "none", "ZZ"),
    ],
)
def test_adequacy_on_a_day(country: str, day: date, status: str, words: str) -> None:
    found = adequacy(country, day)
    assert found.status == status
    assert words in found.text
    assert found.source
    assert set(found.source) <= set(BASE.sources)
    assert not unconfirmed(found)


@given(st.sampled_from(sorted({row.country for row in (*BASE.adequacy, *BASE.members)})), DAYS)  # type: ignore[attr-defined]
def test_adequacy_is_one_answer_and_never_a_judgment(country: str, day: date) -> None:
    found = adequacy(country, day)
    assert found.status in ("member", "adequate", "adequate, limited", "bridge", "none")
    assert (found.decision is not None) == (found.status in ("adequate", "adequate, limited", "bridge"))
    for word in ("lawful", "legal", "allowed", "prohibited", "must"):
        assert word not in found.text


def test_laws_on_a_day() -> None:
    of_2021 = {law.id for law in laws_for("CN", date(2021, 7, 31))}
    assert of_2021 == {
        "cn-national-intelligence",
        "cn-cybersecurity",
        "cn-counter-espionage-2014",
        "cn-national-security",
        "cn-counter-terrorism",
    }
    assert {law.id for law in laws_for("CN", date(2021, 9, 1))} - of_2021 == {"cn-data-security"}
    now = {law.id for law in laws_for("CN")}
    assert "cn-counter-espionage-2023" in now
    assert "cn-counter-espionage-2014" not in now
    assert laws_for("CN", date(2010, 1, 1)) == ()
    assert laws_for("ZZ") == ()


def test_a_law_changes_its_state() -> None:
    law = BASE.laws["us-fisa-702"]
    assert law in laws_for("US", date(2021, 7, 31))
    assert law in laws_for("US", date(2026, 6, 11))
    assert law not in laws_for("US", date(2026, 6, 12))
    assert law not in laws_for("US")
    state = law.period(date(2026, 11, 22))
    assert state is not None
    assert (state.state, state.confidence) == ("lapsed", "C2")
    assert len(law.articles(date(2021, 1, 1))) == 1
    assert len(law.articles(date(2025, 1, 1))) == 2


def test_members_have_the_laws_of_the_union_too() -> None:
    belgium = {law.country for law in laws_for("BE", date(2024, 12, 1))}
    assert belgium == {"BE", "EU"}
    assert "EU" in {law.country for law in laws_for("GB", date(2019, 6, 1))}
    assert "EU" not in {law.country for law in laws_for("GB", date(2022, 6, 1))}
    assert "be-nis2" not in {law.id for law in laws_for("BE", date(2024, 10, 17))}


def test_makers_packages_apps_and_cards() -> None:
    assert maker_of("Honor", date(2019, 1, 1)).organisation == "huawei"  # type: ignore[union-attr]
    assert maker_of("honor", date(2021, 1, 1)).organisation == "honor"  # type: ignore[union-attr]
    assert maker_of("blackberry", date(2021, 1, 1)) is None
    assert maker_of("no such brand") is None

    assert preinstalled_by("com.miui.analytics").role == "telemetry"  # type: ignore[union-attr]
    assert preinstalled_by("com.miui.gallery").name == "com.miui."  # type: ignore[union-attr]
    assert preinstalled_by("com.mi.global.shop").organisation == "xiaomi"  # type: ignore[union-attr]
    assert preinstalled_by("com.microsoft.office").organisation == "microsoft"  # type: ignore[union-attr]
    assert preinstalled_by("com.mimi") is None
    assert preinstalled_by("com.miui") is None

    assert {app.operator for app in operators_of("com.zhiliaoapp.musically")} == {
        "TikTok Technology Ltd",
        "TikTok Information Technologies UK Ltd",
    }
    american = operators_of("tiktok", date(2026, 2, 1), users="US")
    assert [app.operator for app in american] == ["TikTok USDS Joint Venture LLC"]
    assert operators_of("TikTok", date(2026, 1, 1), users="US") == ()

    assert card_vendor("xiaomi communications co ltd").organisation == "xiaomi"  # type: ignore[union-attr]
    for friend in ("OPPO Digital", "Vivotek", "Vivox", "XIAOMI EV", "Vitel", "Shenzhen Honor Electronic"):
        found = card_vendor(friend)
        assert found is not None
        assert found.organisation is None
        assert found.resembles
    assert card_vendor("Xiaomi") is None


@given(st.text(max_size=80))
def test_any_name_is_asked_without_harm(name: str) -> None:
    owner_of(name)
    preinstalled_by(name)
    operators_of(name)
    maker_of(name)
    card_vendor(name)
    adequacy(name, date(2021, 1, 1))
    laws_for(name)


def test_partial_dates() -> None:
    month, year = parse("2020-11"), parse("2020")
    assert (str(month), f"{year}", month.isoformat()) == ("2020-11", "2020", "2020-11")
    assert month == date(2020, 11, 1)
    assert year < date(2020, 1, 2)
    assert isinstance(month, PartialDate)
    assert str(parse("2020-11-17")) == "2020-11-17"
    for wrong in ("", "20", "2020-13", "2020-1", "yesterday", "2020-11-31", "٢٠٢٠"):
        with pytest.raises(ValueError, match=r".+"):
            parse(wrong)


@given(DAYS, st.integers(1, 2000), st.integers(-3000, 3000))
def test_a_period_includes_its_start_and_not_its_end(start: date, length: int, shift: int) -> None:
    end = start + timedelta(length)
    day = start + timedelta(shift)
    assert holds(start, end, day) == (0 <= shift < length)
    assert holds(None, end, day) == (shift < length)
    assert holds(start, None, day) == (shift >= 0)


def test_words_and_days_together() -> None:
    """The two commands that a lawyer types first."""
    intelligence = facts("National Intelligence Law", at=date(2021, 7, 31))
    articles = [row.kind for row in intelligence if row.id == "cn-national-intelligence"]
    assert {"state", "article 7", "article 28", "debate, assessment", "debate, answer"} <= set(articles)
    assert not any(row.date and row.date > date(2021, 7, 31) for row in intelligence)
    assert not any("De Croo" in (row.by or "") for row in intelligence)
    assert not any(row.id == "cn-national-intelligence" for row in facts("", at=date(2017, 6, 26)))
    adopted = facts("国家情报法", at=date(2017, 6, 27))
    assert "Not in force on 2017-06-27; in force from 2017-06-28" in adopted[0].text

    states = {row.title for row in facts("adequacy united states", at=date(2023, 7, 9))}
    assert states == {"United States on 2023-07-09: none"}
    assert {row.title for row in facts("adequacy united states", at=date(2023, 7, 10))} == {
        "United States on 2023-07-10: adequate, limited"
    }


def test_what_a_name_is_covered_by() -> None:
    assert {(row.subject, row.id) for row in facts("tracking.intl.miui.com")} >= {("host", "xiaomi")}
    assert ("preinstalled", "samsung") in {(row.subject, row.id) for row in facts("com.samsung.android.foo")}
    assert ("hosting", "Akamai") in {(row.subject, row.id) for row in facts("e1234.akamaiedge.net")}
    assert facts("notmiui.example") == []
    alone = {row.id for row in facts("x") if row.subject == "organisation"}
    assert alone == {"x", "shein"}  # not Netflix or Xiaomi; a note about Shein names "SHEIN X"
    assert {row.id for row in facts("adequacy us")} == {"US"}  # not Russia, nor Austria


def test_what_has_just_the_name_comes_first() -> None:
    found = facts("National Intelligence Law", date(2021, 7, 31))
    assert found[0].id == "cn-national-intelligence"
    assert any(record.subject == "comparison" for record in found)
