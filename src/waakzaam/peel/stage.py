"""The stage ``unlock``: opens what peeling left closed, over the whole case, in a confined child.

It takes the tables of the peel stage and gives more rows of the same tables, so that all later stages work on
what came out without knowing it. Why it is a stage of its own: ``docs/decisions/0010-unlock-is-a-stage.md``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from waakzaam.peel.closed import Asked, Target, choose, closed_in, written
from waakzaam.peel.rows import Rows
from waakzaam.sources.evidence import Evidence
from waakzaam.sources.jail import Confinement, Ended, Job, run
from waakzaam.tables_of_unlock import OPAQUE, PROOFS, WEAKNESSES

WORK = 150_000_000
"""Work (nanoseconds of a typical core) that an audit spends on closed values without being asked."""
WORK_PER_BYTE = 2
"""And per byte of the values that were read, so that it stays a small part of every audit."""
ASKED_WORK = 120_000_000_000
"""Work where somebody hands in keys, or where values of a field have been opened."""
GIVEN = ("unlocked", "proofs", "shut", "formats", "weaknesses", "limits", "problems")
"""Tables that the child gives; ``rows.py`` reads them."""

Labelled = Sequence[tuple[str, bytes]]


@dataclass(frozen=True)
class Unlocked:
    """What the stage found besides rows of the peel tables.

    ``opened_values``: closed values that were opened. ``tables``: ``proofs``, ``opaque``, ``weaknesses``.
    """

    opened_values: tuple[bytes, ...]
    tables: dict[str, pa.Table]


def unlock(
    evidence: Sequence[Evidence],
    *,
    keys: Labelled = (),
    known: Labelled = (),
    confinement: Confinement | None = None,
    begin: bool = True,
) -> Unlocked:
    """Open closed values of all evidence; what comes out is added to the peel tables of each.

    Args:
        evidence: captures that were read and peeled.
        keys: (label, candidate): constants of an app, calls logged by a hook.
        known: (datum, value) of the device; tried as keys and expected inside.
        confinement: limits of the child.
        begin: False for a person who has seen enough: nothing more is tried.
    """
    confinement = confinement or Confinement()
    rows = Rows()
    asked = Asked.KEYS if keys else Asked.NOTHING
    closed = [found for each in evidence if each.rows("closed") and (found := closed_in(each, asked))]
    if closed and begin:
        targets = choose(closed, asked)
        size = sum(each.bytes_held("values") for each in evidence)
        work = ASKED_WORK if keys else WORK + WORK_PER_BYTE * size
        rows.take(targets, _run(targets, keys, known, work, confinement, rows))
        if again := choose(closed, Asked.OPENED, rows.opened_groups):
            # What opens a field was found on a few of its values: now all of them.
            rows.forget(rows.opened_groups)
            rows.take(again, _run(again, keys, known, ASKED_WORK, confinement, rows))
        rows.add_to(evidence)
    proofs = [PROOFS.empty_table(), *(each.table("proofs") for each in evidence)]
    tables = {
        "proofs": pa.concat_tables(proofs),
        "opaque": pa.Table.from_pylist(rows.opaque(), schema=OPAQUE),
        "weaknesses": pa.Table.from_pylist(rows.weaknesses(), schema=WEAKNESSES),
    }
    return Unlocked(tuple(target.data for target, _ in rows.opened.values()), tables)


def _run(
    targets: Sequence[Target],
    keys: Labelled,
    known: Labelled,
    work: int,
    confinement: Confinement,
    rows: Rows,
) -> dict[str, pa.Table]:
    """The tables that the child gives for these values; what it met besides goes to ``rows``."""
    if not targets:
        return {}
    found: dict[str, pa.Table] = {}
    with tempfile.NamedTemporaryFile(prefix="waakzaam-", suffix=".closed") as file:
        for name, table in written(targets, keys, known):
            file.write(_frame(name, table))
        file.flush()
        for item in run(Path(file.name), Job(work=work), confinement):
            if isinstance(item, Ended):
                if item.how != "done":
                    rows.ended(targets, item, confinement)
            elif item.name in GIVEN:
                found[item.name] = pa.ipc.open_stream(pa.py_buffer(item.payload)).read_all()
    return found


def _frame(name: str, table: pa.Table) -> bytes:
    """A table as the child reads it: length and name, length and Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    payload: bytes = sink.getvalue().to_pybytes()
    return bytes([len(name)]) + name.encode() + len(payload).to_bytes(4, "little") + payload
