"""Values whose digest is in the same capture: whoever gets both can join them.

The core computes MD5, SHA-1 and SHA-256 of every short value and looks them up among the digests that were
sent. A hit cannot be luck; it says that the value mattered enough to be hashed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam import _core
from waakzaam.seek.named import fields_for, pairs_of
from waakzaam.sources.evidence import Evidence

UNNAMED = "identifier/unnamed"
MARKS = re.compile(rb"[0-9@]")
"""A value without a digit or an @ is a word: analytics send names of events with their digests."""


def linked_in(evidence: Evidence) -> Iterator[tuple[str, bytes]]:
    """(datum, value) for every value that was sent as it is and as its digest.

    The datum is told by the field name, if the name tells it; otherwise ``identifier/unnamed``.
    """
    linker = _core.Linker()
    for batch in evidence.tables["values"].batches():
        linker.learn(batch_bytes(batch))
    if not linker.digests:
        return
    found: dict[int, bytes] = {}
    for batch in evidence.tables["values"].batches():
        found.update(sorted(linker.link(batch_bytes(batch)).items()))
    if not found:
        return
    names = _names_of(evidence, list(found))
    for value, data in found.items():
        text = data.decode("utf-8", "replace")
        data_named = (
            field.datum
            for name, selector in sorted(names.get(value, ()))
            for field in fields_for(name, [selector])
            if field.fits(text)
        )
        datum = next(data_named, UNNAMED)
        if datum != UNNAMED or MARKS.search(data):
            yield datum, data


def _names_of(evidence: Evidence, values: list[int]) -> dict[int, set[tuple[str, str]]]:
    """Field names, and innermost selectors, under which these values stand."""
    paths = evidence.table("paths").select(["path", "name", "selectors"])
    path_names = {
        path: (name or "", selectors[-1] if selectors else "")
        for path, name, selectors in zip(
            *(paths[each].to_pylist() for each in paths.column_names), strict=True
        )
    }
    wanted = pa.array(values, pa.int64())
    names: dict[int, set[tuple[str, str]]] = {}
    for batch in evidence.tables["leaves"].batches():
        rows = batch.select(["path", "value"]).filter(pc.is_in(batch["value"], wanted))
        # The same value stands at the same place in thousands of messages.
        for value, path in pairs_of(rows):
            names.setdefault(value, set()).add(path_names[path])
    return names


def batch_bytes(batch: pa.RecordBatch) -> bytes:
    """A record batch of table ``values`` as an Arrow IPC stream, the way the core takes it."""
    batch = batch.select(["value", "bytes"])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())
