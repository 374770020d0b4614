"""Advice: from a finding, never from a brand or a seat; the same words for every vendor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from waakzaam.advise.engine import advise, load_policy, policies
from waakzaam.errors import WaakzaamError
from waakzaam.knowledge import load
from waakzaam.tables import ADVICE, FINDINGS, RECIPIENTS

POLICY = load_policy()
PROFILES = ("private", "professional", "sensitive")


def finding(rule: str, recipient: str = "t.example", **more: Any) -> dict[str, Any]:
    base = {
        "finding": "F1", "rule": rule, "severity": "medium", "confidence": "high", "recipient": recipient,
        "data": ["browsing-history/url"], "transport": "tls", "disguise": "none", "cases": [], "app": None,
    }  # fmt: skip
    return {**base, **more}


def given(
    findings: list[dict[str, Any]], profile: str = "private", brand: str | None = None, **owners: str
) -> list[dict[str, Any]]:
    hosts = {row["recipient"]: None for row in findings} | {
        name.replace("_", "."): owner for name, owner in owners.items()
    }
    recipients = pa.Table.from_pylist(
        [{"host": host, "organisation": name} for host, name in hosts.items()], schema=RECIPIENTS
    )
    table = advise(
        pa.Table.from_pylist(findings, schema=FINDINGS), recipients, profile, POLICY, {"brand": brand}
    )
    assert table.schema.equals(ADVICE)
    return table.to_pylist()


def test_nothing_found_nothing_advised() -> None:
    for profile in PROFILES:
        assert given([], profile) == []
        assert given([], profile, "Samsung") == []


def test_case_of_the_browser() -> None:
    host = "sa.api.intl.miui.com"
    rows = given(
        [finding("browsing-history", host, cases=["xiaomi-browser-2020"])],
        **{host.replace(".", "_"): "Xiaomi"},
    )
    first = rows[0]
    assert first["action"] == "Use another browser"
    assert first["subject"] == host
    assert first["findings"] == ["F1"]
    assert "address of a page visited" in first["why"][0]
    assert "the company called the report untrue" in first["why"][1]
    assert "Record again" in first["how"]
    assert first["undo"]
    assert any("Palant" in source for source in first["sources"])
    assert not any(row["action"].startswith("Stop the reporting") for row in rows)


def test_pages_to_anyone_else() -> None:
    rows = given([finding("browsing-history")])
    assert [row["action"] for row in rows] == ["Stop the reporting of pages and searches"]
    assert "not known to us" in rows[0]["why"][0]


@pytest.mark.parametrize("brand", ["Xiaomi", "OnePlus", "oppo", " POCO "])
@pytest.mark.parametrize("profile", PROFILES)
def test_brand_alone_gives_only_the_text_of_authorities(brand: str, profile: str) -> None:
    rows = given([], profile, brand)
    assert rows
    for row in rows:
        assert row["findings"] == []
        assert "not a finding" in row["why"][0] or "not findings" in row["why"][0]
        assert row["sources"]
    assert any("not established any concrete case" in text for text in rows[0]["why"])
    assert "Nothing has to be changed because of the brand" in rows[0]["how"]


def test_brand_does_not_change_the_advice() -> None:
    findings = [finding("device-identifier", data=["device-id/imei"])]
    for profile in PROFILES:
        plain = given(findings, profile, "Fairphone")
        assert [row for row in given(findings, profile, "Xiaomi") if row["findings"]] == plain


def test_same_words_for_every_organisation() -> None:
    kinds = [
        finding("browsing-history", finding="F1"),
        finding("device-identifier", data=["device-id/imei"], finding="F2"),
        finding("persistent-identifier", data=["advertising-id/gaid", "identifier/uuid"], finding="F3"),
        finding(
            "personal-data", data=["location/coordinates", "contact/email"], finding="F4", transport="clear"
        ),
    ]
    for profile in PROFILES:
        texts = set()
        for name in sorted(one.name for one in load().organisations.values() if one.id != "bytedance"):
            rows = given(kinds, profile, t_example=name)
            texts.add(repr([{**row, "sources": None} for row in rows]).replace(f"({name})", "(NAME)"))
        assert len(texts) == 1


def test_rule_for_state_devices_needs_a_finding() -> None:
    assert given([], "sensitive", t_example="ByteDance (TikTok)") == []
    rows = given(
        [finding("personal-data", data=["contact/email"])], "professional", t_example="ByteDance (TikTok)"
    )
    text = next(row for row in rows if "TikTok" in row["action"])
    assert "no concrete evidence" in text["why"][1]
    assert not any(
        "TikTok" in row["action"]
        for row in given([finding("personal-data")], "private", t_example="ByteDance (TikTok)")
    )


def test_profiles_differ() -> None:
    rows = {
        profile: given([finding("device-identifier", data=["device-id/imei"])], profile)
        for profile in PROFILES
    }
    actions = {profile: {row["action"] for row in each} for profile, each in rows.items()}
    assert actions["private"] < actions["professional"] < actions["sensitive"]
    assert {row["profile"] for row in rows["sensitive"]} == {"sensitive"}


def test_clear_text_and_order() -> None:
    rows = given(
        [
            finding("persistent-identifier", severity="low", data=["advertising-id/gaid"], finding="F1"),
            finding(
                "personal-data", severity="high", data=["contact/email"], transport="clear", finding="F2"
            ),
        ],
        brand="Xiaomi",
    )
    assert rows[0]["findings"] == ["F2"]
    assert any("without TLS" in text for row in rows for text in row["why"])
    assert rows[-1]["findings"] == []


def test_one_advice_per_app() -> None:
    rows = given(
        [
            finding("device-identifier", "a.example", app="com.one", data=["device-id/imei"], finding="F1"),
            finding("device-identifier", "b.example", app="com.one", data=["device-id/serial"], finding="F2"),
            finding("device-identifier", "a.example", app="com.two", data=["device-id/imei"], finding="F3"),
        ]
    )
    assert {row["subject"]: row["findings"] for row in rows} == {"com.one": ["F1", "F2"], "com.two": ["F3"]}


def test_braces_in_names_are_just_text() -> None:
    rows = given([finding("device-identifier", "{x}.example", app="{recipient}", data=["device-id/imei"])])
    assert "{recipient} sent to {x}.example" in rows[0]["why"][0]


def test_unknown_profile() -> None:
    with pytest.raises(WaakzaamError, match="use one of private, professional, sensitive"):
        given([], "royal")


def test_every_rule_of_the_packaged_policies_is_complete() -> None:
    assert "vsse-2021" in policies()
    for name in policies():
        policy = load_policy(name)
        assert policy.id == name
        for rule in policy.rules:
            assert rule.action
            assert rule.why
            assert rule.how
            assert rule.undo
            assert rule.sources
            if rule.kind == "finding":
                assert rule.when.rules


RULE = """
id = "mine"
title = "Mine"
date = 2026-11-22
[[source]]
id = "us"
publisher = "Us"
title = "Our rules"
[[rule]]
id = "one"
profiles = ["private"]
per = "device"
action = "Do it"
why = ["Because {data}."]
how = "So."
undo = "Back."
source = ["us", "palant-2020"]
[rule.when]
rules = ["browsing-history"]
"""


def test_own_policy(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(RULE, "utf-8")
    policy = load_policy(path)
    assert load_policy(str(path)) == policy
    table = advise(
        pa.Table.from_pylist([finding("browsing-history")], schema=FINDINGS),
        RECIPIENTS.empty_table(),
        "private",
        policy,
        {},
    )
    assert table.to_pylist()[0]["sources"][0] == "Us: Our rules"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('profiles = ["private"]', 'profiles = ["royal"]', "'royal'"),
        ('per = "device"', 'per = "planet"', "use one of"),
        ('rules = ["browsing-history"]', "", "advice needs a finding"),
        ('rules = ["browsing-history"]', 'brands = ["Xiaomi"]', "A brand alone gives context only"),
        ('rules = ["browsing-history"]', 'organisations = ["xiaomi"]', "advice needs a finding"),
        ('rules = ["browsing-history"]', 'rules = ["x"]\ngroups = ["nonsense"]', "'nonsense'"),
        ('rules = ["browsing-history"]', 'rules = ["x"]\nbrand = ["X"]', "unknown key 'brand'"),
        ('per = "device"', 'per = "device"\nkind = "context"', "has the condition 'brands' and no other"),
        ("{data}", "{owner}", "cannot be filled in"),
        ('source = ["us", "palant-2020"]', 'source = ["nobody"]', "neither in sources.toml nor"),
        ('undo = "Back."', "", "'undo' is missing"),
        ('action = "Do it"', 'action = ""', "is empty"),
        ('per = "device"', 'per = "device"\nreplaces = ["two"]', "not a rule of this policy"),
        ("[rule.when]", "[rule.wen]", "'when' is missing"),
        ("[[rule]]", "[rule", "not valid TOML"),
        ("2026-11-22", '"today"', "must be a date"),
    ],
)
def test_bad_policies_are_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "bad.toml"
    assert old in RULE
    path.write_text(RULE.replace(old, new), "utf-8")
    with pytest.raises(WaakzaamError) as caught:
        load_policy(path)
    assert words in str(caught.value)
    assert "bad.toml" in str(caught.value)


def test_policy_that_is_not_there() -> None:
    with pytest.raises(WaakzaamError, match="no such policy; use one of vsse-2021"):
        load_policy("nowhere")


def test_other_case_has_its_own_advice() -> None:
    rows = given(
        [finding("device-identifier", "open.oneplus.net", data=["device-id/imei"], cases=["oneplus-2017"])],
        open_oneplus_net="OnePlus",
    )
    assert [row["action"] for row in rows] == ["Switch off usage analytics"]


def test_findings_without_an_app_get_one_advice() -> None:
    findings = [
        finding("device-identifier", f"{letter}.example", data=["device-id/imei"], finding=f"F{number}")
        for number, letter in enumerate("abcdef", 1)
    ]
    rows = given(findings)
    assert len(rows) == 1
    assert rows[0]["findings"] == ["F1", "F2", "F3", "F4", "F5", "F6"]
    assert "a.example, b.example, c.example, d.example and 2 more" in rows[0]["why"][0]


def test_an_address_in_the_network_is_no_location() -> None:
    rows = given([finding("personal-data", data=["network/ip-address"])])
    assert rows == []
