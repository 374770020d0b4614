"""``waakzaam messages``: what a capture holds, before any question is asked."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from waakzaam.cli.options import confinement, limit_options, spooled
from waakzaam.cli.problems import complain
from waakzaam.cli.progress import Progress
from waakzaam.errors import WaakzaamError

if TYPE_CHECKING:
    from waakzaam.sources.evidence import Evidence

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

    for key in keys:
        if not is_key_file(key):
            raise WaakzaamError(f"{key}: holds no key; give a TLS key log or a server's RSA key (PEM or DER)")
    with tempfile.TemporaryDirectory(prefix="waakzaam-") as folder, Progress() as progress:
        path = spooled(evidence, Path(folder))
        job = Job(bodies=bodies, peel=False, keys=keys)
        read = read_evidence(1, path, job, confinement(memory, seconds), progress, identify=False)
        read.path = evidence
    if tables:
        write_tables(read, tables)
    if count or tables:
        counted = {name: len(read.tables[name]) for name in TABLES}
        click.echo(json.dumps({"format": read.format, "status": read.status, **counted}))
    else:
        for name in TABLES:
            for batch in read.tables[name].batches():
                for row in batch.to_pylist():
                    sys.stdout.write(json.dumps(_plain(name, row), default=str) + "\n")
    sys.stdout.flush()
    return BAD_INPUT if complain(read.row(), read.table("problems"), read.table("limits")) else 0


def write_tables(read: Evidence, folder: Path) -> None:
    """Write each table as ``<name>.arrow`` (Arrow IPC file).

    Raises:
        WaakzaamError: the folder cannot be written.
    """
    import pyarrow as pa

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in TABLES:
            table = read.tables[name]
            with pa.ipc.new_file(str(folder / f"{name}.arrow"), table.schema) as writer:
                for batch in table.batches():
                    writer.write_batch(batch)
    except OSError as error:
        raise WaakzaamError(f"{folder}: cannot be written ({error.strerror}); name another folder") from None


def _plain(table: str, row: dict[str, Any]) -> dict[str, Any]:
    import hashlib

    row.pop("evidence")
    if "body" in row:
        body = row.pop("body")
        row["body_sha256"] = None if body is None else hashlib.sha256(body).hexdigest()
    return {"table": table, **row}
