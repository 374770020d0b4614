"""A case as a DuckDB file: what an analyst can open and query."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

MARK = "waakzaam_case"
"""Table that says that a database is a case, and how it was made."""
MEMORY = "256MB"


def write(path: Path, tables: Mapping[str, pa.Table], about: Mapping[str, str]) -> None:
    """Write the tables of a case to a new file.

    Raises:
        ValueError: DuckDB cannot write it; says why.
    """
    try:
        with duckdb.connect(str(path), config={"memory_limit": MEMORY, "threads": 1}) as store:
            for name, table in tables.items():
                store.register("incoming", table)
                store.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')  # noqa: S608 - our own names
                store.unregister("incoming")
            store.execute(f"CREATE TABLE {MARK} AS SELECT ?::VARCHAR AS about", [json.dumps(about)])
    except duckdb.Error as error:
        raise ValueError(_first_line(error)) from None


def read(path: Path, names: Iterable[str]) -> dict[str, pa.Table]:
    """Give these tables of a case.

    Raises:
        ValueError: the file is damaged or lacks one.
    """
    try:
        with duckdb.connect(str(path), read_only=True) as store:
            return {name: store.table(name).to_arrow_table() for name in names}
    except duckdb.Error as error:
        raise ValueError(_first_line(error)) from None


def is_case(path: Path) -> bool:
    """Say whether a file is a DuckDB database that holds a case."""
    try:
        with duckdb.connect(str(path), read_only=True) as store:
            return MARK in {
                str(row[0]) for row in store.execute("SELECT table_name FROM duckdb_tables()").fetchall()
            }
    except (duckdb.Error, OSError):
        return False


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["unknown reason"])[0]
