"""What stayed hidden inside messages, and how what was hidden was opened: the words for both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.report.model import Report
from waakzaam.report.words import Words

Row = Mapping[str, Any]


@dataclass(frozen=True)
class HiddenField:
    """A field whose values stayed closed, and of which something is known. ``told``: sentences about it."""

    host: str | None
    url_path: str
    place: str
    name: str | None  # of the known format, with its maker
    disguise: str
    values: int
    told: tuple[str, ...]


@dataclass(frozen=True)
class Hidden:
    """What stayed closed: fields of which something is known, and how many others there are."""

    fields: tuple[HiddenField, ...]
    others: int


def hidden(report: Report, words: Words) -> Hidden:
    """Say what stayed closed inside messages."""
    facts: dict[tuple[Any, ...], list[str]] = {}
    for row in report.table("weaknesses").to_pylist():
        facts.setdefault(_field(row), []).append(weakness(row, words))
    fields, others = [], 0
    for row in report.table("opaque").to_pylist():
        told = facts.pop(_field(row), [])
        if row["format"] is None and not told:
            others += 1
            continue
        name = (
            words.t("hidden.format", name=row["format_name"], vendor=row["vendor"]) if row["format"] else None
        )
        said = (*([row["text"]] if row["text"] else []), *told)
        fields.append(
            HiddenField(
                row["host"], row["url_path"] or "", row["place"], name, row["disguise"], row["values"], said
            )
        )
    return Hidden(tuple(fields), others)


def _field(row: Row) -> tuple[Any, ...]:
    return (row["evidence"], row["host"], row["url_path"], row["place"])


def weakness(row: Row, words: Words) -> str:
    """Say in a sentence what closed values tell by themselves."""
    number = words.text.number
    return words.t(
        f"weakness.{row['kind']}",
        block=row["block"] or 0,
        number=number(row["count"]),
        of=number(row["of"]),
    )


def proofs_by_sighting(report: Report, sightings: pa.Table | None = None) -> dict[tuple[str, int], list[Row]]:
    """Rows of ``proofs`` by (evidence, content), steps in order; of all, or of these sightings."""
    table = report.table("proofs")
    if sightings is not None and len(table):
        table = table.filter(pc.is_in(table["content"], pc.unique(sightings["proof"])))
    found: dict[tuple[str, int], list[Row]] = {}
    for row in table.to_pylist():
        found.setdefault((row["evidence"], row["content"]), []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: row["step"])
    return found


def with_keys(report: Report, sightings: pa.Table, words: Words) -> list[dict[str, Any]]:
    """Rows of these sightings with ``keys``: a sentence for each layer that needed one."""
    proofs = proofs_by_sighting(report, sightings)
    rows: list[dict[str, Any]] = sightings.to_pylist()
    for row in rows:
        row["keys"] = [key_sentence(each, words) for each in proofs.get((row["evidence"], row["proof"]), ())]
    return rows


def key_sentence(proof: Row, words: Words) -> str:
    """Say where the key of one layer comes from, and what proves it."""
    made = None if proof["derivation"] in (None, "", "as it is", "known format") else proof["derivation"]
    said = [
        words.t(
            f"key.{proof['source'].replace(' ', '_')}",
            layer=words.layer(proof["layer"]),
            name=words.cut(
                proof["key"].rsplit(", ", 1)[0] if proof["source"] != "key file" else proof["key"]
            ),
        )
    ]
    if made:
        said.append(words.t("key.made", how=made))
    if proof["bits"] is not None:
        bits, tried = words.text.number(round(proof["bits"])), words.text.number(proof["tried"] or 0)
        said.append(words.t("key.proof_tried" if proof["tried"] else "key.proof", bits=bits, tried=tried))
    return words.t("format.sentence_separator").join(said)
