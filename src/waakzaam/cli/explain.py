"""``waakzaam explain``: from the raw bytes to the value, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from waakzaam.cli.options import confinement, limit_options

if TYPE_CHECKING:
    from waakzaam.explain import Compared

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
    """Compute FINDING (F1, a sighting S1, or a weakness W1) again from the evidence file.

    Values are printed in full: this command opens evidence that you already hold. It ends with exit code 2
    if the evidence has changed or a chain does not lead to the same value.
    """
    from waakzaam import case
    from waakzaam.explain import compare, rows_for, weaknesses_for
    from waakzaam.explain import explain as compute
    from waakzaam.report.escape import escape_terminal

    path = case_file or case.default_path()
    tables = case.load(path)
    rows = rows_for(finding, tables)
    weak = weaknesses_for(finding, tables)
    if not every:
        rows = list({row["datum"]: row for row in reversed(rows)}.values())[::-1]
    files = {row["evidence"]: row for row in tables["evidence"].to_pylist()}
    for explained in compute(
        rows,
        tables["evidence"],
        problems=tables["problems"],
        proofs=tables["proofs"],
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
            for proof in (each for each in explained.proofs if each["step"] == number - 1):
                click.echo(escape_terminal(f"       {_proof(proof)}"))
            click.echo(f"       {escape_terminal(_cut(step.data))}")
        click.echo(f"  value     {escape_terminal(_cut(explained.match, 4096))}")
        click.echo(f"            SHA-256 {row['match_sha256']} (as in the case)")
        click.echo("")
    for compared in compare(
        weak,
        tables["evidence"],
        problems=tables["problems"],
        copies=copies,
        confinement=confinement(memory, seconds),
    ):
        _weakness(compared, files[compared.weakness["evidence"]])
    return 0


def _weakness(compared: Compared, file: dict[str, Any]) -> None:
    """Print what closed values tell, and the values."""
    from waakzaam.report.escape import escape_terminal
    from waakzaam.report.hidden import weakness
    from waakzaam.report.text import Text
    from waakzaam.report.words import Words

    row = compared.weakness
    click.echo(
        escape_terminal(f"{row['weakness']}  {row['kind']}  →  {row['host'] or '?'}{row['url_path'] or ''}")
    )
    click.echo(f"  evidence  {escape_terminal(str(compared.path))}")
    click.echo(f"            SHA-256 {file['sha256']} (unchanged)")
    click.echo(f"  field     {escape_terminal(row['place'])}")
    click.echo(f"  told      {weakness(row, Words(Text()))}")
    click.echo(f"            chance alone: one in 2^{-row['log2_chance']:.0f}, or less")
    for message, value in compared.values:
        click.echo(f"  message {message}  ({len(value)} bytes)")
        click.echo(f"       {_cut(value)}")
    click.echo("")


def _proof(proof: dict[str, Any]) -> str:
    """Where the key of a step comes from, and what proves it."""
    made = f", {proof['derivation']}" if proof["derivation"] else ""
    bits = "" if proof["bits"] is None else f"; {proof['bits']:.0f} bits of evidence, 20 are asked"
    tried = f", {proof['tried']} hypotheses paid for" if proof["tried"] else ""
    return f"key: {proof['source']}, {proof['key']}{made}{bits}{tried}"


def _cut(data: bytes, limit: int = PREVIEW) -> str:
    """The start of some bytes: as text if it is text, else as hexadecimal digits."""
    from waakzaam.peel.chain import mark_open

    try:
        text = mark_open(data).decode()
        if all(letter.isprintable() or letter in "\r\n\t" for letter in text[:limit]):
            return text if len(text) <= limit else f"{text[:limit]}…"
    except UnicodeDecodeError:
        pass
    shown = data[: limit // 5].hex(" ")
    return shown if len(data) <= limit // 5 else f"{shown} …"
