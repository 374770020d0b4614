"""What is recorded about a company in order of time: owners, laws, cases, decisions and answers."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from waakzaam.knowledge import Facts
from waakzaam.knowledge.advice import Advice
from waakzaam.knowledge.model import News, Organisation, Statement
from waakzaam.knowledge.query import Sourced
from waakzaam.report.sourced import References, Said
from waakzaam.report.timeline import Strip, bars
from waakzaam.report.words import Words

OF_COUNTRIES = ("law", "decision")
"""Kinds that belong to a country: left out where a page tells of several companies."""
KINDS = ("owner", "place", "app", "claim", "answer", "technical", "assessment", "law", "decision", "advice")
"""Kinds of event, in the order in which they are listed; the same for every company."""
Story = tuple[str, Iterable[Statement | News]]
YEARS_WIDE = 96
_OF_STATEMENT = {
    "claim as reported": "claim",
    "answer": "answer",
    "technical text": "technical",
    "text of law": "technical",
    "assessment": "assessment",
}
_FULL = 12


@dataclass(frozen=True)
class Lane:
    """All events of one kind on the same axis of years."""

    kind: str
    count: int
    strip: Strip


@dataclass(frozen=True)
class Event:
    """One day: what kind of event, and what."""

    day: datetime.date
    kind: str
    said: Said


@dataclass(frozen=True)
class Chronology:
    """Events in order, and the lanes that show them over the years ``first`` to ``last``."""

    events: tuple[Event, ...]
    lanes: tuple[Lane, ...]
    first: str
    last: str
    with_laws: bool


class _Events:
    """Collects events of one company up to a day."""

    def __init__(self, refs: References, words: Words, until: datetime.date) -> None:
        self.refs, self.words, self.until = refs, words, until
        self.found: list[Event] = []

    def add(
        self, day: datetime.date | None, kind: str, text: str, row: Sourced, by: str | None = None
    ) -> None:
        """Add an event whose day is known and not later than the last one that is told."""
        if day is not None and day <= self.until:
            said = self.refs.say(text, row, by=by, date=day)
            self.found.append(Event(day, kind, said))


def chronology(
    company: Organisation,
    countries: Iterable[str] | None,
    stories: Iterable[Story],
    advice: Iterable[Advice],
    base: Facts,
    refs: References,
    words: Words,
    until: datetime.date,
) -> Chronology | None:
    """Put what is recorded in order of time; None where nothing with a day is recorded.

    Args:
        company: whose.
        countries: codes of the countries whose laws and decisions are told; None: without them.
        stories: cases and news in which it is named: titles and statements.
        advice: rows of ``advice.toml`` that name it.
        base: the facts.
        refs: collects the sources.
        words: of the language.
        until: the last day that is told of.
    """
    events = _Events(refs, words, until)
    _owners(company, events)
    _apps(company, base, events)
    for title, statements in stories:
        for each in statements:
            if each.kind in _OF_STATEMENT:
                text = words.t("event.statement", title=title)
                events.add(each.date, _OF_STATEMENT[each.kind], text, each, each.by)
    for code in dict.fromkeys(countries or ()):
        _country(code, base, events)
    for row in advice:
        events.add(row.date, "advice", row.text, row, row.body)
    found = sorted(dict.fromkeys(events.found), key=lambda each: (each.day, KINDS.index(each.kind)))
    if not found:
        return None
    kinds = [kind for kind in KINDS if countries is not None or kind not in OF_COUNTRIES]
    first, last = found[0].day.year, found[-1].day.year + 1
    return Chronology(
        tuple(found),
        tuple(_lanes(found, first, last, kinds)),
        str(first),
        str(last - 1),
        countries is not None,
    )


def _owners(company: Organisation, events: _Events) -> None:
    t = events.words.t
    for owned in company.ownership:
        events.add(owned.start, "owner", t("event.owner", owner=owned.owner), owned)
        if owned.end and all(other.start != owned.end for other in company.ownership):
            events.add(owned.end, "owner", t("event.owner_end", owner=owned.owner), owned)
    for place in company.locations:
        sense = events.words.text.name("place_kind", place.kind)
        where = events.words.where(place.city, place.country)
        events.add(place.start, "place", t("event.place", sense=sense, where=where), place)
        events.add(place.end, "place", t("event.place_end", sense=sense, where=where), place)


def _apps(company: Organisation, base: Facts, events: _Events) -> None:
    t = events.words.t
    for brand in base.brands:
        if brand.organisation == company.id:
            events.add(brand.start, "app", t("event.brand", brand=brand.brand, maker=brand.maker), brand)
            events.add(brand.end, "app", t("event.brand_end", brand=brand.brand, maker=brand.maker), brand)
    for app in base.apps:
        if app.organisation == company.id and app.operator:
            named = {"app": app.name, "operator": app.operator, "users": events.words.country(app.users)}
            events.add(app.start, "app", t("event.app", **named), app)
            events.add(app.end, "app", t("event.app_end", **named), app)


def _country(code: str, base: Facts, events: _Events) -> None:
    t = events.words.t
    for law in base.laws.values():
        if law.country != code:
            continue
        first = law.periods[0]
        if law.adopted != first.start:
            events.add(law.adopted, "law", t("event.law_adopted", law=law.name), law)
        for period in law.periods:
            state = events.words.text.name("law_state", period.state)
            both = period is first and law.adopted == first.start
            key = "event.law_at_once" if both else "event.law_state"
            events.add(period.start, "law", t(key, law=law.name, state=state), period)
    for row in base.adequacy:
        if row.country == code and row.kind != "none":
            events.add(row.start, "decision", t("event.decision", name=row.name, title=row.title), row)
            ended = t("event.decision_end", name=row.name, title=row.title, why=row.ended_by or "")
            events.add(row.end, "decision", ended, row)


def _lanes(events: list[Event], first: int, last: int, kinds: Iterable[str]) -> Iterator[Lane]:
    begin = datetime.date(first, 1, 1).toordinal()
    whole = datetime.date(last, 1, 1).toordinal() - begin
    fifths = (
        datetime.date(year, 1, 1).toordinal() - begin for year in range(first + 1, last) if year % 5 == 0
    )
    borders = "".join(f"M{days * YEARS_WIDE / whole:.1f} 0v{_FULL}" for days in fifths)
    for kind in kinds:
        days = [each.day for each in events if each.kind == kind]
        cells = {(day.toordinal() - begin) * YEARS_WIDE // whole for day in days}
        yield Lane(kind, len(days), Strip(YEARS_WIDE, "", "", bars(cells, _FULL), borders))
