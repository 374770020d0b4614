"""The page about one company: the same parts in the same order for every company."""

from __future__ import annotations

import datetime

from markupsafe import Markup

from waakzaam import __version__
from waakzaam.knowledge import Facts, Organisation, load
from waakzaam.knowledge.model import Vendor
from waakzaam.report.company import companies
from waakzaam.report.html import environment, policy, style_sheet
from waakzaam.report.text import Text
from waakzaam.report.words import Words

SUGGESTED = 5
"""Names that are suggested where no company is meant."""


def company_named(query: str, base: Facts) -> Organisation | None:
    """Give the company that is meant by an id, a name, a brand, an app, a package or a host, in any case."""
    from waakzaam.knowledge import organisation

    found = organisation(query, base)
    if found is not None:
        return found
    wanted = query.casefold()
    package = base.packages.get(query)
    for app in base.apps:
        if wanted in (app.id, app.name.casefold()) or (package and package.app == app.id):
            return base.organisations[app.organisation]
    for each in base.organisations.values():
        if wanted in (part.casefold() for part in each.name.replace(")", "").replace(" (", ", ").split(", ")):
            return each
    host = base.host(wanted.removesuffix("."))
    return base.organisations[host[1].organisation] if host and isinstance(host[1], Vendor) else None


def close_to(query: str, base: Facts) -> tuple[str, ...]:
    """Give names of companies that hold the first word of a query, or begin like it."""
    word = (query.casefold().split() or [""])[0]
    named = (each.name for each in base.organisations.values())
    return tuple(
        name for name in named if word and (word in name.casefold() or name.casefold()[:3] == word[:3])
    )[:SUGGESTED]


def render_company(
    company: Organisation,
    text: Text,
    *,
    address: str,
    at: datetime.date | None = None,
    facts: Facts | None = None,
) -> str:
    """Return the page.

    Args:
        company: whose.
        text: of the language.
        address: where to ask for a correction.
        at: as it was, and as far as it had been said, on this day; default: the latest state.
        facts: default: those of ``load``.
    """
    base = load() if facts is None else facts
    words = Words(text)
    style = style_sheet()
    return (
        environment()
        .get_template("company.html.j2")
        .render(
            companies=companies([company], at or base.as_of, base, words, at),
            about=frozenset((company.id,)),
            corrections=address,
            version=__version__,
            as_of=base.as_of.isoformat(),
            origin=base.origin,
            text=text,
            t=text.t,
            words=words,
            style=Markup(style),  # noqa: S704 (our own file)
            policy=policy(style),
        )
    )
