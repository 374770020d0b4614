"""Sightings: where a known value, in whatever form, stands in what the phone sent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam import _core
from waakzaam.attribute import site
from waakzaam.peel import chain_text, disguise_of
from waakzaam.seek.known import NAMED, Known
from waakzaam.seek.links import batch_bytes
from waakzaam.seek.named import fields_for
from waakzaam.seek.shown import shorten
from waakzaam.sources.evidence import Evidence
from waakzaam.tables import SIGHTINGS

SHORT = 8
"""Shorter values that only the capture names are believed only under a name that means them."""


@dataclass(frozen=True)
class _Hit:
    value: int
    known: int
    form: str
    offset: int
    length: int
    size: int
    match: bytes


def sight(known: Sequence[Known], evidence: Sequence[Evidence], *, show_values: bool = False) -> pa.Table:
    """Seek all known values in all evidence.

    Args:
        known: what to seek; ids are places in this sequence.
        evidence: captures that were read and peeled.
        show_values: put values in full into ``value_shown``.

    Returns:
        Table ``sightings``. A value sent to the very site it belongs to is not a sighting, nor is a DNS
        query for it: both are needed to reach the site.
    """
    if not known:
        return SIGHTINGS.empty_table()
    seeker = _core.Seeker([(each.id, each.datum, each.value) for each in known])
    columns: dict[str, list[Any]] = {name: [] for name in SIGHTINGS.names}
    for each in evidence:
        _sight_one(each, known, seeker, columns, show_values)
    count = len(columns["datum"])
    columns["sighting"] = [f"S{number + 1}" for number in range(count)]
    return pa.table(columns, schema=SIGHTINGS)


def _hits(evidence: Evidence, seeker: _core.Seeker) -> dict[int, list[_Hit]]:
    """Hits by value id."""
    found: dict[int, list[_Hit]] = {}
    for batch in evidence.tables["values"].batches():
        payload, limits = seeker.seek(batch_bytes(batch))
        for value, what, limit in limits:
            evidence.add_limit(what, limit, f"seeking in value {value}")
        table = pa.ipc.open_stream(pa.py_buffer(payload)).read_all()
        for row in zip(*(table[name].to_pylist() for name in table.column_names), strict=True):
            hit = _Hit(*row)
            found.setdefault(hit.value, []).append(hit)
    return found


def _sight_one(
    evidence: Evidence, known: Sequence[Known], seeker: _core.Seeker, columns: dict[str, list[Any]], show: bool
) -> None:
    hits = _hits(evidence, seeker)
    if not hits:
        return
    wanted = pa.array(hits, pa.int64())
    leaves: list[tuple[int, int, int]] = []
    for batch in evidence.tables["leaves"].batches():
        rows = batch.filter(pc.is_in(batch["value"], wanted))
        leaves += zip(
            rows["message"].to_pylist(), rows["path"].to_pylist(), rows["value"].to_pylist(), strict=True
        )
    paths = _paths(evidence, {leaf[1] for leaf in leaves})
    messages = _messages(evidence, {leaf[0] for leaf in leaves})
    sites: dict[str | None, str | None] = {None: None}
    best: dict[tuple[int, int, str], tuple[int, _Hit, int]] = {}
    order: list[tuple[int, int, _Hit]] = []
    for message, path, value in leaves:
        told = messages.get(message)
        if told is None or told["protocol"] == "dns":
            continue
        for hit in hits[value]:
            row = known[hit.known]
            host = told["host"]
            if host not in sites:
                sites[host] = site(host)
            if sites[host] in row.sites:
                continue
            if not _believable(row, hit, paths[path]):
                continue
            order.append((message, path, hit))
    for message, path, hit in order:
        key = (message, hit.known, hit.form)
        depth = len(paths[path]["layers"])
        if key not in best or depth > best[key][0]:
            best[key] = (depth, hit, path)
    kept = set()
    for message, path, hit in order:
        # The same value may be read in a container and again in what the container holds: keep the inner one.
        inner = best[(message, hit.known, hit.form)][2]
        if path != inner and _inside(paths[inner], paths[path]):
            continue
        if (message, path, hit.known) in kept:
            continue  # one form of a value per place: the core gives the most direct first
        kept.add((message, path, hit.known))
        _append(columns, evidence, known[hit.known], hit, paths[path], messages[message], show)


def _inside(inner: dict[str, Any], outer: dict[str, Any]) -> bool:
    count = len(outer["layers"])
    return (
        inner["part"] == outer["part"]
        and len(inner["layers"]) > count
        and inner["layers"][:count] == outer["layers"]
        and inner["selectors"][:count] == outer["selectors"]
    )


def _believable(row: Known, hit: _Hit, path: dict[str, Any]) -> bool:
    """Refuse what may be chance: a search term inside other text, a short value without its name."""
    whole = hit.length == hit.size
    if row.datum == "search-query":
        return whole or hit.form not in ("plain", "lower case") or (b" " in hit.match and hit.length >= 12)
    if row.basis == NAMED and (len(row.value) < SHORT or row.datum.startswith("location/")):
        return whole and any(field.datum == row.datum for field in fields_for(path["name"], path["selectors"]))
    return True


def _paths(evidence: Evidence, wanted: set[int]) -> dict[int, dict[str, Any]]:
    table = evidence.table("paths")
    rows = table.filter(pc.is_in(table["path"], pa.array(wanted, pa.int64()))).to_pylist()
    for row in rows:
        row["text"] = chain_text(row["part"], row["layers"], row["selectors"])
        row["disguise"] = disguise_of(row["layers"])
    return {row["path"]: row for row in rows}


def _messages(evidence: Evidence, wanted: set[int]) -> dict[int, dict[str, Any]]:
    columns = ["message", "protocol", "direction", "time", "app", "host", "server_address", "transport"]
    columns += ["frame", "offset", "length"]
    table = evidence.table("messages").select(columns)
    rows = table.filter(pc.is_in(table["message"], pa.array(wanted, pa.int64()))).to_pylist()
    for row in rows:
        row["host"] = row["host"] or row["server_address"]
    return {row["message"]: row for row in rows}


def _append(
    columns: dict[str, list[Any]],
    evidence: Evidence,
    known: Known,
    hit: _Hit,
    path: dict[str, Any],
    message: dict[str, Any],
    show: bool,
) -> None:
    row = {
        "sighting": None,
        "datum": known.datum,
        "form": hit.form,
        "known": known.id,
        "basis": known.basis,
        "value_sha256": known.sha256,
        "value_shown": known.value.decode("utf-8", "replace") if show else shorten(known.datum, known.value),
        "app": message["app"],
        "host": message["host"],
        "direction": message["direction"],
        "transport": message["transport"],
        "disguise": path["disguise"],
        "part": path["part"],
        "path": path["text"],
        "layers": path["layers"],
        "selectors": path["selectors"],
        "time": message["time"],
        "evidence": evidence.id,
        "message": message["message"],
        "frame": message["frame"],
        "offset": message["offset"],
        "length": message["length"],
        "leaf_offset": hit.offset,
        "leaf_length": hit.length,
        "match_sha256": hashlib.sha256(hit.match).hexdigest(),
    }
    for name, value in row.items():
        columns[name].append(value)
