"""Columns that number rows."""

from __future__ import annotations

import pyarrow as pa
import pytest

from waakzaam.ordinals import ordinals


@pytest.mark.parametrize("count", [0, 1, 5, 100_000])
@pytest.mark.parametrize("kind", [pa.int32(), pa.int64()])
@pytest.mark.parametrize("start", [0, 1, 7])
def test_ordinals_are_a_range(count: int, kind: pa.DataType, start: int) -> None:
    assert ordinals(count, kind, start).equals(pa.array(range(start, start + count), kind))


def test_ordinals_are_int64_from_0_unless_told_otherwise() -> None:
    assert ordinals(3).equals(pa.array([0, 1, 2], pa.int64()))
