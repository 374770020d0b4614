"""``waakzaam facts``: what is known about a host, a company, a case, and from whom."""

from __future__ import annotations

import datetime

import click


@click.command()
@click.argument("query")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="As it was on this day.")
def facts(query: str, at: datetime.datetime | None) -> int:
    """Show facts that mention QUERY, each with its source, date and confidence."""
    from waakzaam.knowledge import facts as search
    from waakzaam.report.facts import fact_lines

    found = search(query, at=at.date() if at else None)
    for line in fact_lines(found):
        click.echo(line)
    if not found:
        click.echo(
            f"No fact mentions {query!r}. That means that nothing is recorded, not that nothing is known."
        )
    return 0
