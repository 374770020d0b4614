"""Columns that number rows, and rows in order."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc


def ordinals(count: int, kind: pa.DataType | None = None, start: int = 0) -> pa.Array:
    """``start``, ``start + 1`` …, so many numbers (default: int64): a column that numbers rows.

    Made by Arrow: of a ``range`` it would take every number as a Python object first.
    """
    kind = kind or pa.int64()
    ones = pa.repeat(pa.scalar(1, kind), count)
    return pc.add(pc.cumulative_sum(ones), pa.scalar(start - 1, kind))


def in_order(table: pa.Table, *keys: tuple[str, str]) -> pa.Table:
    """The table sorted by (column, ``ascending`` or ``descending``).

    ``Table.sort_by`` starts threads for it, which cost more than most tables here.
    """
    return table.take(pc.sort_indices(table, sort_keys=list(keys)))
