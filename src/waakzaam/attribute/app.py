"""Which app sent it: as the evidence tells, else as the request itself says, always with the basis.

What the evidence tells (PCAPdroid, a phone's report, a HAR made for one app) is never overridden by what was
inferred. Messages come by the million: everything here goes by columns and by numbers, and two columns of
small numbers are all that is added to a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.attribute.app_names import FIELDS
from waakzaam.ordinals import ordinals
from waakzaam.spill import in_pieces, let_go
from waakzaam.tables import LIMITS

MOST_INFERRED = 10_000
"""Different texts that named an app and different apps that are inferred; further ones stay unknown."""

_NUMBERS = 1 << 40
"""More than the connections or messages of one evidence."""
_CODE = pa.int32()
_NONE = pa.scalar(None, _CODE)


@dataclass
class Codes:
    """Texts as numbers, in the order they were first seen."""

    texts: list[str] = field(default_factory=list)
    _code: dict[str, int] = field(default_factory=dict)

    def of(self, text: str | None) -> int | None:
        """The number of a text, a new one if it was not seen before."""
        if text is None:
            return None
        code = self._code.setdefault(text, len(self.texts))
        if code == len(self.texts):
            self.texts.append(text)
        return code

    def column(self, values: pa.Array) -> pa.Array:
        """A column of texts as numbers; an empty text is none."""
        coded = values.dictionary_encode()
        codes = [self.of(text or None) for text in coded.dictionary.to_pylist()]
        return pa.array(codes, _CODE).take(coded.indices)

    def written(self, codes: list[pa.Array]) -> pa.ChunkedArray:
        """Columns of numbers as one dictionary-encoded column."""
        dictionary = pa.array(self.texts, pa.string())
        kind = pa.dictionary(_CODE, pa.string())
        return pa.chunked_array([pa.DictionaryArray.from_arrays(each, dictionary) for each in codes], kind)


@dataclass
class Named:
    """Tables ``messages`` and ``connections`` with ``app`` and ``app_basis``.

    ``cut``: evidence in which more apps named themselves than are kept.
    """

    messages: pa.Table
    connections: pa.Table
    cut: tuple[str, ...]

    def limits(self) -> pa.Table:
        """Rows for table ``limits``."""
        rows = [
            {"evidence": each, "what": "inferred apps", "limit": MOST_INFERRED, "place": "header fields"}
            for each in self.cut
        ]
        return pa.Table.from_pylist(rows, schema=LIMITS)


def name_apps(
    messages: pa.Table,
    connections: pa.Table,
    formats: Mapping[str, str | None],
    limited: Mapping[str, str],
) -> Named:
    """Say of each message and connection which app it belongs to, and how that is known.

    Args:
        messages: as they were read: ``app`` is what the evidence tells.
        connections: likewise.
        formats: evidence → format; what it tells is told by it.
        limited: evidence → the one app that its recording was limited to, where the evidence says so.

    ``app_basis`` is ``told by FORMAT`` or ``inferred from FIELD``; null where the app is not known. A message
    without an app of its own takes that of its connection: a connection belongs to one process. HARs do not
    always tell connections apart; in them all requests of a connection must name the same app.
    """
    return _Naming(formats, limited).run(messages, connections)


class _Naming:
    def __init__(self, formats: Mapping[str, str | None], limited: Mapping[str, str]) -> None:
        self.formats, self.limited = formats, limited
        self.apps, self.bases, self.evidence = Codes(), Codes(), Codes()
        self.fields = [(name, self.bases.of(basis), read) for name, (basis, read) in FIELDS.items()]
        self.cache: dict[tuple[int, str], int | None] = {}
        self.inferred: set[int] = set()
        self.cut: dict[str, None] = {}

    def run(self, messages: pa.Table, connections: pa.Table) -> Named:
        rows: list[tuple[pa.Array, pa.Array, pa.Array]] = []  # app, basis, key of the connection
        columns = ["evidence", "connection", "direction", "app", "header_names", "header_values"]
        asked = []  # of requests: key of the connection, app, basis
        for batch in in_pieces(messages.select(columns)):
            app, basis = self._told(batch)
            found, by = self._said(batch)
            app, basis = pc.coalesce(app, found), pc.if_else(app.is_valid(), basis, by)
            key = self._key(batch)
            rows.append((app, basis, key))
            asked.append(pa.table({"key": key, "app": app, "basis": basis}).filter(_up(batch)))
        told = [self._told(batch) for batch in in_pieces(connections.select(["evidence", "app"]))]
        keys = [self._key(batch) for batch in in_pieces(connections.select(["evidence", "connection"]))]
        let_go()
        by_key = self._one_app(asked)
        ends = [
            _with(app, basis, pc.index_in(key, by_key["key"]), by_key)
            for (app, basis), key in zip(told, keys, strict=True)
        ]
        known = _known(keys, ends)
        starts = [_with(app, basis, pc.index_in(key, known["key"]), known) for app, basis, key in rows]
        return Named(
            messages=self._put(messages, starts),
            connections=self._put(connections, ends),
            cut=tuple(self.cut),
        )

    def _told(self, batch: pa.RecordBatch) -> tuple[pa.Array, pa.Array]:
        """What the evidence tells: apps and bases."""
        evidence = batch["evidence"].dictionary_encode()
        names = evidence.dictionary.to_pylist()
        whole = pa.array([self.apps.of(self.limited.get(name)) for name in names], _CODE)
        for_all = [
            self.bases.of(f"told by {self.formats.get(name)} for the whole recording")
            if name in self.limited
            else None
            for name in names
        ]
        own = pa.array([self.bases.of(f"told by {self.formats.get(name)}") for name in names], _CODE)
        app = self.apps.column(batch["app"])
        basis = pc.if_else(
            app.is_valid(), own.take(evidence.indices), pa.array(for_all, _CODE).take(evidence.indices)
        )
        return pc.coalesce(app, whole.take(evidence.indices)), basis

    def _said(self, batch: pa.RecordBatch) -> tuple[pa.Array, pa.Array]:
        """What requests say of themselves: apps and bases."""
        app = basis = pa.nulls(batch.num_rows, _CODE)
        names, values = batch["header_names"].flatten(), batch["header_values"].flatten()
        if not len(names) or len(names) != len(values):
            return app, basis
        rows = pc.list_parent_indices(batch["header_names"])
        coded = names.dictionary_encode()
        lower = [(name or "").lower() for name in coded.dictionary.to_pylist()]
        everywhere = ordinals(batch.num_rows)
        for place, (name, by, _) in enumerate(self.fields):
            here = pc.is_in(
                coded.indices, pa.array([at for at, each in enumerate(lower) if each == name], _CODE)
            )
            texts = values.filter(here).dictionary_encode()
            read = pa.array(
                [
                    self._read(place, text, batch["evidence"][0].as_py())
                    for text in texts.dictionary.to_pylist()
                ],
                _CODE,
            )
            found = read.take(texts.indices)
            at = pc.index_in(everywhere, pc.cast(rows.filter(here), pa.int64()).filter(found.is_valid()))
            mine = found.drop_null().take(at)
            basis = pc.if_else(
                app.is_valid(), basis, pc.if_else(mine.is_valid(), pa.scalar(by, _CODE), _NONE)
            )
            app = pc.coalesce(app, mine)
        sent = _up(batch)
        return pc.if_else(sent, app, _NONE), pc.if_else(sent, basis, _NONE)

    def _read(self, place: int, text: str | None, evidence: str) -> int | None:
        """The app that the text of one field names, as a number."""
        if not text:
            return None
        key = (place, text)
        if key not in self.cache:
            if len(self.cache) >= MOST_INFERRED:
                self.cache.clear()
            name = self.fields[place][2](text)
            code = None
            if name is not None and len(self.inferred) < MOST_INFERRED:
                code = self.apps.of(name)
                self.inferred.add(code or 0)
            elif name is not None:
                self.cut[evidence] = None
            self.cache[key] = code
        return self.cache[key]

    def _key(self, batch: pa.RecordBatch) -> pa.Array:
        return number_of(pa.table(batch), self.evidence, "connection")

    def _one_app(self, asked: list[pa.Table]) -> dict[str, pa.Array]:
        """Connections on which all requests that name an app name the same one: key, app, basis."""
        whole = pa.concat_tables(asked) if asked else pa.table(_empty())
        naming = pc.unique(whole["key"].filter(whole["app"].is_valid()).drop_null())
        whole = whole.filter(pc.is_in(whole["key"], naming))
        found = whole.group_by("key", use_threads=False).aggregate(
            [([], "count_all"), ("app", "count"), ("app", "min"), ("app", "max"), ("basis", "min")]
        )
        one = pc.equal(found["app_min"], found["app_max"])
        loose = pa.array(
            [at for at, name in enumerate(self.evidence.texts) if self.formats.get(name) != "har"], pa.int64()
        )
        sure = pc.or_(
            pc.equal(found["count_all"], found["app_count"]),
            pc.is_in(pc.divide(found["key"], _NUMBERS), loose),
        )
        found = found.filter(pc.and_(one, sure)).combine_chunks()
        return {
            name: found[column].combine_chunks()
            for name, column in (("key", "key"), ("app", "app_min"), ("basis", "basis_min"))
        }

    def _put(self, table: pa.Table, columns: list[tuple[pa.Array, pa.Array]]) -> pa.Table:
        place = table.schema.get_field_index("app")
        app = self.apps.written([app for app, _ in columns])
        basis = self.bases.written([basis for _, basis in columns])
        table = table.set_column(place, "app", app)
        return table.add_column(place + 1, "app_basis", basis)


def _up(batch: pa.RecordBatch) -> pa.Array:
    return pc.fill_null(pc.equal(batch["direction"], "up"), False)


def _empty() -> dict[str, pa.Array]:
    return {"key": pa.array([], pa.int64()), "app": pa.array([], _CODE), "basis": pa.array([], _CODE)}


def _with(
    app: pa.Array, basis: pa.Array, at: pa.Array, found: Mapping[str, pa.Array]
) -> tuple[pa.Array, pa.Array]:
    """What is known, completed with what was found elsewhere."""
    return pc.coalesce(app, found["app"].take(at)), pc.if_else(app.is_valid(), basis, found["basis"].take(at))


def _known(keys: list[pa.Array], ends: list[tuple[pa.Array, pa.Array]]) -> dict[str, pa.Array]:
    """Connections whose app is known: key, app, basis."""
    parts: list[pa.Table] = [pa.table(_empty())]
    for key, (app, basis) in zip(keys, ends, strict=True):
        parts.append(pa.table({"key": key, "app": app, "basis": basis}).filter(app.is_valid()))
    whole = pa.concat_tables(parts).combine_chunks()
    return {name: whole[name].combine_chunks() for name in whole.column_names}


def name_in_sightings(sightings: pa.Table, messages: pa.Table) -> pa.Table:
    """Give sightings the app of their message, with its basis.

    Args:
        sightings: table ``sightings``.
        messages: as ``name_apps`` gives them.
    """
    if not len(sightings) or not len(messages):
        return sightings
    codes = Codes()
    wanted = number_of(sightings, codes)
    distinct = pc.unique(wanted)
    parts = []
    for batch in in_pieces(messages.select(["evidence", "message", "app", "app_basis"])):
        key = number_of(pa.table(batch), codes)
        kept = pc.and_(pc.is_in(key, distinct), batch["app"].is_valid())
        columns = [batch["app"].indices, batch["app_basis"].indices]
        parts.append(pa.table([key, *columns], names=["key", "app", "app_basis"]).filter(kept))
    found = pa.concat_tables(parts).combine_chunks()
    at = pc.index_in(wanted, found["key"].combine_chunks())
    for name in ("app", "app_basis"):
        dictionary = messages[name].chunk(0).dictionary
        column = pa.DictionaryArray.from_arrays(found[name].combine_chunks().take(at), dictionary)
        sightings = sightings.set_column(sightings.schema.get_field_index(name), name, column)
    return sightings


def number_of(table: pa.Table, codes: Codes, column: str = "message") -> pa.Array:
    """Evidence and message (or connection) as one number."""
    evidence = table["evidence"].combine_chunks()
    if pa.types.is_dictionary(evidence.type):
        names = pa.array([codes.of(name) for name in evidence.dictionary.to_pylist()], _CODE)
        coded = names.take(evidence.indices)
    else:
        coded = codes.column(evidence)
    return pc.add(pc.multiply(pc.cast(coded, pa.int64()), _NUMBERS), table[column].combine_chunks())
