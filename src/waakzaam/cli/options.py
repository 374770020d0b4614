"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from waakzaam.sources.jail import MIB, Confinement

F = TypeVar("F", bound=Callable[..., Any])

language_option = click.option("--lang", default="en", show_default=True, help="Language of the report.")


def limit_options(command: F) -> F:
    """``--memory`` and ``--seconds``: limits of the process that opens the evidence."""
    default = Confinement()
    command = click.option(
        "--seconds",
        default=default.seconds,
        show_default=True,
        type=click.IntRange(1),
        help="Processor time the reader of one file may use, per GiB.",
    )(command)
    return click.option(
        "--memory",
        default=default.memory // MIB,
        show_default=True,
        type=click.IntRange(64),
        help="Memory the reader of one file may use, in MiB.",
    )(command)


def confinement(memory: int, seconds: int) -> Confinement:
    """Limits from the options: MiB and seconds."""
    return Confinement(memory=memory * MIB, seconds=seconds)
