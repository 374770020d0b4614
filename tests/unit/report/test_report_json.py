"""The JSON contract and its schema."""

from __future__ import annotations

import copy
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from report_rows import ESCAPE, OVERRIDE, SIGHTINGS, sighting
from report_sample import make_report, table

from waakzaam.report import Report
from waakzaam.report.json import iso, render_json, schema, to_document, write_json

# The keys the contract was made of; the report may have more, never fewer.
CONTRACT = {
    "evidence": "id path sha256 format size from to status problems",
    "phone": "brand maker model os build patch_level profile",
    "recipients": "host addresses organisation owner seat server_countries network basis messages bytes_up",
    "sightings": "datum form value app host direction transport disguise path layers chain",
    "identifiers": "value_hash datum fields hosts basis confidence",
    "findings": "id rule title severity confidence app recipient data transport disguise sightings "
    "references not_checked",
    "advice": "profile action subject why how undo",
    "limits": "what limit where",
}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(schema(), format_checker=FormatChecker())


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("name", ["report", "nothing", "clean"])
def test_reports_are_valid(
    name: str, validator: Draft202012Validator, request: pytest.FixtureRequest
) -> None:
    given: Report = request.getfixturevalue(name)
    for shown in (False, True):
        text = render_json(replace(given, show_values=shown))
        document = json.loads(text)
        assert [error.message for error in validator.iter_errors(document)] == []
        assert document == to_document(replace(given, show_values=shown))


def test_the_report_says_which_facts_were_used(report: Report) -> None:
    assert to_document(report)["report"]["facts_as_of"] == "2026-11-30"
    assert to_document(report)["report"]["facts_origin"] == report.facts_origin
    bare = to_document(replace(report, facts_as_of=None, facts_origin=None))["report"]
    assert (bare["facts_as_of"], bare["facts_origin"]) == (None, None)


def test_the_contract_is_kept(report: Report) -> None:
    document = to_document(report)
    assert document["waakzaam"] == "1"
    assert document["apps"] == []
    for name, keys in CONTRACT.items():
        rows = document[name] if isinstance(document[name], list) else [document[name]]
        assert rows, name
        for row in rows:
            assert set(keys.split()) <= set(row), name
    assert set(document["sightings"][0]["chain"]) >= {"evidence", "message", "frame", "offset", "length"}
    assert document["sightings"][0]["layers"] == ["form", "base64", "gzip", "json"]
    app = "package name version signer_sha256 developer owner seat trackers permissions need last_used"
    assert set(schema()["$defs"]["app"]["properties"]) > set(app.split())


def test_the_schema_names_every_key_and_no_other(report: Report) -> None:
    document, definitions = to_document(report), schema()["$defs"]
    for name in ("recipient", "sighting", "identifier", "finding", "limit", "case"):
        rows = document[f"{name}s"]
        assert set(rows[0]) == set(definitions[name]["properties"]), name
    for definition in definitions.values():
        if "properties" in definition:
            assert definition["additionalProperties"] is False
            assert definition["required"] == list(definition["properties"])


def test_unknown_is_null_and_times_are_utc(report: Report) -> None:
    document = to_document(report)
    first, second, third = document["evidence"]
    assert (first["from"], first["to"]) == ("2026-11-20T09:30:05.000000Z", "2026-11-20T09:34:05.000000Z")
    assert second["from"] is None
    assert second["format"] is None
    assert third == dict.fromkeys(third) | {"id": "E9", "status": "failed", "problems": third["problems"]}
    assert first["problems"][0]["count"] == 1200
    assert document["phone"]["build"] is None
    assert document["recipients"][3]["messages"] is None
    assert document["recipients"][3]["addresses"] == ["2001:db8::1"]
    assert document["recipients"][3]["basis"] == []
    assert document["report"]["made_at"] == "2026-11-22T18:30:00Z"
    assert iso(datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))) == "2025-12-31T23:00:00Z"


def test_hashes_of_sightings_need_show_values(report: Report) -> None:
    shown = to_document(replace(report, show_values=True))["sightings"][0]
    hidden = to_document(report)["sightings"][0]
    assert (shown["value_hash"], shown["chain"]["match_sha256"]) == (f"{1:064x}", f"{2:064x}")
    assert (hidden["value_hash"], hidden["chain"]["match_sha256"]) == (None, None)


def test_a_title_comes_from_the_catalogue_where_the_table_has_none(report: Report) -> None:
    rows = [{"finding": "F1", "rule": "search-terms", "severity": "low", "recipient": "a.example"}]
    document = to_document(replace(report, tables={"findings": table("findings", rows)}))
    assert document["findings"][0]["title"] == "Search terms were sent to a.example"


def test_keys_of_the_catalogue_become_sentences(report: Report) -> None:
    rows = [
        {
            "finding": "F1",
            "rule": "x",
            "severity": "low",
            "why_severity": "browsing linked",
            "not_checked": ["purpose"],
        },
        {
            "finding": "F2",
            "rule": "x",
            "severity": "low",
            "why_severity": "browsing but",
            "not_checked": ["Mars."],
        },
    ]
    document = to_document(
        replace(report, tables={"findings": table("findings", rows)}, not_checked=("ciphers",))
    )
    first, second = document["findings"]
    assert first["why_severity"].startswith(
        "The addresses of single pages are told. A value that singles out"
    )
    assert first["not_checked"] == ["What the recipient uses the data for."]
    assert (second["why_severity"], second["not_checked"]) == ("browsing but", ["Mars."])
    assert document["report"]["not_checked"] == [
        "Values inside messages that stayed closed were not searched."
    ]


def test_the_text_is_ascii_with_one_row_per_line(report: Report) -> None:
    out = io.StringIO()
    write_json(report, out)
    text = out.getvalue()
    assert text == render_json(report)
    assert re.fullmatch(r"[\x20-\x7e\n]*", text)
    assert OVERRIDE in json.loads(text)["recipients"][2]["host"]
    assert ESCAPE not in text
    lines = text.splitlines()
    assert sum(line.startswith('{"id":"S') for line in lines) == len(SIGHTINGS)


MISTAKES: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("a key too few", lambda d: d.pop("limits")),
    ("a key too many", lambda d: d.update(extra=1)),
    ("a misspelt key", lambda d: d["findings"][0].update(severty="high")),
    ("a row without a key", lambda d: d["recipients"][0].pop("basis")),
    ("another version", lambda d: d.update(waakzaam=1)),
    ("a severity there is not", lambda d: d["findings"][0].update(severity="critical")),
    ("encryption for an encoding", lambda d: d["sightings"][0].update(disguise="encryption")),
    ("a transport there is not", lambda d: d["sightings"][0].update(transport="https")),
    ("text for a number", lambda d: d["recipients"][0].update(bytes_up="12")),
    ("a negative number", lambda d: d["recipients"][0].update(messages=-1)),
    ("null for a list", lambda d: d["recipients"][0].update(addresses=None)),
    ("a name for a country code", lambda d: d["recipients"][0].update(seat_country="China")),
    ("a local time", lambda d: d["evidence"][0].update({"from": "2026-11-20T09:30:05+01:00"})),
    ("a hash that is none", lambda d: d["evidence"][0].update(sha256="abc")),
    ("an id that is none", lambda d: d["findings"][0]["sightings"].append("1")),
    ("a layer without a name", lambda d: d["sightings"][0]["layers"].append("")),
    ("an empty title of a case", lambda d: d["cases"][0].update(title="")),
]


@pytest.mark.parametrize(("what", "mistake"), MISTAKES, ids=[what for what, _ in MISTAKES])
def test_the_schema_catches(
    what: str, mistake: Callable[[dict[str, Any]], object], report: Report, validator: Draft202012Validator
) -> None:
    document = copy.deepcopy(to_document(report))
    mistake(document)
    assert not validator.is_valid(document), what


def test_very_many_sightings_are_listed_only_where_a_finding_names_them() -> None:
    few = table("sightings", [sighting(number, "search-query", "url", "value…") for number in range(1, 101)])
    all_listed = make_report(tables={"sightings": pa.concat_tables([few] * 100)})
    assert render_json(all_listed).count('"id":"S') == 10_000
    findings = table("findings", [{"finding": "F1", "rule": "search-terms", "sightings": ["S7", "S9"]}])
    many = pa.concat_tables([few.slice(0, 10), *[few.slice(10)] * 112])
    document = to_document(make_report(tables={"sightings": many, "findings": findings}))
    assert [row["id"] for row in document["sightings"]] == ["S7", "S9"]
    assert document["report"]["sightings_total"] == many.num_rows > 10_000


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Report(tables={}, made_at=datetime(2026, 1, 1), version="0")
    empty = Report(tables={}, made_at=datetime(2026, 1, 1, tzinfo=UTC), version="0")
    assert empty.table("findings").num_rows == 0


def test_accesses_are_counted_by_app_and_category(report: Report) -> None:
    rows = json.loads(render_json(report))["accesses"]
    assert [row["count"] for row in rows] == [2, 1]
    assert rows[0]["category"] == "camera"
    assert rows[0]["first"] == rows[0]["last"]
    assert rows[1]["app"] is None
    assert rows[1]["first"] is None


def test_names_and_addresses_of_devices_are_shortened(report: Report) -> None:
    [row] = json.loads(render_json(report))["devices"]
    assert (row["device"], row["mac"], row["addresses"]) == ("c6:2c:03:…", "c6:2c:03:…", ["192.168.1.2"])
    assert row["names"][1] == "Ann…"
    assert "Annas-iPhone" not in "".join(row["basis"])
    [row] = json.loads(render_json(replace(report, show_values=True)))["devices"]
    assert (row["device"], row["names"][1]) == ("c6:2c:03:60:6a:64", "Annas-iPhone")


def test_questions_are_whole_sentences_and_conclude_nothing(report: Report) -> None:
    seat, server = json.loads(render_json(report))["transfers"]
    assert seat["laws"] == [{"id": "cn-national-intelligence", "name": "National Intelligence Law"}]
    assert "China" in seat["questions"][0]
    assert "2020-05-01" in seat["questions"][1]
    assert all(
        each.endswith((".", "?")) and "{" not in each for each in seat["questions"] + server["questions"]
    )
    assert "unlawful" not in json.dumps([seat, server])
