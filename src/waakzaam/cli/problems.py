"""Problems of evidence as one clear line each: file, place, what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pyarrow as pa

DAMAGE = frozenset(
    {"crash", "empty", "file-malformed", "file-truncated", "limit", "stopped", "unreadable", "unrecognised"}
)
"""Problems after which an audit does not count as a success: the file was not read to its end.

Damage of one packet, entry or body is a row of the report and no failure."""
MOST_LINES = 20
"""Lines for one file; the rest is in the report."""


def complain(evidence: pa.Table, problems: pa.Table, limits: pa.Table) -> bool:
    """Say on standard error what damage was met; True if there was any.

    Args:
        evidence: table ``evidence``. A file of which nothing could be read is damage, whatever the reason.
        problems: table ``problems``.
        limits: table ``limits``.
    """
    found = False
    for file in evidence.to_pylist():
        failed = file["status"] == "failed"
        damage = [row for row in _of(file, problems) if failed or row["code"] in DAMAGE]
        lines = [f"{row['text']} ({row['place']})" for row in damage]
        if failed and not lines:
            lines = [
                f"Nothing could be read: the limit {row['limit']} of {row['what']} was met ({row['place']})"
                for row in _of(file, limits)
            ]
        found = found or bool(lines)
        if len(lines) > MOST_LINES:
            lines[MOST_LINES - 1 :] = [f"{len(lines) - MOST_LINES + 1} more problems; the report lists them"]
        for line in lines:
            _say(file["path"], line)
    return found


def _of(file: dict[str, Any], table: pa.Table) -> list[dict[str, Any]]:
    return [row for row in table.to_pylist() if row["evidence"] == file["evidence"]]


def _say(path: str, text: str) -> None:
    from waakzaam.report.escape import escape_terminal

    click.echo(escape_terminal(f"waakzaam: {path}: {text}"), err=True)
