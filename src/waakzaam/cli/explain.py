"""``waakzaam explain``: from the raw bytes to the value, step by step."""

from __future__ import annotations

from pathlib import Path

import click

from waakzaam.cli.options import confinement, limit_options

PREVIEW = 300


@click.command()
@click.argument("finding")
@click.option(
    "--case", "case_file", type=click.Path(path_type=Path), help="Case file (default: the last audit)."
)
@click.option(
    "--evidence",
    "copies",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Where the evidence lies now, if it was moved (repeatable).",
)
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="Explain every sighting of the finding, not only the first of each kind.",
)
@limit_options
def explain(
    finding: str, case_file: Path | None, copies: tuple[Path, ...], every: bool, memory: int, seconds: int
) -> int:
    """Compute FINDING (F1, or a sighting S1) again from the evidence file.

    Values are printed in full: this command opens evidence that you already hold. It ends with exit code 2
    if the evidence has changed or a chain does not lead to the same value.
    """
    from waakzaam import case
    from waakzaam.explain import explain as compute
    from waakzaam.explain import rows_for
    from waakzaam.report.escape import escape_terminal

    path = case_file or case.default_path()
    tables = case.load(path)
    rows = rows_for(finding, tables)
    if not every:
        rows = list({row["datum"]: row for row in reversed(rows)}.values())[::-1]
    files = {row["evidence"]: row for row in tables["evidence"].to_pylist()}
    for explained in compute(
        rows,
        tables["evidence"],
        problems=tables["problems"],
        copies=copies,
        confinement=confinement(memory, seconds),
    ):
        row, file = explained.sighting, files[explained.sighting["evidence"]]
        told = f"{row['sighting']}  {row['datum']}  {row['form']}  →  {row['host'] or '?'}"
        click.echo(escape_terminal(told))
        click.echo(f"  evidence  {escape_terminal(str(explained.path))}")
        click.echo(f"            SHA-256 {file['sha256']} (unchanged)")
        place = f"frame {row['frame']}, bytes {row['offset']} to {row['offset'] + row['length']}"
        click.echo(f"  message   {row['message']} ({place})")
        click.echo(f"            {escape_terminal(_cut(explained.request.encode()))}")
        for number, step in enumerate(explained.steps):
            name = f"{step.layer}:{step.selector}" if step.selector else step.layer
            click.echo(f"  {number}  {escape_terminal(name)}  ({len(step.data)} bytes)")
            click.echo(f"       {escape_terminal(_cut(step.data))}")
        click.echo(f"  value     {escape_terminal(_cut(explained.match, 4096))}")
        click.echo(f"            SHA-256 {row['match_sha256']} (as in the case)")
        click.echo("")
    return 0


def _cut(data: bytes, limit: int = PREVIEW) -> str:
    """The start of some bytes: as text if it is text, else as hexadecimal digits."""
    try:
        text = data.decode()
        if all(letter.isprintable() or letter in "\r\n\t" for letter in text[:limit]):
            return text if len(text) <= limit else f"{text[:limit]}…"
    except UnicodeDecodeError:
        pass
    shown = data[: limit // 5].hex(" ")
    return shown if len(data) <= limit // 5 else f"{shown} …"
