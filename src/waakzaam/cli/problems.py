"""Problems of evidence as one clear line each: file, place, what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pyarrow as pa

DAMAGE = frozenset({"crash", "empty", "limit", "malformed", "truncated", "unrecognised"})
"""Problems after which an audit does not count as a success: the file was not read to its end."""


def complain(problems: pa.Table, evidence: pa.Table) -> bool:
    """Say on standard error what damage was met; True if there was any."""
    from waakzaam.report.escape import escape_terminal

    paths = dict(zip(evidence["evidence"].to_pylist(), evidence["path"].to_pylist(), strict=True))
    damage = [row for row in problems.to_pylist() if row["code"] in DAMAGE]
    for row in damage:
        line = f"waakzaam: {paths[row['evidence']]}: {row['text']} ({row['place']})"
        click.echo(escape_terminal(line), err=True)
    return bool(damage)
