"""The command line: one module per command."""

from __future__ import annotations

import os
import sys

import click

from waakzaam import __version__
from waakzaam.cli.audit import audit
from waakzaam.cli.explain import explain
from waakzaam.cli.facts import facts
from waakzaam.cli.formats import formats
from waakzaam.cli.messages import messages
from waakzaam.errors import WaakzaamError

BAD_INPUT = 2
OWN_MISTAKE = 70  # EX_SOFTWARE of sysexits


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 96})
@click.version_option(__version__, prog_name="waakzaam")
def cli() -> None:
    """Show what a phone and its apps send, to whom, and how well it was protected.

    Nothing leaves this machine. Exit code: 0 done, 1 findings at or above --fail-on, 2 bad input or usage.
    """


for command in (audit, explain, messages, facts, formats):
    cli.add_command(command)


def main() -> None:
    """Run the command; what a person must read is one line, never a traceback."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = BAD_INPUT
    except WaakzaamError as error:
        click.echo(f"waakzaam: {error}", err=True)
        code = BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        click.echo("waakzaam: stopped", err=True)
        code = 130
    except BrokenPipeError:
        # The reader of our output went away (`waakzaam … | head`): that is its right.
        sys.stderr.close()
        code = 0
    except Exception as error:
        if os.environ.get("WAAKZAAM_DEBUG"):
            raise
        click.echo(
            f"waakzaam: a mistake of the program itself ({type(error).__name__}: {error}); please report it with "
            "the output of the same command under WAAKZAAM_DEBUG=1",
            err=True,
        )
        code = OWN_MISTAKE
    sys.exit(code if isinstance(code, int) else 0)
