"""``waakzaam messages``: what a capture holds, before any question is asked."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from waakzaam.cli.options import confinement, limit_options, spooled
from waakzaam.cli.problems import complain
from waakzaam.cli.progress import Progress
from waakzaam.errors import WaakzaamError

if TYPE_CHECKING:
    import pyarrow as pa

    from waakzaam.spill import Written

BAD_INPUT = 2
TABLES = ("messages", "connections", "names", "problems", "limits")


@click.command()
@click.argument("evidence", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--bodies", is_flag=True, help="With the SHA-256 and length of each body.")
@click.option("--count", is_flag=True, help="Only count messages, connections and problems.")
@click.option("--tables", type=click.Path(path_type=Path), help="Write the tables to this folder (Arrow).")
@click.option(
    "--keys",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Key log or server key that opens the capture (repeatable).",
)
@limit_options
def messages(
    evidence: Path,
    bodies: bool,
    count: bool,
    tables: Path | None,
    keys: tuple[Path, ...],
    memory: int,
    seconds: int,
) -> int:
    """List the messages and connections of EVIDENCE, one JSON object per line; - is standard input."""
    from waakzaam.sources.evidence import read_evidence
    from waakzaam.sources.jail import Job
    from waakzaam.sources.keys import is_key_file
    from waakzaam.spill import Spill, Written

    for key in keys:
        if not is_key_file(key):
            raise WaakzaamError(f"{key}: holds no key; give a TLS key log or a server's RSA key (PEM or DER)")
    written: list[Written] = []

    def place(name: str, schema: pa.Schema) -> Spill:
        if tables is None or name not in TABLES:
            return Spill(schema)
        written.append(Written(schema, tables / f"{name}.arrow"))
        return written[-1]

    with tempfile.TemporaryDirectory(prefix="waakzaam-") as folder, Progress() as progress:
        path = spooled(evidence, Path(folder))
        job = Job(bodies=bodies, peel=False, keys=keys)
        limits = confinement(memory, seconds)
        with _writing(tables, written):
            read = read_evidence(1, path, job, limits, progress, identify=False, place=place)
            for table in written:
                table.close()
        read.path = evidence
    if count or tables:
        counted = {name: len(read.tables[name]) for name in TABLES}
        click.echo(json.dumps({"format": read.format, "status": read.status, **counted}))
    else:
        for name in TABLES:
            for batch in read.tables[name].batches():
                for row in batch.to_pylist():
                    sys.stdout.write(json.dumps(_plain(name, row), default=str) + "\n")
    sys.stdout.flush()
    told = complain(read.row(times=False), read.table("problems"), read.table("limits"))
    return BAD_INPUT if told else 0


@contextmanager
def _writing(folder: Path | None, tables: list[Written]) -> Iterator[None]:
    """Leave no half tables behind, and say which folder it was that could not be written.

    Raises:
        WaakzaamError: the folder of the tables cannot be written.
    """
    try:
        yield
    except BaseException as error:
        for table in tables:
            with suppress(OSError):
                table.discard()
        if folder is None or not isinstance(error, OSError):
            raise
        raise WaakzaamError(f"{folder}: cannot be written ({error.strerror}); name another folder") from None


def _plain(table: str, row: dict[str, Any]) -> dict[str, Any]:
    import hashlib

    row.pop("evidence")
    if "body" in row:
        body = row.pop("body")
        row["body_sha256"] = None if body is None else hashlib.sha256(body).hexdigest()
    return {"table": table, **row}
