"""The command line: one module per command."""

from __future__ import annotations

import gc
import os
import sys

import click

from waakzaam import __version__
from waakzaam.cli.audit import audit
from waakzaam.cli.explain import explain
from waakzaam.cli.facts import facts
from waakzaam.cli.formats import formats
from waakzaam.cli.messages import messages
from waakzaam.cli.peel import peel
from waakzaam.cli.update import update
from waakzaam.errors import WaakzaamError

BAD_INPUT = 2
YOUNG_OBJECTS = 100_000
"""Objects made before Python looks for unreachable cycles (by default 700): facts and rows of a report are
many and stay, and each look goes through them again."""
OWN_MISTAKE = 70  # EX_SOFTWARE of sysexits


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96})
@click.version_option(__version__, prog_name="waakzaam")
def cli() -> None:
    """Show what a phone and its apps send, to whom, and how well it was protected.

    Nothing leaves this machine; only `update` fetches anything, and only what you name. Exit code: 0 done, 1
    findings at or above --fail-on, 2 bad input or usage.
    """


for command in (audit, explain, messages, peel, facts, formats, update):
    cli.add_command(command)


def main() -> None:
    """Run the command; what a person must read is one line, never a traceback."""
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])
    try:
        code = cli.main(standalone_mode=False)
    except click.UsageError as error:
        if len(sys.argv) == 1:  # nothing was asked: the help is the answer
            error.show()
        else:
            _say(f"{error.format_message()} See `{_command_of(error)} --help`.")
        code = BAD_INPUT
    except (click.ClickException, WaakzaamError) as error:
        _say(error.format_message() if isinstance(error, click.ClickException) else str(error))
        code = BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        _say("stopped")
        code = 130
    except (BrokenPipeError, SystemExit):
        # The reader of our output went away (`waakzaam … | head`): that is its right. click turns this into
        # an exit with 1, which would mean findings here.
        _forget_output()
        code = 0
    except OSError as error:
        # A full disk, a folder for temporary files that is gone: the machine, not the program.
        _say(f"{error.filename or 'the output or a temporary file'}: {error.strerror or error}")
        _forget_output()
        code = BAD_INPUT
    except Exception as error:
        if os.environ.get("WAAKZAAM_DEBUG"):
            raise
        _say(
            f"a mistake of the program itself ({type(error).__name__}: {error}); please report it with "
            "the output of the same command under WAAKZAAM_DEBUG=1"
        )
        code = OWN_MISTAKE
    sys.exit(code if isinstance(code, int) else 0)


def _say(text: str) -> None:
    """One line on standard error. Paths and values in it may come from strangers: nothing in it acts."""
    from waakzaam.report.escape import escape_terminal

    click.echo(escape_terminal(f"waakzaam: {text}"), err=True)


def _command_of(error: click.UsageError) -> str:
    """The command that was used in a wrong way, as a person types it."""
    return " ".join(
        ["waakzaam", *(error.ctx.command_path.split(" ")[-1:] if error.ctx and error.ctx.parent else [])]
    )


def _forget_output() -> None:
    """Nobody reads standard output any more: what is still held must not fail again when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
