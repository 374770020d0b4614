"""Places: where hits stand, worked out in numbers; texts are put in at the end, each once.

A value that is sent a hundred thousand times under the same name to the same host differs only in the
message. So rows are numbers until they are complete, and their texts are codes of a dictionary (Arrow's
dictionary-encoded columns): it saves memory and time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.attribute import site
from waakzaam.knowledge import load
from waakzaam.ordinals import in_order, ordinals
from waakzaam.peel import chain_text, disguise_of
from waakzaam.peel.keys import Marks, marks_of, masked
from waakzaam.seek.known import NAMED, Known
from waakzaam.seek.named import fields_for
from waakzaam.seek.shown import shorten
from waakzaam.sources.evidence import Evidence
from waakzaam.tables import STRINGS

SHORT = 8
"""Shorter values that only the capture names are believed only under a name that means them."""
REFERRERS = frozenset({"header:referer", "header:origin"})
"""Parts in which browsers tell every server about the page they come from."""

_MESSAGE = ("message", "host", "app", "direction", "transport", "time", "frame", "offset", "length")


class Lists:
    """Lists of texts as numbers, each list once."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, ...], int] = {}

    def code(self, texts: Iterable[str]) -> int:
        """Give the number of a list."""
        return self._codes.setdefault(tuple(texts), len(self._codes))

    def column(self, codes: pa.Array) -> pa.DictionaryArray:
        """Turn numbers into the lists they stand for."""
        return pa.DictionaryArray.from_arrays(codes, pa.array([list(each) for each in self._codes], STRINGS))


@dataclass(frozen=True)
class _Paths:
    """Paths that have a hit: ids in order, and what is to be known of each."""

    ids: pa.Array
    columns: dict[str, pa.Array]
    referrer: pa.Array
    named: frozenset[tuple[int, str]]  # (place in `ids`, datum that its name names)
    inside: pa.Table  # outer, inner: places in `ids`


def places(
    evidence: Evidence, known: Sequence[Known], hits: pa.Table, lists: Lists, show: bool
) -> pa.Table | None:
    """Sightings of one evidence, in the order of messages and leaves; None if there are none.

    Args:
        evidence: the capture the hits are in.
        known: what was sought; ids are places in this sequence.
        hits: ``hit`` (number of the row), ``value``, ``known``, ``form``, ``leaf_offset``, ``leaf_length``,
            ``whole``, ``match_sha256``; one chunk.
        lists: numbers of the lists in ``layers`` and ``selectors``.
        show: put values in full into ``value_shown``.
    """
    leaves = _rows_with(evidence, "leaves", "value", pc.unique(hits["value"]))
    paths = _paths(evidence, pc.unique(leaves["path"]), lists, show)
    near = _near(leaves, hits, known, paths)
    contents = _rows_with(evidence, "contents", "content", pc.unique(near["content"]))
    messages = _messages(evidence, pc.unique(contents["message"]))
    told = near.join(_numbered(contents, "nr"), keys="content", join_type="inner", use_threads=False)
    told = _placed(told, "message", messages["message"].combine_chunks(), "row")
    told = told.filter(pc.invert(_is_own(told, known, messages["host"].combine_chunks())))
    told = _innermost(told, hits, paths)
    told = in_order(told, ("nr", "ascending"), ("leaf", "ascending"), ("hit", "ascending"))
    return _table(evidence, told, known, hits, paths, messages, show) if len(told) else None


def _rows_with(evidence: Evidence, name: str, column: str, wanted: pa.Array) -> pa.Table:
    """Rows of a table that have one of these numbers in a column."""
    table = evidence.tables[name]
    batches = (batch.filter(pc.is_in(batch[column], wanted)) for batch in table.batches())
    return pa.Table.from_batches(batches, schema=table.schema)


def _numbered(table: pa.Table, name: str) -> pa.Table:
    """The table with the order of its rows as a column."""
    return table.append_column(name, ordinals(len(table)))


def _placed(table: pa.Table, column: str, ids: pa.Array, name: str) -> pa.Table:
    """The table with the place of a number among ``ids`` as a column, without rows that have none."""
    table = table.append_column(name, pc.index_in(table[column], ids))
    return table.filter(table[name].is_valid())


def _near(leaves: pa.Table, hits: pa.Table, known: Sequence[Known], paths: _Paths) -> pa.Table:
    """Believable hits at their leaves: ``leaf``, ``content``, ``place`` (of the path), ``hit``, ``known``."""
    rows = _numbered(leaves, "leaf").join(
        hits.select(["value", "hit", "known", "whole"]), keys="value", join_type="inner", use_threads=False
    )
    rows = _placed(rows, "path", paths.ids, "place")
    group = {each.id: each.group for each in load().data.values()}
    # The bare address of a site says no more than the name that a browser gives as origin.
    root = pa.array([each.datum == "browsing-history/url" and _is_root(each.value) for each in known])
    needs_name = pa.array(
        [
            each.basis == NAMED and (len(each.value) < SHORT or group.get(each.datum) == "location")
            for each in known
        ]
    )
    rows = rows.filter(pc.invert(pc.and_(root.take(rows["known"]), paths.referrer.take(rows["place"]))))
    unsure = needs_name.take(rows["known"])
    if pc.any(unsure).as_py():
        pairs = zip(rows["place"].to_pylist(), rows["known"].to_pylist(), strict=True)
        named = pa.array(((place, known[each].datum) in paths.named for place, each in pairs), pa.bool_())
        rows = rows.filter(pc.or_(pc.invert(unsure), pc.and_(rows["whole"], named)))
    # One form of a value per place: the core gives the most direct one first.
    rows = rows.group_by(["leaf", "content", "place", "known"], use_threads=False).aggregate([("hit", "min")])
    return rows.rename_columns(["leaf", "content", "place", "known", "hit"])


def _is_root(url: bytes) -> bool:
    """True for an address that says no more than its host: neither path nor query."""
    return b"?" not in url and url.rstrip(b"/").count(b"/") <= 2


def _is_own(told: pa.Table, known: Sequence[Known], hosts: pa.DictionaryArray) -> pa.Array:
    """True for what is needed to reach a site: it is not told to somebody else."""
    by_site: dict[str, list[int]] = {}
    for code, host in enumerate(hosts.dictionary.to_pylist()):
        if host:
            by_site.setdefault(site(host), []).append(code)
    count = len(hosts.dictionary)
    pairs = [
        each * count + code
        for each in pc.unique(told["known"]).to_pylist()
        for name in known[each].sites
        for code in by_site.get(name, ())
    ]
    code = pc.cast(hosts.indices.take(told["row"]), pa.int64())
    pair = pc.add(pc.multiply(told["known"], count), code)
    return pc.is_in(pair, pa.array(pairs, pa.int64()))


def _innermost(told: pa.Table, hits: pa.Table, paths: _Paths) -> pa.Table:
    """Without values that were read in a container and again in what the container holds: keep the inner."""
    if not len(paths.inside):
        return told
    form = hits["form"].combine_chunks().dictionary_encode().indices
    told = told.append_column("form", form.take(told["hit"]))
    keys = ["message", "known", "form"]
    inner = told.select([*keys, "place"]).join(
        paths.inside, keys="place", right_keys="inner", join_type="inner", use_threads=False
    )
    inner = inner.select([*keys, "outer"])
    return told.join(
        inner, keys=[*keys, "place"], right_keys=[*keys, "outer"], join_type="left anti", use_threads=False
    )


def _paths(evidence: Evidence, wanted: pa.Array, lists: Lists, show: bool) -> _Paths:
    """What is to be known of each path, and which path lies inside which."""
    table = evidence.table("paths")
    rows = table.filter(pc.is_in(table["path"], wanted)).to_pylist()
    marks = marks_of(evidence)

    def chain(row: dict[str, Any]) -> str:
        selectors = row["selectors"]
        if not show and row["path"] in marks:
            selectors = masked(selectors, marks[row["path"]])
        return chain_text(row["part"], row["layers"], selectors)

    def disguise(row: dict[str, Any]) -> str:
        return "opaque" if marks.get(row["path"], Marks()).logged else disguise_of(row["layers"])

    by_steps = {
        (row["part"], *zip(row["layers"], row["selectors"], strict=True)): place
        for place, row in enumerate(rows)
    }
    inside = [
        (by_steps[steps[:length]], place)
        for steps, place in by_steps.items()
        for length in range(1, len(steps))
        if steps[:length] in by_steps
    ]
    return _Paths(
        ids=pa.array([row["path"] for row in rows], pa.int64()),
        columns={
            "part": _texts(row["part"] for row in rows),
            "path": _texts(chain(row) for row in rows),
            "disguise": _texts(disguise(row) for row in rows),
            "layers": pa.array([lists.code(row["layers"]) for row in rows], pa.int32()),
            "selectors": pa.array([lists.code(row["selectors"]) for row in rows], pa.int32()),
        },
        referrer=pa.array([row["part"].lower() in REFERRERS for row in rows], pa.bool_()),
        named=frozenset(
            (place, field.datum)
            for place, row in enumerate(rows)
            for field in fields_for(row["name"], row["selectors"])
        ),
        inside=pa.table(
            {
                "outer": pa.array([outer for outer, _ in inside], pa.int32()),
                "inner": pa.array([inner for _, inner in inside], pa.int32()),
            }
        ),
    )


def _texts(texts: Iterable[str | None]) -> pa.DictionaryArray:
    return pa.array(list(texts), pa.string()).dictionary_encode()


def _messages(evidence: Evidence, wanted: pa.Array) -> pa.Table:
    """What is shown of these messages, texts as codes. A DNS query is needed to reach a site."""
    batches = []
    for batch in evidence.tables["messages"].batches():
        kept = pc.and_(pc.is_in(batch["message"], wanted), pc.not_equal(batch["protocol"], "dns"))
        rows = batch.select([*_MESSAGE, "server_address"]).filter(kept)
        host = pc.coalesce(rows["host"], rows["server_address"])
        columns = [host if name == "host" else rows[name] for name in _MESSAGE]
        batches.append(
            pa.table(
                [each.dictionary_encode() if pa.types.is_string(each.type) else each for each in columns],
                names=_MESSAGE,
            )
        )
    return pa.concat_tables(batches).combine_chunks()


def _table(
    evidence: Evidence,
    told: pa.Table,
    known: Sequence[Known],
    hits: pa.Table,
    paths: _Paths,
    messages: pa.Table,
    show: bool,
) -> pa.Table:
    """Put the texts in: every column of ``sightings`` but its own number; lists as numbers."""
    seen = pc.unique(told["known"])
    values = [known[each] for each in seen.to_pylist()]
    shown = (
        each.value.decode("utf-8", "replace") if show else shorten(each.datum, each.value) for each in values
    )
    of_known = {
        "datum": _texts(each.datum for each in values),
        "basis": _texts(each.basis for each in values),
        "value_sha256": _texts(each.sha256 for each in values),
        "value_shown": _texts(shown),
    }
    of_hit = {
        name: column.dictionary_encode() if pa.types.is_string(column.type) else column
        for name in ("form", "leaf_offset", "leaf_length", "match_sha256")
        for column in [hits[name].combine_chunks()]
    }
    of_message = {name: messages[name].combine_chunks() for name in _MESSAGE}
    proven = pc.is_in(told["content"], pc.unique(evidence.table("proofs")["content"]))
    columns = {
        "evidence": pa.DictionaryArray.from_arrays(
            pa.array([0] * len(told), pa.int32()), pa.array([evidence.id])
        ),
        "known": told["known"],
        "proof": pc.if_else(proven, told["content"], pa.scalar(None, pa.int64())),
    }
    for source, index in (
        (of_known, pc.index_in(told["known"], seen)),
        (of_hit, told["hit"]),
        (paths.columns, told["place"]),
        (of_message, told["row"]),
    ):
        columns |= {name: column.take(index) for name, column in source.items()}
    return pa.table(columns)
