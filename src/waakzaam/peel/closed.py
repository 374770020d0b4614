"""Which closed values are tried, and what is known around each of them."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.ordinals import in_order
from waakzaam.peel.chain import chain_text
from waakzaam.sources.evidence import Evidence

MOST_BESIDE = 96
"""Values of a message that are handed over with a closed one."""
LONGEST_BESIDE = 512
"""Longer values beside a closed one are no keys."""
MOST_BYTES = 96 << 20
"""Bytes of closed values that are handed over."""
_INDEX = re.compile(r"\[\d+\]")

_OF_HTTP = re.compile(
    r"header:(?:accept.*|authorization|cache-control|connection|content-.*|cookie|date|dnt|expect|host|if-.*|"
    r"keep-alive|origin|pragma|priority|proxy-.*|range|referer|sec-.*|te|upgrade.*|user-agent|x-requested-with)"
    r"(?:#\d+)?",
    re.IGNORECASE,
)
"""Parts of a message whose values HTTP gives their meaning: no keys."""


class Asked(enum.Enum):
    """How much is tried: (values of one field, values in all, fields)."""

    NOTHING = (4, 200, 50)
    """Nobody brought a key: a little, because most of it are tokens that nobody can read."""
    KEYS = (64, 20_000, 5_000)
    """Somebody brought keys."""
    OPENED = (50_000, 50_000, 5_000)
    """Fields of which values were opened: all of them."""


@dataclass
class Group:
    """One field of one endpoint in one evidence, with its closed values.

    ``leaves``: (path, value, message) of different values, in the order in which they were sent.
    """

    evidence: Evidence
    host: str
    path: str
    part: str
    layers: tuple[str, ...]
    selectors: tuple[str, ...]
    name: str
    transport: str
    raw: bool
    """It is no field of a message, but what a connection of an unknown protocol carried."""
    leaves: list[tuple[int, int, int]] = field(default_factory=list)
    messages: int = 0
    left_out: int = 0
    """Values that were not tried, because a limit was met."""

    @property
    def endpoint(self) -> tuple[object, ...]:
        """What it is a field of, whichever evidence it is in."""
        return (self.host, self.path, self.part, self.layers, self.selectors)

    @property
    def place(self) -> str:
        """The chain to the field, numbers of its places in lists left out."""
        return chain_text(self.part, self.layers, self.selectors)


@dataclass(frozen=True)
class Target:
    """One closed value."""

    group: Group
    path: int
    value: int
    message: int
    data: bytes


Closed = list[Group]


def closed_in(evidence: Evidence, asked: Asked = Asked.KEYS) -> Closed:
    """The fields of one evidence that have closed values, in the order in which they were first sent.

    Where nobody brought a key only those that may be opened without: no headers, which mostly hold tokens
    that the server itself gave, no connections of unknown protocols, and nothing that is short or as long as
    a digest.
    """
    closed = evidence.table("closed")
    if asked is Asked.NOTHING:
        closed = closed.filter(closed["alone"])
    wanted = closed["value"].combine_chunks()
    if not len(wanted):
        return []
    leaves = _with(evidence, "leaves", "value", wanted)
    if asked is Asked.NOTHING:
        table = evidence.table("paths").select(["path", "part"])
        headers = table["path"].filter(pc.starts_with(table["part"], "header:"))
        leaves = leaves.filter(pc.invert(pc.is_in(leaves["path"], pc.unique(headers))))
    if not len(leaves):
        return []
    contents = _with(evidence, "contents", "content", pc.unique(leaves["content"]))
    order = pa.array(range(len(contents)), pa.int64())
    rows = leaves.join(
        contents.append_column("order", order), keys="content", join_type="inner", use_threads=False
    )
    # The same value at the same place: its first message stands for all.
    rows = rows.group_by(["path", "value"], use_threads=False).aggregate(
        [("order", "min"), ("message", "min"), ("message", "count_distinct")]
    )
    rows = in_order(rows, ("order_min", "ascending"))
    paths = _paths(evidence, pc.unique(rows["path"]))
    places = _endpoints(evidence, pc.unique(rows["message_min"]))
    groups: dict[tuple[Any, ...], Group] = {}
    columns = (rows[name].to_pylist() for name in ("path", "value", "message_min", "message_count_distinct"))
    for path, value, message, count in zip(*columns, strict=True):
        part, layers, selectors, name = paths[path]
        if message not in places:
            continue
        host, url_path, transport, raw = places[message]
        if raw and asked is Asked.NOTHING:
            continue
        key = (host, url_path, transport, part, layers, selectors)
        group = groups.get(key)
        if group is None:
            chain = (part, layers, selectors, name)
            groups[key] = group = Group(evidence, host, url_path, *chain, transport, raw)
        group.leaves.append((path, value, message))
        group.messages += count
    return list(groups.values())


def _with(evidence: Evidence, name: str, column: str, wanted: pa.Array) -> pa.Table:
    """Rows of a table that have one of these numbers in a column."""
    table = evidence.tables[name]
    batches = (batch.filter(pc.is_in(batch[column], wanted)) for batch in table.batches())
    return pa.Table.from_batches(batches, schema=table.schema)


def _paths(
    evidence: Evidence, wanted: pa.Array
) -> dict[int, tuple[str, tuple[str, ...], tuple[str, ...], str]]:
    """Part, layers, selectors without places in lists, and name of these paths."""
    table = evidence.table("paths")
    rows = table.filter(pc.is_in(table["path"], wanted)).to_pylist()
    return {
        row["path"]: (
            row["part"],
            tuple(row["layers"]),
            tuple(_INDEX.sub("[*]", selector) for selector in row["selectors"]),
            row["name"] or "",
        )
        for row in rows
    }


def _endpoints(evidence: Evidence, wanted: pa.Array) -> dict[int, tuple[str, str, str, bool]]:
    """Host, path of the URL, and transport of these messages, and whether they have no URL.

    Messages of DNS are left out: they are binary, not closed, and were read.
    """
    found = {}
    for batch in evidence.tables["messages"].batches():
        rows = batch.select(["message", "host", "server_address", "url", "transport"])
        rows = rows.filter(pc.not_equal(batch["protocol"], "dns"))
        for row in rows.filter(pc.is_in(rows["message"], wanted)).to_pylist():
            host, path = row["host"] or row["server_address"] or "", ""
            if row["url"]:
                try:
                    path = urlsplit(row["url"]).path
                except ValueError:
                    path = ""
            found[row["message"]] = (host, path, row["transport"], row["url"] is None)
    return found


def choose(closed: Iterable[Closed], asked: Asked, only: Collection[int] | None = None) -> list[Target]:
    """The values that are tried, those of one field together, the most promising field first.

    Args:
        closed: fields with closed values. asked: how much is tried. only: just the fields with these ids;
            nothing is chosen where all values of all of these were chosen before.
    """
    of_field, in_all, fields = asked.value
    groups = [group for each in closed for group in each if only is None or id(group) in only]
    if only is not None and not any(group.left_out for group in groups):
        return []
    wanted: dict[str, set[int]] = {}
    for group in groups:
        wanted.setdefault(group.evidence.id, set()).update(value for _, value, _ in group.leaves)
    data = {
        group.evidence.id: _bytes(group.evidence, wanted.pop(group.evidence.id))
        for group in groups
        if group.evidence.id in wanted
    }
    ranked: list[tuple[bool, int, int, Group, list[tuple[int, int, int]]]] = []
    for group in groups:
        values = data[group.evidence.id]
        leaves = [leaf for leaf in group.leaves if leaf[1] in values]
        if leaves:
            weight = sum(len(values[leaf[1]]) for leaf in leaves[:of_field])
            ranked.append((group.part.startswith("header:"), -weight, len(ranked), group, leaves))
    ranked.sort(key=lambda each: each[:3])
    targets: list[Target] = []
    size = 0
    for number, (_, _, _, group, leaves) in enumerate(ranked):
        room = min(of_field, in_all - len(targets)) if number < fields and size < MOST_BYTES else 0
        values = data[group.evidence.id]
        group.left_out = len(leaves) - min(room, len(leaves))
        for path, value, message in leaves[:room]:
            targets.append(Target(group, path, value, message, values[value]))
            size += len(values[value])
    # One endpoint in several files is one field: what opens it in one opens it in the others.
    first: dict[tuple[object, ...], int] = {}
    for target in targets:
        first.setdefault(target.group.endpoint, len(first))
    targets.sort(key=lambda target: first[target.group.endpoint])
    return targets


def values_of(group: Group) -> list[bytes]:
    """The closed values of a field, each once."""
    found = _bytes(group.evidence, {value for _, value, _ in group.leaves})
    return [found[value] for value in dict.fromkeys(value for _, value, _ in group.leaves)]


def _bytes(evidence: Evidence, wanted: set[int]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    ids = pa.array(wanted, pa.int64())
    for batch in evidence.tables["values"].batches():
        rows = batch.filter(pc.is_in(batch["value"], ids))
        found.update(zip(rows["value"].to_pylist(), rows["bytes"].to_pylist(), strict=True))
    return found


def written(
    targets: Sequence[Target], keys: Sequence[tuple[str, bytes]], known: Sequence[tuple[str, bytes]]
) -> Iterator[tuple[str, pa.Table]]:
    """The tables that the child is handed: ``keys``, ``known``, ``around``, ``closed``."""
    yield "keys", _labelled(keys)
    yield "known", _labelled(known)
    places: dict[tuple[str, int], int] = {}
    for target in targets:
        places.setdefault((target.group.evidence.id, target.message), len(places))
    yield "around", _around(targets, places)
    groups = {
        endpoint: number for number, endpoint in enumerate(dict.fromkeys(t.group.endpoint for t in targets))
    }
    columns = {
        "target": pa.array(range(len(targets)), pa.int64()),
        "group": pa.array((groups[each.group.endpoint] for each in targets), pa.int64()),
        "around": pa.array((places[each.group.evidence.id, each.message] for each in targets), pa.int64()),
        "name": pa.array((each.group.name if each.group.layers else "" for each in targets), pa.string()),
        "bytes": pa.array((each.data for each in targets), pa.binary()),
    }
    yield "closed", pa.table(columns)


def _labelled(pairs: Sequence[tuple[str, bytes]]) -> pa.Table:
    labels, values = [label for label, _ in pairs], [value for _, value in pairs]
    return pa.table({"label": pa.array(labels, pa.string()), "bytes": pa.array(values, pa.binary())})


def _around(targets: Sequence[Target], places: dict[tuple[str, int], int]) -> pa.Table:
    """One row for each message: its host, path, time, headers, and the values in it."""
    rows: list[dict[str, Any]] = [{} for _ in places]
    for evidence in {target.group.evidence.id: target.group.evidence for target in targets}.values():
        mine = {message: place for (name, message), place in places.items() if name == evidence.id}
        endpoints = _endpoints(evidence, pa.array(mine, pa.int64()))
        times = _times(evidence, pa.array(mine, pa.int64()))
        headers = _headers(evidence, pa.array(mine, pa.int64()))
        fields = _fields(evidence, pa.array(mine, pa.int64()))
        for message, place in mine.items():
            host, path, *_ = endpoints.get(message, ("", "", "", True))
            rows[place] = {"host": host, "path": path, "time": times.get(message)}
            for name, pairs in (("header", headers.get(message, [])), ("field", fields.get(message, []))):
                rows[place][f"{name}_names"] = [label for label, _ in pairs]
                rows[place][f"{name}_values"] = [value for _, value in pairs]
    names, blobs = pa.list_(pa.string()), pa.list_(pa.binary())
    schema = pa.schema(
        [
            ("host", pa.string()), ("path", pa.string()), ("time", pa.int64()), ("header_names", names),
            ("header_values", blobs), ("field_names", names), ("field_values", blobs),
        ]
    )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)


def _times(evidence: Evidence, wanted: pa.Array) -> dict[int, int]:
    """When these messages were sent, in seconds since 1970, where that is known."""
    found = {}
    for batch in evidence.tables["messages"].batches():
        rows = batch.select(["message", "time"])
        for row in rows.filter(pc.is_in(rows["message"], wanted)).to_pylist():
            if row["time"] is not None:
                found[row["message"]] = int(row["time"].timestamp())
    return found


def _headers(evidence: Evidence, wanted: pa.Array) -> dict[int, list[tuple[str, bytes]]]:
    found = {}
    for batch in evidence.tables["messages"].batches():
        rows = batch.select(["message", "header_names", "header_values"])
        for row in rows.filter(pc.is_in(rows["message"], wanted)).to_pylist():
            pairs = zip(row["header_names"] or (), row["header_values"] or (), strict=True)
            # One character per byte, see table.rs.
            found[row["message"]] = [(name, value.encode("latin-1", "replace")) for name, value in pairs]
    return found


def _fields(evidence: Evidence, wanted: pa.Array) -> dict[int, list[tuple[str, bytes]]]:
    """Short values of these messages under the names of their fields, as sent where that is known."""
    contents = _with(evidence, "contents", "message", wanted)
    leaves = _with(evidence, "leaves", "content", pc.unique(contents["content"]))
    order = pa.array(range(len(leaves)), pa.int64())
    rows = leaves.append_column("order", order).join(
        contents, keys="content", join_type="inner", use_threads=False
    )
    rows = in_order(rows, ("message", "ascending"), ("order", "ascending"))
    paths = evidence.table("paths")
    paths = paths.filter(pc.is_in(paths["path"], pc.unique(rows["path"])))
    names = {row["path"]: _name(row) for row in paths.to_pylist() if not _OF_HTTP.fullmatch(row["part"])}
    values = _bytes(evidence, set(pc.unique(rows["value"]).to_pylist()))
    found: dict[int, list[tuple[str, bytes]]] = {}
    for message, path, value in zip(
        *(rows[each].to_pylist() for each in ("message", "path", "value")), strict=True
    ):
        data = values[value]
        pairs = found.setdefault(message, [])
        if path in names and 0 < len(data) <= LONGEST_BESIDE and len(pairs) < MOST_BESIDE:
            pairs.append((names[path], data))
    return found


def _name(row: dict[str, Any]) -> str:
    """The name of a field as it was sent: leaves have it in lower case."""
    if row["layers"] and row["layers"][-1] == "form":
        return str(row["selectors"][-1])
    return row["name"] or ""
