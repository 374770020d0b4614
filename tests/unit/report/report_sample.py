"""A report as an audit hands it over: the documented browser traffic, re-enacted, with hostile strings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
from report_rows import (
    ADVICE,
    CLOSED,
    COLLECTOR,
    ESCAPE,
    FINDINGS,
    LONG_HOST,
    OVERRIDE,
    PROOFS,
    RECIPIENTS,
    SCRIPT,
    SIGHTINGS,
    START,
    WEAKNESSES,
)

from waakzaam.report import CaseFacts, ChainView, Report, StepView
from waakzaam.tables import TABLES


def table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """A table of that schema; columns that a row lacks are null."""
    schema = TABLES[name]
    for row in rows:
        assert set(row) <= set(schema.names), set(row) - set(schema.names)
    return pa.Table.from_pylist([{key: row.get(key) for key in schema.names} for row in rows], schema=schema)


def chain(field: str, value: str) -> ChainView:
    return ChainView(
        (
            StepView(
                "body", "", "message", 812, "crc=-769025827&gzip=1&data_list=H4sIAAAAAAAC%2F5WR22rDMAyG"
            ),
            StepView(
                "form", "data_list", "structure", 744, "H4sIAAAAAAAC/5WR22rDMAyG30XsMoemSSEExuhgTzGGcRM1MfNp"
            ),
            StepView(
                "base64",
                "",
                "encoding",
                558,
                "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x95\x91\xdbj\xc30\x0c",
            ),
            StepView(
                "gzip", "", "encoding", 1_036, '[{"_track_id":1,"time":1588300000000,"type":"track","distinct'
            ),
            StepView("json", "$[0].properties." + field, "structure", len(value), value),
        ),
        value,
    )


def connection(number: int, opened: bool | None, why: str | None, size: int) -> dict[str, Any]:
    return {
        "evidence": "E1",
        "connection": number,
        "protocol": "tcp",
        "application": "tls",
        "first": START,
        "last": START,
        "bytes_up": size,
        "bytes_down": 10 * size,
        "opened": opened,
        "not_opened": why,
        "transport": "tls",
    }


CASE = CaseFacts(
    id="xiaomi-browser-2020",
    title="Browsers on Xiaomi phones and browsing history",
    date="2020-04-30",
    claim_as_reported=(
        "Three browsers on Xiaomi phones recorded every visited address and every search term, also in "
        "incognito mode, and sent them with a number that does not change to servers in Singapore and Russia."
    ),
    by="Gabriel Cîrlig, in Forbes; checked by Andrew Tierney",
    technical_text=(
        "The code of Mint Browser 3.4.0 hands events with the fields url and search_word to an analytics "
        "library; the library writes them as JSON, compresses them with gzip and encodes them with base64, "
        "and sends them over HTTPS to sa.api.intl.miui.com (analysis of the code by W. Palant, May 2020; the "
        "running browser was not examined)."
    ),
    answer=(
        "Xiaomi, 1 to 3 May 2020: the claims are untrue or misunderstood; the data are aggregated, cannot "
        "identify anyone and are collected with consent. An update then added a setting for incognito mode."
    ),
    others=(
        "Andrew Tierney did not retract after the answer (May 2020).",
        "W. Palant, 7 May 2020: in version 3.4.3 the statistics can be switched off in full.",
    ),
    scope_limits=("Versions of spring 2020 only.", "What later versions do was not examined."),
    sources=("palant.info, 4 May 2020", "livemint.com, 1 May 2020 (second-hand for Forbes)"),
)


def make_report(**changes: Any) -> Report:
    tables = {
        "evidence": table(
            "evidence",
            [
                {
                    "evidence": "E1",
                    "path": "examples/browser.har",
                    "sha256": "5f" * 32,
                    "format": "har",
                    "size": 123_456,
                    "first": START,
                    "last": START + timedelta(minutes=4),
                    "status": "complete",
                },
                {
                    "evidence": "E2",
                    "path": OVERRIDE,
                    "sha256": "c0" * 32,
                    "format": None,
                    "size": 0,
                    "first": None,
                    "last": None,
                    "status": "failed",
                },
            ],
        ),
        "problems": table(
            "problems",
            [
                {
                    "evidence": "E1",
                    "code": "gap",
                    "text": "Bytes are missing in a stream.",
                    "place": "connection 4",
                    "count": 1200,
                },
                {
                    "evidence": "E2",
                    "code": "unsupported",
                    "text": SCRIPT + ESCAPE,
                    "place": OVERRIDE,
                    "count": 1,
                },
                {"evidence": "E9", "code": "crash", "text": None, "place": None, "count": None},
            ],
        ),
        "limits": table(
            "limits",
            [
                {"evidence": "E1", "what": "depth", "limit": 32, "place": "message 12, body"},
                {"evidence": "E1", "what": SCRIPT, "limit": None, "place": ESCAPE},
            ],
        ),
        "connections": table(
            "connections",
            [
                connection(1, True, None, 9_744),
                connection(2, True, None, 20_000),
                connection(3, True, None, 300),
                connection(4, False, "no keys", 2_400),
                connection(5, False, ESCAPE, 7),
                connection(6, None, None, 0),
            ],
        ),
        "recipients": table("recipients", RECIPIENTS),
        "sightings": table("sightings", SIGHTINGS),
        "transfers": table(
            "transfers",
            [
                {
                    "organisation": SCRIPT,
                    "owner": "Xiaomi Corporation",
                    "country": "CN",
                    "why": "seat",
                    "day": "2020-05-01",
                    "hosts": [ESCAPE, LONG_HOST],
                    "messages": 3,
                    "bytes_up": 9_744,
                    "adequacy": "none",
                    "adequacy_text": "No adequacy decision for China is recorded for that day.",
                    "laws": ["cn-national-intelligence"],
                    "questions": ["access", "safeguard", "assessment", "record"],
                },
                {
                    "organisation": None,
                    "owner": None,
                    "country": "DE",
                    "why": "server",
                    "day": "2020-05-01",
                    "hosts": ["a.example"],
                    "messages": 0,
                    "bytes_up": None,
                    "adequacy": "member",
                    "adequacy_text": "Germany counted to the EU on that day and was no third country.",
                    "laws": [],
                    "questions": ["operator", "reach"],
                },
            ],
        ),
        "devices": table(
            "devices",
            [
                {
                    "evidence": "E1",
                    "device": "c6:2c:03:60:6a:64",
                    "mac": "c6:2c:03:60:6a:64",
                    "mac_random": True,
                    "addresses": ["192.168.1.2"],
                    "names": [SCRIPT, "Annas-iPhone"],
                    "brand": "Apple",
                    "kind": "phone",
                    "confidence": "single",
                    "basis": ["DHCP says host-name “Annas-iPhone” (packet 1)", SCRIPT],
                    "hosts": [ESCAPE, "a.example"],
                    "connections": 2,
                    "bytes_up": 40,
                    "first": START,
                    "last": START,
                }
            ],
        ),
        "proofs": table("proofs", PROOFS),
        "opaque": table("opaque", CLOSED),
        "weaknesses": table("weaknesses", WEAKNESSES),
        "accesses": table(
            "accesses",
            [
                {
                    "evidence": "E1",
                    "access": 0,
                    "app": SCRIPT,
                    "category": "camera",
                    "kind": "interval",
                    "first": START,
                    "last": START,
                },
                {
                    "evidence": "E1",
                    "access": 1,
                    "app": SCRIPT,
                    "category": "camera",
                    "kind": "interval",
                    "first": START,
                },
                {"evidence": "E1", "access": 2, "app": None, "category": OVERRIDE, "kind": "event"},
            ],
        ),
        "identifiers": table(
            "identifiers",
            [
                {
                    "value_sha256": "ab" * 32,
                    "value_shown": "11111111-2222-…",
                    "datum": "identifier/uuid",
                    "fields": ["uuid", "distinct_id", "anonymous_id"],
                    "forms": ["plain"],
                    "hosts": [COLLECTOR],
                    "messages": 25,
                    "basis": "constant in this evidence",
                    "confidence": "medium",
                },
                {
                    "value_sha256": "cd" * 32,
                    "value_shown": ESCAPE,
                    "datum": SCRIPT,
                    "fields": [SCRIPT],
                    "forms": [],
                    "hosts": [OVERRIDE, LONG_HOST],
                    "messages": 1,
                    "basis": None,
                    "confidence": None,
                },
            ],
        ),
        "findings": table("findings", FINDINGS),
        "advice": table("advice", ADVICE),
    }
    report = Report(
        tables=tables,
        made_at=datetime(2026, 11, 22, 18, 30, tzinfo=UTC),
        version="0.1.0",
        phone={
            "brand": "Redmi",
            "maker": "Xiaomi Communications Co Ltd",
            "model": "Note 8",
            "os": "Android 9 (MIUI 11)",
            "build": None,
            "patch_level": "2020-03-01",
            "profile": "professional",
        },
        cases=(CASE,),
        reconstruction_of="xiaomi-browser-2020",
        reconstruction_by="the makers of waakzaam",
        not_checked=("QUIC streams were not opened.", SCRIPT + OVERRIDE),
        chains={
            "S1": chain("url", "https://example.be/prive?q=…"),
            "S2": chain("url", "https://www.vrt.example/nie…"),
            "S3": chain("search_word", "huisarts antw…"),
            "S4": chain("uuid", "11111111-2222-…"),
            "S6": ChainView((StepView("header:" + SCRIPT, SCRIPT, SCRIPT, None, ESCAPE + OVERRIDE),), SCRIPT),
        },
        policy_id="vsse-2021",
        facts_as_of=date(2026, 11, 30),
        facts_origin="packaged " + SCRIPT + OVERRIDE,
        command="waakzaam audit examples/browser.har --phone examples/phone.toml --html report.html",
    )
    return replace(report, **changes)
