"""One SQL question over Arrow tables, answered by DuckDB in memory."""

from __future__ import annotations

import duckdb
import pyarrow as pa

MEMORY = "512MB"


def ask(question: str, **tables: pa.Table) -> pa.Table:
    """The answer to ``question`` over ``tables``, which stand under their names.

    Limits: ``MEMORY`` of DuckDB, no access to files or extensions, one thread (the order of equal rows
    would otherwise differ between runs).
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "threads": 1,
        "enable_external_access": False,
    }
    with duckdb.connect(config=config) as engine:
        for name, table in tables.items():
            engine.register(name, table)
        return engine.sql(question).to_arrow_table()
