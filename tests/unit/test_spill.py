from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from waakzaam import spill
from waakzaam.spill import Spill, Written

SCHEMA = pa.schema([("n", pa.int64()), ("data", pa.binary())])


def batch(start: int, count: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(
        {"n": range(start, start + count), "data": [b"x" * 100] * count}, schema=SCHEMA
    )


@pytest.mark.parametrize("held", [1, 5_000, 1 << 30])
def test_nothing_is_lost_in_memory_or_on_disk(held: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "HELD_BYTES", held)
    table = Spill(SCHEMA)
    for start in range(0, 1000, 50):
        table.add(batch(start, 50))
    assert len(table) == 1000
    assert table.table()["n"].to_pylist() == list(range(1000))
    # Reading does not use it up, and adding goes on afterwards.
    table.add(batch(1000, 1))
    assert table.table()["n"].to_pylist() == list(range(1001))


def test_an_empty_table_has_its_schema() -> None:
    assert Spill(SCHEMA).table().schema == SCHEMA


def test_a_written_table_is_its_file(tmp_path: Path) -> None:
    file = tmp_path / "new" / "table.arrow"
    table = Written(SCHEMA, file)
    for start in range(0, 100, 50):
        table.add(batch(start, 50))
    table.close()
    assert len(table) == 100
    assert table.table()["n"].to_pylist() == list(range(100))
    assert pa.ipc.open_file(str(file)).read_all().equals(table.table())


def test_a_written_table_without_rows_is_a_file(tmp_path: Path) -> None:
    table = Written(SCHEMA, tmp_path / "table.arrow")
    table.close()
    assert pa.ipc.open_file(str(tmp_path / "table.arrow")).read_all().schema == SCHEMA


def test_a_written_table_can_be_taken_back(tmp_path: Path) -> None:
    table = Written(SCHEMA, tmp_path / "table.arrow")
    table.discard()
    table.add(batch(0, 1))
    table.discard()
    assert list(tmp_path.iterdir()) == []
