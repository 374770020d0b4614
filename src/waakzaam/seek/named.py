"""Values that a message names: ``android_id=…`` tells what it is, and is then sought everywhere.

Which names mean what, and how such a value must look, is data: ``knowledge/fields.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.knowledge import Field, load
from waakzaam.sources.evidence import Evidence

_KEYS = re.compile(r"\.([^.\[\]]+)|\['((?:[^'\\]|\\.)*)'\]")
_PATHS = 1 << 31
"""More than the paths of one evidence: value and path as one number."""
MAX_VALUE_BYTES = 256
"""Longer values are texts, not identifiers."""
MAX_VALUES = 20_000
"""Different named values taken from one evidence."""


def named_in(evidence: Evidence) -> Iterator[tuple[str, bytes]]:
    """(datum, value) for every value that stands under a field name known to name that datum."""
    paths = evidence.table("paths").select(["path", "name", "selectors"])
    meant: dict[int, tuple[Field, ...]] = {}
    for path, name, selectors in zip(*(paths[each].to_pylist() for each in paths.column_names), strict=True):
        found = fields_for(name, selectors)
        if found:
            meant[path] = found
    if not meant:
        return
    wanted = pa.array(meant, pa.int64())
    of_value: dict[int, tuple[Field, ...]] = {}  # in the order of trial
    for batch in evidence.tables["leaves"].batches():
        rows = batch.select(["path", "value"]).filter(pc.is_in(batch["path"], wanted))
        # The same value stands at the same place in thousands of messages.
        for value, path in pairs_of(rows):
            found = meant[path]
            before = of_value.setdefault(value, found)
            if before is not found:
                of_value[value] = (*before, *(each for each in found if each not in before))
    yield from _valid(evidence, of_value)


def pairs_of(rows: pa.RecordBatch) -> Iterator[tuple[int, int]]:
    """(value, path) of rows of table ``leaves``, each pair once, in order."""
    pairs = pc.unique(pc.add(pc.multiply(rows["value"], _PATHS), rows["path"]))
    return (divmod(pair, _PATHS) for pair in pairs.to_pylist())


def fields_for(name: str | None, selectors: list[str]) -> tuple[Field, ...]:
    """Rows of ``fields.toml`` for a leaf: by its name with its parent's (``device.id``), then by its own."""
    base = load()
    if not name or (name not in base.field_endings and "." not in name):
        return ()
    index = base.fields_by_name
    found = index.get(name, ())
    keys = [plain or quoted for plain, quoted in _KEYS.findall(selectors[-1])] if selectors else []
    if len(keys) > 1:
        parent = keys[-2].lower()
        found = index.get(f"{parent}.{name}", ()) + found
    return found


def _valid(evidence: Evidence, of_value: dict[int, tuple[Field, ...]]) -> Iterator[tuple[str, bytes]]:
    wanted = pa.array(of_value, pa.int64())
    told = 0
    for batch in evidence.tables["values"].batches():
        rows = batch.filter(pc.is_in(batch["value"], wanted))
        for value, data in zip(rows["value"].to_pylist(), rows["bytes"].to_pylist(), strict=True):
            if len(data) > MAX_VALUE_BYTES:
                continue
            try:
                text = data.decode().strip()
            except UnicodeDecodeError:
                continue
            fitting = next((each for each in of_value[value] if each.fits(text)), None)
            if fitting:
                yield fitting.datum, text.encode()
                told += 1
            if told >= MAX_VALUES:
                return
