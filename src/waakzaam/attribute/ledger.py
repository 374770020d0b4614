"""The ledger: what each app was seen to send, and what of it was not seen, and why.

A result without findings is worth as much as was opened. So everything that stayed closed is counted beside
what was opened, for each evidence and app: connections by reason, names that were only looked up, messages
with bytes missing, problems and limits by their word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.attribute.app import Codes, number_of
from waakzaam.ordinals import in_order
from waakzaam.spill import in_pieces
from waakzaam.tables import APPS, LOOKED_UP, NOT_SEEN

OPENED, CLOSED, LOOKED, INCOMPLETE, PROBLEM, LIMIT = (
    "opened", "closed", "looked up", "incomplete", "problem", "limit",
)  # fmt: skip
"""Values of ``state`` in table ``not_seen``, in the order of its rows."""

_STATES = (OPENED, CLOSED, LOOKED, INCOMPLETE, PROBLEM, LIMIT)
_LEDGER = ["evidence", "app", "state", "why"]
_SUMS = ["count", "bytes_up", "bytes_down"]


def not_seen(connections: pa.Table, messages: pa.Table, problems: pa.Table, limits: pa.Table) -> pa.Table:
    """Count what was opened and what was not.

    Args:
        connections, messages: with ``app``, as ``app.name_apps`` gives them.
        problems, limits: as they were read.

    Returns:
        Table ``not_seen``: by evidence, then by state, the most first. Bytes are those of the payload of
        connections; of messages those that are missing; null where nothing tells them.
    """
    parts = [
        *_connections(connections),
        *_incomplete(messages),
        _told(problems, PROBLEM),
        _told(limits, LIMIT),
    ]
    whole = pa.concat_tables(parts).group_by(_LEDGER, use_threads=False)
    found = whole.aggregate([(name, "sum") for name in _SUMS]).rename_columns([*_LEDGER, *_SUMS])
    order = pc.index_in(found["state"], pa.array(_STATES))
    found = found.append_column("order", order)
    found = in_order(
        found,
        ("evidence", "ascending"), ("order", "ascending"), ("bytes_up", "descending"),
        ("count", "descending"), ("app", "ascending"), ("why", "ascending"),
    )  # fmt: skip
    return found.select(NOT_SEEN.names).cast(NOT_SEEN)


def _connections(connections: pa.Table) -> Iterable[pa.Table]:
    columns = ["evidence", "app", "application", "opened", "not_opened", "bytes_up", "bytes_down"]
    for batch in in_pieces(connections.select(columns)):
        batch = _without_tunnels(batch)
        is_open = pc.fill_null(batch["opened"], False)
        state = pc.if_else(is_open, OPENED, CLOSED)
        state = pc.if_else(pc.is_in(batch["not_opened"], pa.array(LOOKED_UP)), LOOKED, state)
        why = pc.if_else(is_open, pa.scalar(None, pa.string()), batch["not_opened"])
        yield _grouped(batch, state, why, batch["bytes_up"], batch["bytes_down"])


def _without_tunnels(connections: pa.RecordBatch) -> pa.RecordBatch:
    """Leave out tunnels that were opened: what they carried has rows of its own, and is not counted twice."""
    tunnel = pc.fill_null(pc.equal(connections["application"], "wireguard"), False)
    opened = pc.and_(tunnel, pc.fill_null(connections["opened"], False))
    return connections.filter(pc.invert(opened))


def _incomplete(messages: pa.Table) -> Iterable[pa.Table]:
    for batch in in_pieces(messages.select(["evidence", "app", "complete", "direction", "missing"])):
        batch = batch.filter(pc.invert(pc.fill_null(batch["complete"], True)))
        up = pc.fill_null(pc.equal(batch["direction"], "up"), False)
        nothing = pa.scalar(None, pa.int64())
        state = pa.repeat(INCOMPLETE, batch.num_rows)
        sizes = (pc.if_else(side, batch["missing"], nothing) for side in (up, pc.invert(up)))
        yield _grouped(batch, state, pa.nulls(batch.num_rows, pa.string()), *sizes)


def _grouped(batch: pa.RecordBatch, state: pa.Array, why: pa.Array, up: pa.Array, down: pa.Array) -> pa.Table:
    ones = pa.repeat(pa.scalar(1, pa.int64()), batch.num_rows)
    app = batch["app"].dictionary_decode() if pa.types.is_dictionary(batch["app"].type) else batch["app"]
    columns = [batch["evidence"], app, state, why, ones, up, down]
    table = pa.table(columns, names=[*_LEDGER, *_SUMS]).group_by(_LEDGER, use_threads=False)
    return table.aggregate([(name, "sum") for name in _SUMS]).rename_columns([*_LEDGER, *_SUMS])


def _told(table: pa.Table, state: str) -> pa.Table:
    rows = len(table)
    ones = pa.chunked_array([pa.repeat(pa.scalar(1, pa.int64()), rows)])
    nothing = pa.nulls(rows, pa.int64())
    problem = state == PROBLEM
    return pa.table(
        {
            "evidence": table["evidence"],
            "app": pa.nulls(rows, pa.string()),
            "state": pa.repeat(state, rows),
            "why": table["code" if problem else "what"],
            "count": pc.fill_null(table["count"], 1) if problem else ones,
            "bytes_up": nothing,
            "bytes_down": nothing,
        }
    )


def app_table(messages: pa.Table, connections: pa.Table, accesses: pa.Table) -> pa.Table:
    """List the apps that were seen.

    Args:
        messages, connections: as ``app.name_apps`` gives them.
        accesses: what a phone recorded of the use of sensors; its apps are listed, too.

    Returns:
        Table ``apps``, most messages first, then most bytes. Bytes are those of connections of the app; of
        messages on other connections the length of their bodies.
    """
    codes = Codes()
    known = pa.concat_tables(
        [pa.table({"key": pa.array([], pa.int64())}), *_owned(connections, codes)]
    ).combine_chunks()
    parts = [*_of_connections(connections), *_of_messages(messages, known["key"], codes)]
    if len(accesses):
        used = accesses.select(["evidence", "app"]).filter(accesses["app"].is_valid())
        basis = pa.chunked_array([pa.repeat("told by the record of its use of sensors", len(used))])
        parts.append(_counted(used["evidence"], used["app"], basis, {}))
    names = ["messages", "connections", "opened", "bytes_up", "bytes_up_opened"]
    if not parts:
        return APPS.empty_table()
    found = pa.concat_tables(parts).group_by("app", use_threads=False)
    found = found.aggregate(
        [("app_basis", "distinct"), ("evidence", "distinct"), *((name, "sum") for name in names)]
    ).rename_columns(["app", "basis", "evidence", *names])
    order = [("messages", "descending"), ("bytes_up", "descending"), ("app", "ascending")]
    return in_order(found, *order).select(APPS.names).cast(APPS)


_SUMMED = ("messages", "connections", "opened", "bytes_up", "bytes_up_opened")


def _counted(evidence: pa.Array, app: pa.Array, basis: pa.Array, sums: dict[str, pa.Array]) -> pa.Table:
    """Sums by evidence, app and basis."""
    keys = ["evidence", "app", "app_basis"]
    columns = {"evidence": evidence, "app": _text(app), "app_basis": _text(basis)}
    empty = pa.nulls(len(app), pa.int64())
    zero = pc.fill_null(empty, 0)
    counts = {
        "messages": zero,
        "connections": zero,
        "opened": zero,
        "bytes_up": empty,
        "bytes_up_opened": empty,
    }
    table = pa.table(columns | counts | sums).group_by(keys, use_threads=False)
    return table.aggregate([(name, "sum") for name in _SUMMED]).rename_columns([*keys, *_SUMMED])


def _text(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _owned(connections: pa.Table, codes: Codes) -> Iterable[pa.Table]:
    for batch in in_pieces(connections.select(["evidence", "connection", "app", "bytes_up"])):
        sized = pc.and_(batch["app"].is_valid(), batch["bytes_up"].is_valid())
        yield pa.table({"key": number_of(pa.table(batch), codes, "connection").filter(sized)})


def _of_connections(connections: pa.Table) -> Iterable[pa.Table]:
    columns = ["evidence", "app", "app_basis", "application", "opened", "not_opened", "bytes_up"]
    for batch in in_pieces(connections.select(columns)):
        batch = _without_tunnels(batch.filter(batch["app"].is_valid()))
        opened = pc.fill_null(batch["opened"], False)
        real = pc.invert(pc.is_in(batch["not_opened"], pa.array(LOOKED_UP)))
        sums = {
            "connections": pc.cast(real, pa.int64()),
            "opened": pc.cast(opened, pa.int64()),
            "bytes_up": batch["bytes_up"],
            "bytes_up_opened": pc.if_else(opened, batch["bytes_up"], pa.scalar(None, pa.int64())),
        }
        yield _counted(batch["evidence"], batch["app"], batch["app_basis"], sums)


def _of_messages(messages: pa.Table, owned: Sequence[int], codes: Codes) -> Iterable[pa.Table]:
    columns = ["evidence", "connection", "app", "app_basis", "direction", "body_length"]
    for batch in in_pieces(messages.select(columns)):
        up = pc.fill_null(pc.equal(batch["direction"], "up"), False)
        batch = batch.filter(pc.and_(up, batch["app"].is_valid()))
        counted = pc.is_in(number_of(pa.table(batch), codes, "connection"), owned)
        bodies = pc.if_else(counted, pa.scalar(None, pa.int64()), batch["body_length"])
        ones = pa.repeat(pa.scalar(1, pa.int64()), batch.num_rows)
        sums = {"messages": ones, "bytes_up": bodies, "bytes_up_opened": bodies}
        yield _counted(batch["evidence"], batch["app"], batch["app_basis"], sums)
