"""Countries in which companies sit: adequacy decisions and laws of a day, and the debate about them.

That a company sits in a country is why its laws are shown; whether one of them applies to a transfer is not
decided here.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from waakzaam.knowledge import Facts, adequacy, laws_for, locations_of, owner_chain, unconfirmed
from waakzaam.knowledge.apps import App
from waakzaam.knowledge.dates import holds
from waakzaam.knowledge.laws import Law
from waakzaam.knowledge.model import Organisation
from waakzaam.report.sourced import References, Said
from waakzaam.report.words import Words

UNION = "EU"
"""Stands for the European Union, whose laws its members and those of the EEA have beside their own."""


@dataclass(frozen=True)
class LawTold:
    """A law that was in force on the day: its articles one by one, and who reads it how."""

    id: str
    name: str
    original: str | None
    state: Said
    note: str | None
    articles: tuple[Said, ...]
    debate: tuple[Said, ...]


@dataclass(frozen=True)
class Country:
    """What is recorded about a country, or about the EU (which has no adequacy decision), on a day."""

    code: str
    adequacy: str | None
    decision: Said | None
    laws: tuple[LawTold, ...]


def reasons(company: Organisation, day: datetime.date, base: Facts, words: Words) -> dict[str, list[str]]:
    """Say why which country is told of: code and reasons in words. Nothing that is not confirmed counts."""
    found: dict[str, list[str]] = {}
    for _, owned in owner_chain(company.id, day, base):
        if unconfirmed(owned):
            break
        if owned.country:
            found.setdefault(owned.country, []).append(words.t("reach.seat", owner=owned.owner))
    for place in locations_of(company.id, day, base):
        if not unconfirmed(place):
            where = words.text.name("place_kind", place.kind)
            found.setdefault(place.country, []).append(where if not place.name else f"{where}: {place.name}")
    for app in _apps(company, day, base):
        if app.country and app.operator and not unconfirmed(app):
            reason = words.t("reach.operator", operator=app.operator, app=app.name)
            found.setdefault(app.country, []).append(reason)
    for code in list(found):
        if any(each.country == code and holds(each.start, each.end, day) for each in base.members):
            found.setdefault(UNION, []).append(words.t("reach.member", country=words.country(code)))
    return {code: list(dict.fromkeys(each)) for code, each in found.items()}


def _apps(company: Organisation, day: datetime.date, base: Facts) -> Iterable[App]:
    for app in base.apps:
        if app.organisation == company.id and app.users == "EU" and holds(app.start, app.end, day):
            yield app


def country(
    code: str,
    day: datetime.date,
    base: Facts,
    refs: References,
    words: Words,
    until: datetime.date | None = None,
) -> Country:
    """Tell of one country on a day; of the debate what had been said ``until`` a day."""
    state = None if code == UNION else adequacy(code, day, base)
    return Country(
        code=code,
        adequacy=state and state.status,
        decision=state and refs.say(state.text, state),
        laws=tuple(
            _law(law, day, refs, words, until) for law in laws_for(code, day, base) if law.country == code
        ),
    )


def _law(
    law: Law, day: datetime.date, refs: References, words: Words, until: datetime.date | None
) -> LawTold:
    period = law.period(day) or law.periods[-1]
    parts = [
        words.t("law.adopted", date=law.adopted.isoformat()) if law.adopted else "",
        words.t("law.in_force", period=words.stretch(period.start, period.end)),
        period.note or "",
    ]
    return LawTold(
        id=law.id,
        name=law.name,
        original=law.original,
        state=refs.say(" ".join(part for part in parts if part), law if unconfirmed(law) else period),
        note=law.note,
        articles=tuple(refs.say(each.text, each, label=each.article) for each in law.articles(day)),
        debate=tuple(
            refs.say(
                each.text,
                each,
                by=each.by,
                date=each.date,
                label=words.text.name("statement_kind", each.kind),
            )
            for each in law.debate
            if each.date is None or until is None or each.date <= until
        ),
    )
