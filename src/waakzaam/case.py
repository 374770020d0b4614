"""The case: everything an audit found, in one DuckDB file.

It holds no message contents and no values in full: what is needed to compute a value again is the chain
and the evidence itself. The decision and its price: ``docs/decisions/0002-what-a-case-keeps.md``.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from waakzaam import __version__
from waakzaam.audit import Audit
from waakzaam.errors import WaakzaamError
from waakzaam.tables import TABLES

KEPT = (
    "evidence", "problems", "limits", "connections", "messages", "names", "sightings", "identifiers",
    "recipients", "findings", "advice",
)  # fmt: skip
"""Tables that go into a case."""
LEFT_OUT = {"messages": ("url", "header_names", "header_values", "body")}
"""Columns that hold contents and stay out."""
MARK = "waakzaam_case"
MEMORY = "512MB"


def default_path() -> Path:
    """Where the last audit is kept when no case file is named (XDG base directories)."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "waakzaam" / "last.duckdb"


def save(audit: Audit, path: Path) -> None:
    """Write the tables of an audit to ``path``; an earlier case there is replaced.

    The file is readable by its owner only.

    Raises:
        WaakzaamError: the place cannot be written, or holds a file that is not a case.
    """
    if path.exists() and not _is_case(path):
        raise WaakzaamError(f"{path}: exists and is not a waakzaam case; name another file with --case")
    new = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        with duckdb.connect(str(new), config={"memory_limit": MEMORY}) as store:
            for name in KEPT:
                table = _storable(name, audit.tables[name])
                store.register("incoming", table)
                store.execute(f'CREATE TABLE "{name}" AS SELECT * FROM incoming')  # noqa: S608 - our own names
                store.unregister("incoming")
            about = {"version": __version__, "made_at": audit.made_at.isoformat(), "command": audit.command}
            store.execute(f"CREATE TABLE {MARK} AS SELECT ?::VARCHAR AS about", [json.dumps(about)])
        new.chmod(stat.S_IRUSR | stat.S_IWUSR)
        new.replace(path)
    except OSError as error:
        raise WaakzaamError(
            f"{path}: the case cannot be written ({error.strerror}); name another --case"
        ) from None
    except duckdb.Error as error:
        raise WaakzaamError(f"{path}: the case cannot be written ({_first_line(error)})") from None


def _storable(name: str, table: pa.Table) -> pa.Table:
    table = table.drop_columns(list(LEFT_OUT.get(name, ())))
    if name == "evidence":
        # `explain` must find the file from any folder.
        paths = [str(Path(path).absolute()) for path in table["path"].to_pylist()]
        table = table.set_column(table.column_names.index("path"), "path", pa.array(paths, pa.string()))
    return table


def load(path: Path) -> dict[str, pa.Table]:
    """The tables of a case.

    Raises:
        WaakzaamError: no such file, or not a case; says what to do.
    """
    if not path.exists():
        raise WaakzaamError(f"{path}: no such case; run `waakzaam audit … --case {path}` first")
    if not _is_case(path):
        raise WaakzaamError(
            f"{path}: is not a waakzaam case; expected a file that `waakzaam audit --case` made"
        )
    with duckdb.connect(str(path), read_only=True) as store:
        return {name: _schema(name, store.table(name).to_arrow_table()) for name in KEPT}


def _schema(name: str, table: pa.Table) -> pa.Table:
    wanted = pa.schema([field for field in TABLES[name] if field.name not in LEFT_OUT.get(name, ())])
    return table.select(wanted.names).cast(wanted)


def _is_case(path: Path) -> bool:
    try:
        with duckdb.connect(str(path), read_only=True) as store:
            return MARK in {
                str(row[0]) for row in store.execute("SELECT table_name FROM duckdb_tables()").fetchall()
            }
    except (duckdb.Error, OSError):
        return False


def _first_line(error: Any) -> str:
    return (str(error).strip().splitlines() or ["unknown reason"])[0]
