"""``waakzaam facts``: what is known about a company, a host, a law, a case, and from whom."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from waakzaam.cli.options import corrections_option, language_option, texts
from waakzaam.errors import WaakzaamError


@click.command()
@click.argument("query")
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="As it was on this day.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--html", "html_file", type=click.Path(path_type=Path), help="Write the page of a company.")
@corrections_option
@language_option
def facts(
    query: str,
    at: datetime.datetime | None,
    as_json: bool,
    html_file: Path | None,
    corrections: str | None,
    lang: str,
) -> int:
    """Show facts that mention QUERY, each with its source, date and confidence.

    QUERY: words ("National Intelligence Law", xiaomi, "adequacy Brazil"), a host or a package name. Claims
    are shown with the company's answer; what comes from memory is marked and supports nothing.
    With --html QUERY is one company (its name, brand, app, package or host), and FILE becomes a page with all
    that is recorded about it, and where to ask for a correction.
    """
    from waakzaam.knowledge import facts as search
    from waakzaam.report.facts import fact_json, fact_lines

    day = at.date() if at else None
    if html_file is not None:
        name = _page(query, day, html_file, corrections, lang)
        if not as_json:
            click.echo(f"{html_file}: what is recorded about {name}")
            return 0
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


def _page(query: str, day: datetime.date | None, file: Path, corrections: str | None, lang: str) -> str:
    """Write the page of one company, and give its name."""
    from waakzaam.knowledge import load
    from waakzaam.knowledge.corrections import corrections as address
    from waakzaam.report.company_page import close_to, company_named, render_company

    text, where = texts(lang), address(corrections)
    company = company_named(query, load())
    if company is None:
        near = ", ".join(close_to(query, load()))
        raise WaakzaamError(
            f"no company is recorded under {query!r}"
            + (f"; did you mean one of: {near}" if near else "; leave --html out to search all facts")
        )
    try:
        file.write_text(render_company(company, text, address=where, at=day), "utf-8")
    except OSError as error:
        raise WaakzaamError(f"{file}: cannot be written ({error.strerror}); name another file") from None
    return company.name
