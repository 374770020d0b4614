"""``waakzaam facts``: what is known about a company, a host, a law, a case, and from whom."""

from __future__ import annotations

import datetime

import click


@click.command()
@click.argument("query")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="As it was on this day.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def facts(query: str, at: datetime.datetime | None, as_json: bool) -> int:
    """Show facts that mention QUERY, each with its source, date and confidence.

    QUERY: words ("National Intelligence Law", xiaomi, "adequacy Brazil"), a host or a package name. Claims
    are shown with the company's answer; what comes from memory is marked and supports nothing.
    """
    from waakzaam.knowledge import facts as search
    from waakzaam.report.facts import fact_json, fact_lines

    day = at.date() if at else None
    found = search(query, at=day)
    if as_json:
        click.echo(fact_json(query, day, found))
        return 0
    for line in fact_lines(found):
        click.echo(line)
    if not found:
        click.echo(
            f"No fact mentions {query!r}. That means that nothing is recorded, not that nothing is known."
        )
        if day and search(query):
            click.echo(f"Some facts do, but none held or had been said on {day}: leave --at out to see them.")
    return 0
