"""Options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from waakzaam.errors import WaakzaamError
from waakzaam.sources.jail import MIB, Confinement

if TYPE_CHECKING:
    from waakzaam.report.text import Text

F = TypeVar("F", bound=Callable[..., Any])

MOST_MEMORY = 1 << 20
"""MiB that may be asked for: a tebibyte. More is a slip of the finger."""
MOST_SECONDS = 1_000_000

language_option = click.option("--lang", default="en", show_default=True, help="Language of the report.")


corrections_option = click.option(
    "--corrections",
    metavar="TEXT",
    envvar="WAAKZAAM_CORRECTIONS",
    help="Where a company or a reader asks for a correction: an address of whoever publishes the page.",
)


def limit_options(command: F) -> F:
    """``--memory`` and ``--seconds``: limits of the process that opens the evidence."""
    default = Confinement()
    command = click.option(
        "--seconds",
        default=default.seconds,
        show_default=True,
        type=click.IntRange(1, MOST_SECONDS),
        help="Processor time the reader of one file may use, per GiB.",
    )(command)
    return click.option(
        "--memory",
        default=default.memory // MIB,
        show_default=True,
        type=click.IntRange(64, MOST_MEMORY),
        help="Memory the reader of one file may use, in MiB.",
    )(command)


def confinement(memory: int, seconds: int) -> Confinement:
    """Limits from the options: MiB and seconds."""
    return Confinement(memory=memory * MIB, seconds=seconds)


def texts(lang: str) -> Text:
    """The texts of a language.

    Raises:
        WaakzaamError: there is no such language; names those there are.
    """
    from waakzaam.report.text import Text

    try:
        return Text(lang)
    except ValueError as error:
        raise WaakzaamError(f"--lang {lang}: {error}") from None


def spooled(path: Path, folder: Path) -> Path:
    """Standard input (``-``) as a file in ``folder``: the reader needs a file that it can look at twice."""
    if str(path) != "-":
        return path
    file = folder / "standard-input"
    with file.open("wb") as out:
        while chunk := sys.stdin.buffer.read(MIB):
            out.write(chunk)
    return file
