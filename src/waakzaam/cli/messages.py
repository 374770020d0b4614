"""``waakzaam messages``: what a capture holds, before any question is asked."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from waakzaam.cli.options import confinement, limit_options, spooled
from waakzaam.cli.problems import complain
from waakzaam.cli.progress import Progress

BAD_INPUT = 2


@click.command()
@click.argument("evidence", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--bodies", is_flag=True, help="With the SHA-256 and length of each body.")
@click.option("--count", is_flag=True, help="Only count messages, connections and problems.")
@limit_options
def messages(evidence: Path, bodies: bool, count: bool, memory: int, seconds: int) -> int:
    """List the messages and connections of EVIDENCE, one JSON object per line; - is standard input."""
    from waakzaam.sources.evidence import read_evidence
    from waakzaam.sources.jail import Job

    with tempfile.TemporaryDirectory(prefix="waakzaam-") as folder, Progress() as progress:
        path = spooled(evidence, Path(folder))
        job = Job(bodies=bodies, peel=False)
        read = read_evidence(1, path, job, confinement(memory, seconds), progress)
        read.path = evidence
    if count:
        counted = {
            name: len(read.tables[name])
            for name in ("messages", "connections", "names", "problems", "limits")
        }
        click.echo(json.dumps({"format": read.format, "status": read.status, **counted}))
    else:
        for name in ("messages", "connections", "names", "problems", "limits"):
            for batch in read.tables[name].batches():
                for row in batch.to_pylist():
                    sys.stdout.write(json.dumps(_plain(name, row), default=str) + "\n")
    sys.stdout.flush()
    return BAD_INPUT if complain(read.row(), read.table("problems"), read.table("limits")) else 0


def _plain(table: str, row: dict[str, Any]) -> dict[str, Any]:
    import hashlib

    row.pop("evidence")
    if "body" in row:
        body = row.pop("body")
        row["body_sha256"] = None if body is None else hashlib.sha256(body).hexdigest()
    return {"table": table, **row}
