"""The case: everything an audit found, in one file.

The last audit is kept in the quick form that ``quick`` describes. A case that a person names is a DuckDB
file, which can be queried, unless its name ends in ``.arrow``.

It holds no message contents and no values in full: what is needed to compute a value again is the chain
and the evidence itself. The decision and its price: ``docs/decisions/0002-what-a-case-keeps.md``.
"""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from waakzaam import __version__
from waakzaam.case import quick
from waakzaam.errors import WaakzaamError
from waakzaam.tables import TABLES, plain

if TYPE_CHECKING:
    from waakzaam.audit import Audit

KEPT = (
    "evidence", "problems", "limits", "connections", "messages", "names", "accesses", "announcements",
    "devices", "sightings", "proofs", "opaque", "weaknesses", "identifiers", "recipients", "transfers",
    "apps", "not_seen", "findings", "advice",
)  # fmt: skip
"""Tables that go into a case."""
LEFT_OUT = {"messages": ("url", "header_names", "header_values", "body")}
"""Columns that hold contents and stay out."""
STANDARD_INPUT = "-"
"""Path of evidence that had none."""


def default_path() -> Path:
    """Where the last audit is kept when no case file is named (XDG base directories).

    Raises:
        WaakzaamError: this user has no home folder.
    """
    state = os.environ.get("XDG_STATE_HOME", "")
    if not Path(state).is_absolute():  # the specification says that a relative one is to be ignored
        try:
            state = str(Path.home() / ".local" / "state")
        except RuntimeError:
            raise WaakzaamError(
                "there is no home folder to keep the case in; name a file with --case"
            ) from None
    return Path(state) / "waakzaam" / f"last{quick.SUFFIX}"


def check(path: Path) -> None:
    """Say before the work begins that a case cannot be kept at ``path``.

    Raises:
        WaakzaamError: there is something there that is not a case, or no place for a folder.
    """
    try:
        there = path.exists()
        parent = next(each for each in path.absolute().parents if each.exists())
    except OSError as error:
        raise _not_written(path, error) from None
    if there and not _is_case(path):
        raise WaakzaamError(f"{path}: exists and is not a waakzaam case; name another file with --case")
    if not parent.is_dir():
        raise WaakzaamError(
            f"{path}: the case cannot be written ({parent} is not a folder); name another --case"
        )


def save(audit: Audit, path: Path) -> None:
    """Write the tables of an audit to ``path``; an earlier case there is replaced.

    The file is readable by its owner only, from its first byte on: it is made in a folder of its own that
    nobody else may enter.

    Raises:
        WaakzaamError: the place cannot be written, or holds a file that is not a case.
    """
    check(path)
    tables = {name: _storable(name, audit.tables[name]) for name in KEPT}
    about = {"version": __version__, "made_at": audit.made_at.isoformat(), "command": audit.command}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".waakzaam-", dir=path.parent) as folder:
            new = Path(folder) / "case"
            if path.suffix == quick.SUFFIX:
                quick.write(new, tables, about)
            else:
                from waakzaam.case import database

                database.write(new, tables, about)
            new.chmod(stat.S_IRUSR | stat.S_IWUSR)
            new.replace(path)
    except OSError as error:
        raise _not_written(path, error) from None
    except ValueError as error:
        raise WaakzaamError(f"{path}: the case cannot be written ({error})") from None


def _not_written(path: Path, error: OSError) -> WaakzaamError:
    return WaakzaamError(f"{path}: the case cannot be written ({error.strerror}); name another --case")


def _storable(name: str, table: pa.Table) -> pa.Table:
    table = table.drop_columns(list(LEFT_OUT.get(name, ())))
    if name == "evidence":
        # `explain` must find the file from any folder.
        paths = [
            path if path == STANDARD_INPUT else str(Path(path).absolute())
            for path in table["path"].to_pylist()
        ]
        table = table.set_column(table.column_names.index("path"), "path", pa.array(paths, pa.string()))
    return table


def load(path: Path) -> dict[str, pa.Table]:
    """The tables of a case.

    Raises:
        WaakzaamError: no such file, or not a case; says what to do.
    """
    try:
        there = path.exists()
    except OSError as error:
        raise WaakzaamError(f"{path}: cannot be opened ({error.strerror}); name a case with --case") from None
    if not there:
        raise WaakzaamError(f"{path}: no such case; run `waakzaam audit … --case {path}` first")
    if not _is_case(path):
        raise WaakzaamError(
            f"{path}: is not a waakzaam case; expected a file that `waakzaam audit --case` made"
        )
    try:
        if quick.is_case(path):
            tables = quick.read(path)
        else:
            from waakzaam.case import database

            tables = database.read(path, KEPT)
        return {name: _schema(name, tables[name]) for name in KEPT}
    except (ValueError, TypeError, OSError, pa.ArrowException, KeyError) as error:
        raise WaakzaamError(
            f"{path}: the case is damaged or from another version ({_first_line(error)}); run the audit again"
        ) from None


def _schema(name: str, table: pa.Table) -> pa.Table:
    wanted = pa.schema([field for field in TABLES[name] if field.name not in LEFT_OUT.get(name, ())])
    return plain(table.select(wanted.names)).cast(wanted)


def _is_case(path: Path) -> bool:
    if not path.is_file():
        return False
    if quick.is_case(path):
        return True
    from waakzaam.case import database

    return database.is_case(path)


def _first_line(error: Any) -> str:
    return (str(error).strip().splitlines() or ["unknown reason"])[0]
