"""``waakzaam audit``: the main job."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from waakzaam.cli.options import (
    confinement,
    corrections_option,
    language_option,
    limit_options,
    spooled,
    texts,
)
from waakzaam.cli.problems import complain
from waakzaam.cli.progress import Progress
from waakzaam.cli.quick import leave_out
from waakzaam.errors import WaakzaamError

if TYPE_CHECKING:
    import pyarrow as pa

    from waakzaam.report.model import Report
    from waakzaam.report.text import Text

SEVERITIES = ("note", "low", "medium", "high")
FAILED, BAD_INPUT = 1, 2


@click.command()
@click.argument("evidence", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--phone", type=click.Path(path_type=Path), help="Description of the device under test (PHONE.toml)."
)
@click.option(
    "--known", multiple=True, metavar="KEY=VALUE", help="A value to seek, e.g. android_id=… (repeatable)."
)
@click.option(
    "--keys",
    "key_files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="File with keys to try: constants of an app, calls that a hook logged (repeatable).",
)
@click.option(
    "--profile", type=click.Choice(["private", "professional", "sensitive"]), help="How the device is used."
)
@click.option("--policy", metavar="NAME|FILE", help="Policy for the advice (default: vsse-2021).")
@click.option("--answers", is_flag=True, help="Look into what servers answered, too.")
@click.option(
    "--case", "case_file", type=click.Path(path_type=Path), help="Keep the result in this DuckDB file."
)
@click.option("--json", "json_file", metavar="FILE|-", help="Write the JSON report.")
@click.option("--html", "html_file", type=click.Path(path_type=Path), help="Write the HTML report.")
@click.option("--show-values", is_flag=True, help="Show values in full in the reports.")
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES), help="Exit with 1 if a finding is this severe or more."
)
@corrections_option
@language_option
@limit_options
def audit(
    evidence: tuple[Path, ...],
    phone: Path | None,
    known: tuple[str, ...],
    key_files: tuple[Path, ...],
    profile: str | None,
    policy: str | None,
    answers: bool,
    case_file: Path | None,
    json_file: str | None,
    html_file: Path | None,
    show_values: bool,
    fail_on: str | None,
    corrections: str | None,
    lang: str,
    memory: int,
    seconds: int,
) -> int:
    """Show what left the phone, to whom, disguised how, and what to do about it.

    EVIDENCE is one or more captures, flow files, logs or phone reports (`waakzaam formats` lists them), also
    gzip or zstd compressed; - is standard input. Key logs and server keys among them open the captures;
    constants of an app, one on a line, are tried on what stays closed in them.
    The result is kept for `waakzaam explain`.
    """
    import pyarrow as pa

    leave_out()
    from waakzaam import case
    from waakzaam.advise.engine import load_policy
    from waakzaam.audit import audit as run
    from waakzaam.knowledge.corrections import corrections as address
    from waakzaam.phones.description import parse_known, read_phone
    from waakzaam.report.compose import compose
    from waakzaam.seek.first import FirstSightings
    from waakzaam.stop import Stop

    # The default pool gives memory back to the system and asks for it anew: a tenth of the time of a
    # large HAR file.
    kept = "jemalloc" in pa.supported_memory_backends()
    pa.set_memory_pool(pa.jemalloc_memory_pool() if kept else pa.system_memory_pool())
    words = texts(lang)
    address(corrections)  # what is wrong with it is said before the work begins
    where = case_file or case.default_path()
    case.check(where)
    with tempfile.TemporaryDirectory(prefix="waakzaam-") as folder, Progress() as progress:
        paths = [spooled(path, Path(folder)) for path in evidence]
        described = read_phone(phone) if phone else None
        values = [parse_known(text) for text in known]
        stop = Stop()
        stop.told = progress.stopping
        declared = [*(described.known if described else ()), *values]
        # For who waits at a terminal; nobody else is to pay for a second search.
        first = FirstSightings(declared, progress.first) if progress.shown else None

        def watch(name: str, batch: pa.RecordBatch) -> None:
            if name == "messages":
                progress.messages(batch.num_rows)
            elif name == "values" and first:
                first.look(batch)

        # Until the report is written: an interrupt after the reading would lose what was read, too.
        with stop.on_interrupt():
            result = run(
                paths,
                phone=described,
                known=values,
                keys=key_files,
                profile=profile,
                policy=load_policy(policy),
                answers=answers,
                show_values=show_values,
                confinement=confinement(memory, seconds),
                progress=progress,
                stop=stop,
                watch=watch,
                command=_command(show_values),
            )
            progress.done()
            report = compose(
                result, with_chains=html_file is not None, case_path=case_file, corrections=corrections
            )
            result.tables["evidence"] = _as_typed(result.tables["evidence"], (*evidence, *key_files))
            case.save(result, where)
            _write(report, words, json_file, html_file)
    if complain(*(result.tables[name] for name in ("evidence", "problems", "limits"))):
        return BAD_INPUT
    if fail_on:
        severe = SEVERITIES[SEVERITIES.index(fail_on) :]
        if any(severity in severe for severity in result.tables["findings"]["severity"].to_pylist()):
            return FAILED
    return 0


def _as_typed(table: pa.Table, paths: tuple[Path, ...]) -> pa.Table:
    """Table ``evidence`` with paths as a person typed them: standard input is ``-``, not our copy of it."""
    import pyarrow as pa

    column = pa.array([str(path) for path in paths], pa.string())
    return table.set_column(table.column_names.index("path"), table.schema.field("path"), column)


def _write(report: Report, words: Text, json_file: str | None, html_file: Path | None) -> None:
    from waakzaam.report.json import write_json
    from waakzaam.report.terminal import render_terminal, wants_colour

    if json_file == "-":
        write_json(report, sys.stdout)
        sys.stdout.flush()
    try:
        writing = Path(json_file or "-")
        if json_file and json_file != "-":
            with writing.open("w", encoding="ascii") as out:
                write_json(report, out)
        if html_file:
            from waakzaam.report.html import render_html

            writing = html_file
            writing.write_text(render_html(report, words), "utf-8")
    except OSError as error:
        raise WaakzaamError(f"{writing}: cannot be written ({error.strerror}); name another file") from None
    if json_file != "-":
        colour = wants_colour(sys.stdout, os.environ)
        click.echo(render_terminal(report, words, colour=colour), color=colour, nl=False)


def _command(show_values: bool) -> str:
    """The command as it was typed, for the report; values that were given as known stay out of it."""
    typed = ["waakzaam", *sys.argv[1:]]
    if not show_values:
        for at, word in enumerate(typed):
            option, given, pair = word.partition("=")
            if at and typed[at - 1] == "--known":
                typed[at] = f"{option}=…"
            elif given and option == "--known":
                typed[at] = f"{option}={pair.partition('=')[0]}=…"
    return shlex.join(typed)
