"""The JSON report: the contract that ``schema/report-1.schema.json`` states.

Unknown is ``null``, times are ISO 8601 in UTC with microseconds, sizes are bytes, ``layers`` are outermost
first. The text is pure ASCII: characters beyond it are written as ``\\uXXXX``, so that a report printed on a
terminal cannot command it. One row per line, so that it can be read, searched and compared by line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, TextIO

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.report.accesses import summarise
from waakzaam.report.coverage import measure
from waakzaam.report.devices import shown
from waakzaam.report.hidden import proofs_by_sighting
from waakzaam.report.ledger import worth
from waakzaam.report.model import CaseFacts, Report
from waakzaam.report.owners import owners
from waakzaam.report.text import Text
from waakzaam.report.transfers import shown as transfers_shown
from waakzaam.report.words import Words

FORMAT = "1"
"""Version of the contract; a change that breaks a reader of the old one raises it."""

BATCH = 4_096
"""Rows that are held as Python values at one time while the report is written."""

MOST_SIGHTINGS = 10_000
"""With more than this, only the sightings that findings name are listed."""

PHONE_KEYS = ("brand", "maker", "model", "os", "build", "patch_level", "profile")

Row = dict[str, Any]

# The names of the contract and the columns they come from.
_RECIPIENT = {name: name for name in (
    "host", "addresses", "organisation", "owner", "seat", "seat_country", "server_countries", "network",
    "hosting", "canonical", "basis", "role", "messages", "bytes_up", "bytes_down", "connections",
    "not_opened",
)}  # fmt: skip
_SIGHTING = {
    "id": "sighting",
    "value": "value_shown",
    "value_hash": "value_sha256",
    **{name: name for name in ("datum", "form", "basis", "app", "app_basis", "host", "direction")},
    **{name: name for name in ("transport", "disguise", "path", "layers", "proof", "time")},
}
_CHAIN = {name: name for name in (
    "evidence", "message", "frame", "offset", "length", "leaf_offset", "leaf_length", "match_sha256",
)}  # fmt: skip
_IDENTIFIER = {
    "value_hash": "value_sha256",
    "value": "value_shown",
    **{name: name for name in ("datum", "fields", "forms", "hosts", "messages", "basis", "confidence")},
}
_FINDING = {
    "id": "finding",
    **{name: name for name in (
        "rule", "title", "severity", "why_severity", "confidence", "app", "app_basis", "recipient", "data",
        "transport", "disguise", "sightings", "sightings_total", "weaknesses", "references", "cases",
        "not_checked",
    )},
}  # fmt: skip
_APP = {name: name for name in (
    "basis", "evidence", "messages", "connections", "opened", "bytes_up", "bytes_up_opened",
)}  # fmt: skip
_NOT_SEEN = {name: name for name in ("evidence", "app", "state", "why", "count", "bytes_up", "bytes_down")}
_PROOF = ("step", "layer", "bits", "tried", "key", "source", "derivation", "format")
_OPAQUE = {name: name for name in (
    "evidence", "host", "url_path", "place", "values", "messages", "left_out", "disguise", "format",
    "format_name", "vendor", "text",
)}  # fmt: skip
_WEAKNESS = {
    "id": "weakness",
    **{name: name for name in (
        "evidence", "host", "app", "app_basis", "transport", "url_path", "place", "kind", "block", "count",
        "of", "log2_chance", "messages",
    )},
}  # fmt: skip
_LIMIT = {"what": "what", "limit": "limit", "where": "place", "evidence": "evidence"}
_ADVICE = {
    name: name for name in ("profile", "action", "subject", "why", "how", "undo", "findings", "sources")
}


def schema() -> Any:
    """Return the JSON Schema (2020-12) of the report."""
    folder = files("waakzaam.report") / "schema"
    return json.loads((folder / f"report-{FORMAT}.schema.json").read_text(encoding="utf-8"))


def iso(moment: datetime) -> str:
    """Write a moment in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _column(table: pa.Table, name: str) -> list[Any]:
    """Return one column as Python values: times as text, a list that is null as an empty list."""
    column = table.column(name)
    if pa.types.is_timestamp(column.type):
        # Through a time without zone, so that no zone database is needed; the columns are in UTC by schema.
        text = pc.cast(pc.cast(column, pa.timestamp("us")), pa.string())
        column = pc.binary_join_element_wise(pc.replace_substring(text, " ", "T"), "Z", "")
    values: list[Any] = column.to_pylist()
    if pa.types.is_list(column.type):
        return [[] if value is None else value for value in values]
    return values


def _rows(table: pa.Table, names: Mapping[str, str]) -> list[Row]:
    """Turn a table into one dict per row, with the contract's names."""
    keys = tuple(names)
    columns = [_column(table, name) for name in names.values()]
    return [dict(zip(keys, values, strict=True)) for values in zip(*columns, strict=True)]


def _many(table: pa.Table, names: Mapping[str, str]) -> Iterator[Row]:
    """Yield the rows of a table that may be very long, a batch at a time."""
    for start in range(0, table.num_rows, BATCH):
        yield from _rows(table.slice(start, BATCH), names)


def _evidence(report: Report) -> list[Row]:
    names = {"id": "evidence", "path": "path", "sha256": "sha256", "format": "format", "size": "size"}
    rows = _rows(report.table("evidence"), names | {"from": "first", "to": "last", "status": "status"})
    by_evidence: dict[str | None, list[Row]] = {}
    for problem in _rows(
        report.table("problems"), {name: name for name in ("evidence", "code", "text", "place", "count")}
    ):
        by_evidence.setdefault(problem.pop("evidence"), []).append(problem)
    for row in rows:
        row["problems"] = by_evidence.pop(row["id"], [])
    # A problem of an evidence without a row (the file could not even be hashed) must not get lost.
    for name, problems in by_evidence.items():
        unknown = dict.fromkeys(("path", "sha256", "format", "size", "from", "to"))
        rows.append({"id": name, **unknown, "status": "failed", "problems": problems})
    return rows


def _listed(report: Report) -> pa.Table:
    """Return the sightings that are listed: all, or where they are very many those that findings name.

    ``report.sightings_total`` says how many there are; the case holds them all.
    """
    table = report.table("sightings")
    if table.num_rows <= MOST_SIGHTINGS:
        return table
    named = report.table("findings").column("sightings").combine_chunks().flatten()
    return table.filter(pc.is_in(table.column("sighting"), named))


def _sightings(report: Report, table: pa.Table, show_values: bool) -> Iterator[Row]:
    """Yield the sightings, a batch at a time: there may be very many, each a dict with a dict in it."""
    proven = proofs_by_sighting(report, table)
    for start in range(0, table.num_rows, BATCH):
        batch = table.slice(start, BATCH)
        for row, chain in zip(_rows(batch, _SIGHTING), _rows(batch, _CHAIN), strict=True):
            row["chain"] = chain
            proofs = proven.get((chain["evidence"], row.pop("proof")), ())
            row["proofs"] = [{name: proof[name] for name in _PROOF} for proof in proofs]
            if not show_values:
                # An IMEI or a phone number has so few possible values that its hash gives it away.
                row["value_hash"] = chain["match_sha256"] = None
            yield row


def _findings(report: Report) -> list[Row]:
    rows = _rows(report.table("findings"), _FINDING)
    english = Text()
    words = Words(english)
    for row in rows:
        key = f"rule.{row['rule']}.title"
        if row["title"] is None and key in english:
            row["title"] = english.t(key, recipient=row["recipient"] or english.t("unknown"))
        # The tables hold keys of the catalogue here; who reads JSON has no catalogue.
        row["why_severity"] = words.severity_reasons(row["why_severity"])
        row["not_checked"] = [words.not_checked(each) for each in row["not_checked"]]
    return rows


def _case(case: CaseFacts) -> Row:
    return {
        "id": case.id,
        "title": case.title,
        "date": case.date or None,
        "claim_as_reported": case.claim_as_reported or None,
        "by": case.by or None,
        "technical_text": case.technical_text or None,
        "answer": case.answer or None,
        "others": list(case.others),
        "scope_limits": list(case.scope_limits),
        "sources": list(case.sources),
    }


def _accesses(report: Report) -> list[Row]:
    return [
        {
            "app": each.app,
            "category": each.category,
            "count": each.count,
            "first": None if each.first is None else iso(each.first),
            "last": None if each.last is None else iso(each.last),
        }
        for each in summarise(report)
    ]


def _devices(report: Report) -> list[Row]:
    return [
        {
            "evidence": each.evidence,
            "device": each.device,
            "mac": each.mac,
            "mac_random": each.random,
            "mac_holder": each.holder,
            "addresses": list(each.addresses),
            "names": list(each.names),
            "brand": each.brand,
            "model": each.model,
            "kind": each.kind,
            "system": each.system,
            "confidence": each.confidence,
            "basis": list(each.basis),
            "hosts": list(each.hosts),
            "connections": each.connections,
            "bytes_up": each.bytes_up,
            "first": None if each.first is None else iso(each.first),
            "last": None if each.last is None else iso(each.last),
        }
        for each in shown(report)
    ]


def _transfers(report: Report) -> list[Row]:
    return [
        {
            **{name: getattr(each, name) for name in ("organisation", "owner", "country", "why", "day")},
            "hosts": list(each.hosts),
            "messages": each.messages,
            "bytes_up": each.bytes_up,
            "adequacy": each.adequacy,
            "adequacy_text": each.adequacy_text,
            "laws": [{"id": law.id, "name": law.name} for law in each.laws],
            "questions": list(each.questions),
        }
        for each in transfers_shown(report, Words(Text()))
    ]


def _owners(report: Report) -> list[Row]:
    return [
        {
            "organisation": each.organisation,
            "day": each.day,
            "hosts": list(each.hosts),
            "steps": [
                {
                    **{
                        name: getattr(one, name)
                        for name in ("organisation", "owner", "city", "country", "note")
                    },
                    "from": one.start,
                    "to": one.end,
                    "confidence": one.confidence,
                    "sources": list(one.sources),
                }
                for one in each.steps
            ],
        }
        for each in owners(report).owned
    ]


def _coverage(report: Report) -> Row:
    found = measure(report)
    words = Words(Text())
    return {
        "opened_percent": worth(found, words).percent,
        "messages": found.messages,
        "lookups": found.lookups,
        "opened": {"connections": found.opened, "bytes_up": found.opened_bytes_up},
        "not_opened": {"connections": found.closed, "bytes_up": found.closed_bytes_up},
        "reasons": [
            {"why": each.why, "connections": each.connections, "bytes_up": each.bytes_up}
            for each in found.reasons
        ],
    }


def _apps(report: Report) -> Iterator[Row]:
    """Yield the apps that were seen. What only a package tells is null: no source reads packages yet."""
    unknown = ("name", "version", "signer_sha256", "developer", "owner", "seat")
    for row in _many(report.table("apps"), {"package": "app", **_APP}):
        yield {
            "package": row.pop("package"),
            **dict.fromkeys(unknown),
            "trackers": [],
            "permissions": [],
            "need": None,
            "last_used": None,
            **row,
        }


def to_document(report: Report) -> dict[str, Any]:
    """Return the report as the contract has it, made of dicts, lists, strings, numbers, booleans and None."""
    document = _document(report)
    return {key: list(value) if isinstance(value, Iterator) else value for key, value in document.items()}


def _document(report: Report) -> dict[str, Any]:
    """Return the report as the contract has it, with the longest lists as iterators."""
    words = Words(Text())
    return {
        "waakzaam": FORMAT,
        "report": {
            "made_at": iso(report.made_at),
            "version": report.version,
            "policy": report.policy_id,
            "facts_as_of": report.facts_as_of.isoformat() if report.facts_as_of else None,
            "facts_origin": report.facts_origin,
            "command": report.command or None,
            "reconstruction_of": report.reconstruction_of,
            "values_shown": report.show_values,
            "sightings_total": report.table("sightings").num_rows,
            "not_checked": [words.not_checked(each) for each in report.not_checked],
        },
        "evidence": _evidence(report),
        "coverage": _coverage(report),
        "phone": {key: report.phone.get(key) for key in PHONE_KEYS},
        "apps": _apps(report),
        "recipients": _many(report.table("recipients"), _RECIPIENT),
        "accesses": _accesses(report),
        "owners": _owners(report),
        "transfers": _transfers(report),
        "devices": _devices(report),
        "sightings": _sightings(report, _listed(report), report.show_values),
        "identifiers": _many(report.table("identifiers"), _IDENTIFIER),
        "findings": _findings(report),
        "advice": _rows(report.table("advice"), _ADVICE),
        "cases": [_case(case) for case in report.cases],
        "opaque": _many(report.table("opaque"), _OPAQUE),
        "weaknesses": _many(report.table("weaknesses"), _WEAKNESS),
        "limits": _rows(report.table("limits"), _LIMIT),
        "not_seen": _many(report.table("not_seen"), _NOT_SEEN),
    }


def _pieces(document: Mapping[str, Any]) -> Iterator[str]:
    encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode
    last = len(document) - 1
    yield "{\n"
    for position, (key, value) in enumerate(document.items()):
        yield f"{encode(key)}: "
        if isinstance(value, list | Iterator):
            between = "[\n"
            for row in value:
                yield between
                yield encode(row)
                between = ",\n"
            yield "[]" if between == "[\n" else "\n]"
        else:
            yield encode(value)
        yield "\n" if position == last else ",\n"
    yield "}\n"


def write_json(report: Report, out: TextIO) -> None:
    """Write the report to ``out``, one row per line, ASCII only."""
    for piece in _pieces(_document(report)):
        out.write(piece)


def render_json(report: Report) -> str:
    """Return the report as text; see `write_json`."""
    return "".join(_pieces(_document(report)))
