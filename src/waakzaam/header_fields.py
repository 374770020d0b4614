"""Header fields of a batch of messages by name, without a Python value for each of them."""

from __future__ import annotations

from collections.abc import Set

import pyarrow as pa
import pyarrow.compute as pc


def named(batch: pa.RecordBatch, wanted: Set[str]) -> tuple[pa.Array, pa.Array, pa.Array]:
    """The header fields with these names, in the order in which they were sent.

    Args:
        batch: of table ``messages``, with ``header_names`` and ``header_values``.
        wanted: names in lower case (RFC 9110 section 5.1: their case says nothing).

    Returns:
        Row in the batch, lower-case name and value of each.
    """
    names = pc.list_flatten(batch["header_names"]).dictionary_encode()
    lower = pa.array([name.lower() for name in names.dictionary.to_pylist()], pa.string())
    here = pc.is_in(lower, pa.array(sorted(wanted), pa.string())).take(names.indices)
    rows = pc.list_parent_indices(batch["header_names"]).filter(here)
    return rows, lower.take(names.indices.filter(here)), pc.list_flatten(batch["header_values"]).filter(here)
