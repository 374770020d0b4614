"""``waakzaam formats``: what can be read, how to make it, what it can and cannot show."""

from __future__ import annotations

import textwrap

import click


@click.command()
def formats() -> int:
    """List the formats of evidence that can be read."""
    from waakzaam.sources import SOURCES

    for source in SOURCES:
        click.echo(f"{source.name}: {source.title}")
        for label, text in (("made with", source.made_with), ("shows", source.shows)):
            click.echo(textwrap.fill(f"{label}: {text}", 78, initial_indent="  ", subsequent_indent="    "))
    click.echo(
        "Keys open the captures they are handed in with:\n"
        "  waakzaam audit capture.pcapng keys.log\n"
        "Each may be compressed with gzip or zstd.\n"
        "Formats are told from content, never from the name."
    )
    return 0
