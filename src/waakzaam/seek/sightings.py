"""Sightings: where a known value, in whatever form, stands in what the phone sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam import _core
from waakzaam.attribute import site
from waakzaam.knowledge import load
from waakzaam.peel import chain_text, disguise_of
from waakzaam.query import ask
from waakzaam.seek.known import NAMED, Known
from waakzaam.seek.links import batch_bytes
from waakzaam.seek.named import fields_for
from waakzaam.seek.shown import shorten
from waakzaam.sources.evidence import Evidence
from waakzaam.tables import SIGHTINGS

SHORT = 8
"""Shorter values that only the capture names are believed only under a name that means them."""
REFERRERS = frozenset({"header:referer", "header:origin"})
"""Parts in which browsers tell every server about the page they come from."""
PHRASE = 12
"""A search term of several words may stand inside other text if it is at least this long."""

_HITS = pa.schema(
    [
        ("value", pa.int64()), ("known", pa.int64()), ("form", pa.string()), ("offset", pa.int64()),
        ("length", pa.int64()), ("size", pa.int64()), ("match", pa.binary()),
    ]
)  # fmt: skip

_QUESTION = """
WITH told AS (
    SELECT
        h.hit, h.form, h.leaf_offset, h.leaf_length, h.match_sha256,
        k.known, k.datum, k.basis, k.value_sha256, k.value_shown,
        m.message, m.app, m.host, m.direction, m.transport, m.time, m.frame, m."offset", m.length,
        p.path AS place, p.part, p.text AS path, p.disguise, p.layers, p.selectors, l.leaf, c.nr
    FROM hits h
    JOIN leaves l ON l.value = h.value
    JOIN paths p ON p.path = l.path
    JOIN contents c ON c.content = l.content
    JOIN messages m ON m.message = c.message
    JOIN known k ON k.known = h.known
    -- What is needed to reach a site is not told to somebody else.
    WHERE m.protocol <> 'dns'
      AND NOT EXISTS (SELECT 1 FROM own WHERE own.known = k.known AND own.host = m.host)
      AND (NOT k.root OR NOT p.referrer)
      AND (NOT k.needs_name OR (h.whole AND EXISTS (
            SELECT 1 FROM named n WHERE n.path = p.path AND n.datum = k.datum)))
),
-- One form of a value per place: the core gives the most direct one first.
direct AS (
    SELECT * FROM told QUALIFY row_number() OVER (PARTITION BY nr, leaf, known ORDER BY hit) = 1
)
-- A value may be read in a container and again in what the container holds: keep the inner one.
SELECT * FROM direct d
WHERE NOT EXISTS (
    SELECT 1 FROM direct i JOIN inside ON inside.inner_path = i.place
    WHERE inside.outer_path = d.place AND i.message = d.message AND i.known = d.known AND i.form = d.form)
ORDER BY nr, leaf, hit
"""


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
    found = [SIGHTINGS.empty_table()]
    for each in evidence:
        hits = _hits(each, known, seeker)
        if len(hits):
            found.append(_places(each, known, hits, show_values))
    table = pa.concat_tables(found)
    ids = pa.array([f"S{number + 1}" for number in range(len(table))], pa.string())
    return table.set_column(0, "sighting", ids)


def _hits(evidence: Evidence, known: Sequence[Known], seeker: _core.Seeker) -> pa.Table:
    """Believable hits: value, known, form, offset, length, whole, digest of the match, number."""
    tables = []
    for batch in evidence.tables["values"].batches():
        payload, limits = seeker.seek(batch_bytes(batch))
        for value, what, limit in limits:
            evidence.add_limit(what, limit, f"seeking in value {value}")
        tables.append(pa.ipc.open_stream(pa.py_buffer(payload)).read_all().cast(_HITS))
    table = pa.concat_tables([_HITS.empty_table(), *tables])
    whole = pc.equal(table["length"], table["size"])
    terms = pa.array((each.id for each in known if each.datum == "search-query"), pa.int64())
    # A word inside other text is chance: a term is the whole value, or a phrase, or its digest.
    phrase = pc.and_(pc.match_substring(table["match"], b" "), pc.greater_equal(table["length"], PHRASE))
    digest = pc.match_substring(table["form"], "(")
    believable = pc.or_(pc.invert(pc.is_in(table["known"], terms)), pc.or_(whole, pc.or_(phrase, digest)))
    derived = pa.array(_derived(known, table["match"].filter(digest)), pa.int64())
    believable = pc.and_(believable, pc.invert(pc.is_in(table["known"], derived)))
    table = table.append_column("whole", whole).filter(believable)
    sums = [hashlib.sha256(match).hexdigest() for match in table["match"].to_pylist()]
    return pa.table(
        {
            "hit": range(len(table)),
            "value": table["value"],
            "known": table["known"],
            "form": table["form"],
            "leaf_offset": table["offset"],
            "leaf_length": table["length"],
            "whole": table["whole"],
            "match_sha256": sums,
        }
    )


def _derived(known: Sequence[Known], digests: pa.ChunkedArray) -> list[int]:
    """Values that only the capture names and that are a digest of another: that one is told, in this form."""
    written = {digest.lower() for digest in pc.unique(digests).to_pylist()}
    return [each.id for each in known if each.basis == NAMED and each.value.lower() in written]


def _places(evidence: Evidence, known: Sequence[Known], hits: pa.Table, show: bool) -> pa.Table:
    leaves = _rows_with(evidence, "leaves", "value", pc.unique(hits["value"]))
    named, paths, inside = _paths(evidence, pc.unique(leaves["path"]))
    contents = _rows_with(evidence, "contents", "content", pc.unique(leaves["content"]))
    messages = _messages(evidence, pc.unique(contents["message"]))
    hosts = pc.unique(messages["host"]).to_pylist()
    seen = set(pc.unique(hits["known"]).to_pylist())
    wanted = [each for each in known if each.id in seen]
    answer = ask(
        _QUESTION,
        hits=hits,
        leaves=_numbered(leaves, "leaf"),
        contents=_numbered(contents, "nr"),
        paths=paths,
        inside=inside,
        named=named,
        messages=messages,
        known=_known(wanted, show),
        own=_own(wanted, hosts),
    )
    columns = {
        name: pa.repeat(pa.scalar(evidence.id), len(answer)) if name == "evidence" else answer[name]
        for name in SIGHTINGS.names
        if name != "sighting"
    }
    return pa.table({"sighting": pa.nulls(len(answer), pa.string()), **columns}).cast(SIGHTINGS)


def _rows_with(evidence: Evidence, name: str, column: str, wanted: pa.Array) -> pa.Table:
    """Rows of a table that have one of these numbers in a column."""
    table = evidence.tables[name]
    batches = (batch.filter(pc.is_in(batch[column], wanted)) for batch in table.batches())
    return pa.Table.from_batches(batches, schema=table.schema)


def _numbered(table: pa.Table, name: str) -> pa.Table:
    """The table with the order of its rows as a column."""
    return table.append_column(name, pa.array(range(len(table)), pa.int64()))


def _paths(evidence: Evidence, wanted: pa.Array) -> tuple[pa.Table, pa.Table, pa.Table]:
    """What paths name, the paths in words, and which path lies inside which."""
    table = evidence.table("paths")
    rows = table.filter(pc.is_in(table["path"], wanted)).to_pylist()
    named = [
        (row["path"], field.datum) for row in rows for field in fields_for(row["name"], row["selectors"])
    ]
    by_steps = {
        (row["part"], *zip(row["layers"], row["selectors"], strict=True)): row["path"] for row in rows
    }
    inside = [
        (by_steps[steps[:length]], path)
        for steps, path in by_steps.items()
        for length in range(1, len(steps))
        if steps[:length] in by_steps
    ]
    words = {
        "path": pa.array([row["path"] for row in rows], pa.int64()),
        "part": pa.array([row["part"] for row in rows], pa.string()),
        "text": pa.array(
            [chain_text(row["part"], row["layers"], row["selectors"]) for row in rows], pa.string()
        ),
        "disguise": pa.array([disguise_of(row["layers"]) for row in rows], pa.string()),
        "referrer": pa.array([row["part"].lower() in REFERRERS for row in rows], pa.bool_()),
        "layers": pa.array([row["layers"] for row in rows], SIGHTINGS.field("layers").type),
        "selectors": pa.array([row["selectors"] for row in rows], SIGHTINGS.field("selectors").type),
    }
    return (
        _pairs("path", "datum", named, pa.string()),
        pa.table(words),
        _pairs("outer_path", "inner_path", inside),
    )


def _pairs(
    one: str, other: str, rows: Iterable[tuple[object, object]], kind: pa.DataType | None = None
) -> pa.Table:
    listed = list(rows)
    return pa.table(
        {
            one: pa.array([row[0] for row in listed], pa.int64()),
            other: pa.array([row[1] for row in listed], kind or pa.int64()),
        }
    )


def _messages(evidence: Evidence, wanted: pa.Array) -> pa.Table:
    names = ["message", "protocol", "direction", "time", "app", "host", "server_address", "transport"]
    batches = [
        batch.select([*names, "frame", "offset", "length"]).filter(pc.is_in(batch["message"], wanted))
        for batch in evidence.tables["messages"].batches()
    ]
    table = pa.Table.from_batches(batches)
    host = pc.coalesce(table["host"], table["server_address"])
    return table.set_column(table.column_names.index("host"), "host", host)


def _known(known: Sequence[Known], show: bool) -> pa.Table:
    """What the question needs to know of each value."""
    data = load().data
    shown = [
        each.value.decode("utf-8", "replace") if show else shorten(each.datum, each.value) for each in known
    ]
    return pa.table(
        {
            "known": pa.array([each.id for each in known], pa.int64()),
            "datum": [each.datum for each in known],
            "basis": [each.basis for each in known],
            "value_sha256": [each.sha256 for each in known],
            "value_shown": shown,
            # The bare address of a site says no more than the name that a browser gives as origin.
            "root": [each.datum == "browsing-history/url" and _is_root(each.value) for each in known],
            "needs_name": [
                each.basis == NAMED
                and (len(each.value) < SHORT or (each.datum in data and data[each.datum].group == "location"))
                for each in known
            ],
        }
    )


def _is_root(url: bytes) -> bool:
    """True for an address that says no more than its host: neither path nor query."""
    return b"?" not in url and url.rstrip(b"/").count(b"/") <= 2


def _own(known: Sequence[Known], hosts: Iterable[str | None]) -> pa.Table:
    """Pairs of known value and host that is told it anyway."""
    by_site: dict[str, list[str]] = {}
    for host in hosts:
        if host:
            by_site.setdefault(site(host), []).append(host)
    rows = [(each.id, host) for each in known for name in each.sites for host in by_site.get(name, ())]
    return _pairs("known", "host", rows, pa.string())
