"""Sightings: where a known value, in whatever form, stands in what the phone sent."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam import _core
from waakzaam.ordinals import ordinals
from waakzaam.seek.known import NAMED, Known
from waakzaam.seek.links import batch_bytes
from waakzaam.seek.places import Lists, places
from waakzaam.sources.evidence import Evidence
from waakzaam.tables import SIGHTINGS

PHRASE = 12
"""A search term of several words may stand inside other text if it is at least this long."""

_HITS = pa.schema(
    [
        ("value", pa.int64()), ("known", pa.int64()), ("form", pa.string()), ("offset", pa.int64()),
        ("length", pa.int64()), ("size", pa.int64()), ("match", pa.binary()),
    ]
)  # fmt: skip


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
    lists = Lists()
    found = []
    for each in evidence:
        hits = _hits(each, known, seeker)
        if len(hits):
            found.append(places(each, known, hits, lists, show_values))
    return _joined([table for table in found if table is not None], lists)


def _joined(tables: list[pa.Table], lists: Lists) -> pa.Table:
    """Sightings of all evidence as one table, numbered."""
    if not tables:
        return SIGHTINGS.empty_table()
    table = pa.concat_tables(tables).combine_chunks()
    numbers = pc.cast(ordinals(len(table), start=1), pa.string())
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    columns["sighting"] = pc.binary_join_element_wise("S", numbers, "")
    columns["app_basis"] = pa.nulls(len(table), pa.string())  # said by a later stage
    for name in ("layers", "selectors"):
        columns[name] = lists.column(columns[name])
    return pa.table({name: columns[name] for name in SIGHTINGS.names})


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
            "hit": ordinals(len(table)),
            "value": table["value"],
            "known": table["known"],
            "form": table["form"],
            "leaf_offset": table["offset"],
            "leaf_length": table["length"],
            "whole": table["whole"],
            "match_sha256": pa.array(sums, pa.string()),
        }
    ).combine_chunks()


def _derived(known: Sequence[Known], digests: pa.ChunkedArray) -> list[int]:
    """Values that only the capture names and that are a digest of another: that one is told, in this form."""
    written = {digest.lower() for digest in pc.unique(digests).to_pylist()}
    return [each.id for each in known if each.basis == NAMED and each.value.lower() in written]
