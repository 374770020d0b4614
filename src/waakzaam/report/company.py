"""All that the facts say of one company, in the same order and the same words for every company."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from waakzaam.knowledge import Facts, Source, cases_of, laws_for, owner_chain, unconfirmed
from waakzaam.knowledge.advice import Advice
from waakzaam.knowledge.apps import App
from waakzaam.knowledge.devices import Preinstalled
from waakzaam.knowledge.model import Case, Compare, Location, News, Organisation, Ownership, Statement
from waakzaam.knowledge.shown.cases import NEWS as NEWS_TITLE
from waakzaam.report.chronology import Chronology, chronology
from waakzaam.report.countries import Country, country, reasons
from waakzaam.report.sourced import References, Said
from waakzaam.report.words import Words

NEWS = "news"
"""Id of the news of 2021 where it is shown as a case."""
_VOICES = {
    "claim": ("claim as reported",),
    "answer": ("answer",),
    "technical": ("technical text", "text of law"),
    "others": ("assessment",),
    "scope": ("scope limit",),
}


@dataclass(frozen=True)
class CaseTold:
    """A reported case, its voices apart; ``own_answer``: an answer of the company itself is recorded."""

    id: str
    title: str
    date: str
    subject: str
    unconfirmed: bool
    claim: tuple[Said, ...]
    answer: tuple[Said, ...]
    technical: tuple[Said, ...]
    others: tuple[Said, ...]
    scope: tuple[Said, ...]
    own_answer: bool


@dataclass(frozen=True)
class Reach:
    """A country whose laws are told, and why."""

    code: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Company:
    """A page. Every part is there for every company; what is empty is told in ``unknown``."""

    id: str
    name: str
    day: str
    owner: str | None  # topmost on that day, if it is confirmed
    seat: str | None
    names: tuple[str, ...]
    chain: tuple[Said, ...]
    history: tuple[Said, ...]
    places: tuple[Said, ...]
    brands: tuple[Said, ...]
    apps: tuple[Said, ...]
    hosts: tuple[Said, ...]
    other: tuple[Said, ...]
    cases: tuple[CaseTold, ...]
    reach: tuple[Reach, ...]
    advice: tuple[Said, ...]
    chronology: Chronology | None
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Companies:
    """Companies, the countries in which they sit, and the sources of all of it."""

    told: tuple[Company, ...]
    countries: tuple[Country, ...]
    sources: tuple[tuple[int, Source], ...]
    letters: tuple[str, ...]
    day: str


def companies(
    chosen: Iterable[Organisation],
    day: datetime.date,
    base: Facts,
    words: Words,
    until: datetime.date | None = None,
    *,
    together: bool = False,
) -> Companies:
    """Tell of companies.

    Args:
        chosen: which, in the order in which they are shown.
        day: owners, laws and decisions are those of this day.
        base: the facts.
        words: of the language.
        until: leave out what was said or began after this day; default: tell all of it, with its date.
        together: they stand on one page: laws and decisions are told once per country, not in the order of
            time of each company.
    """
    refs = References(base)
    told = tuple(
        _Teller(each, day, until or base.as_of, base, refs, words).tell(together=together) for each in chosen
    )
    codes = dict.fromkeys(reach.code for each in told for reach in each.reach)
    countries = tuple(country(code, day, base, refs, words, until) for code in sorted(codes))
    return Companies(told, countries, refs.sources(), refs.letters(), day.isoformat())


def names_of(company: Organisation, base: Facts) -> tuple[str, ...]:
    """Give the names under which a company is spoken of: its own, its brands, its apps."""
    plain, _, inner = company.name.partition(" (")
    names = [plain, *inner.removesuffix(")").split(", "), *company.brands]
    names += [app.name for app in base.apps if app.organisation == company.id]
    return tuple(dict.fromkeys(name for name in names if len(name) > 1))


class _Teller:
    def __init__(
        self,
        company: Organisation,
        day: datetime.date,
        until: datetime.date,
        base: Facts,
        refs: References,
        words: Words,
    ) -> None:
        self.company, self.day, self.until = company, day, until
        self.base, self.refs, self.words = base, refs, words
        names = names_of(company, base)
        # Newspapers write names in capitals as other names: Oppo.
        spelt = {*names, *(name.capitalize() for name in names if name.isupper() and len(name) > 3)}
        one_of = "|".join(map(re.escape, sorted(spelt))) or "(?!)"  # without a name nothing names it
        self._named = re.compile(rf"(?<!\w)(?:{one_of})(?!\w)")

    def tell(self, *, together: bool) -> Company:
        """Put all of it together."""
        company, base, words = self.company, self.base, self.words
        chain = owner_chain(company.id, self.day, base)
        top = chain[-1][1] if chain and not any(unconfirmed(owned) for _, owned in chain) else None
        cases = cases_of(company.id, self.until, base)
        advice = [each for each in base.advice if self._advised(each)]
        reach = reasons(company, self.day, base, words)
        made = Company(
            id=company.id,
            name=company.name,
            day=self.day.isoformat(),
            owner=top.owner if top else None,
            seat=words.where(top.city, top.country) if top and top.country else None,
            names=tuple(name for name in names_of(company, base) if name != company.name),
            chain=tuple(
                # What is known of the company's own owner stands in the history below.
                self._owned(owned._replace(note=owned.note if place else None), one.name)
                for place, (one, owned) in enumerate(chain)
            ),
            history=tuple(self._history()),
            places=tuple(self._places()),
            brands=tuple(self._brands()),
            apps=tuple(self._apps()),
            hosts=(*self._hosts(), *self._addresses()),
            other=tuple(self._other()),
            cases=tuple(self._cases(cases, advice)),
            reach=tuple(Reach(code, tuple(why)) for code, why in reach.items()),
            advice=tuple(self._advice(advice)),
            chronology=chronology(
                company,
                None if together else reach,
                [
                    *((case.title, case.statements) for case in cases if not unconfirmed(case)),
                    *((NEWS_TITLE, each) for each in [self._news(advice)] if each),
                ],
                advice,
                base,
                self.refs,
                words,
                self.until,
            ),
            unknown=(),
        )
        return replace(made, unknown=tuple(self._unknown(made)))

    def _told(self, day: datetime.date | None) -> bool:
        return day is None or day <= self.until

    def _advised(self, row: Advice) -> bool:
        return self._told(row.date) and bool(self._named.search(f"{row.text} {row.note or ''}"))

    def _owned(self, row: Ownership, label: str | None = None) -> Said:
        where = self.words.where(row.city, row.country)
        text = self.words.t("company.owned", owner=row.owner, seat=where)
        return self.refs.say(_noted(text, row.note), row, date=row.start, end=row.end, label=label)

    def _history(self) -> Iterator[Said]:
        for row in self.company.ownership:
            if self._told(row.start):
                text = self.words.t("company.seat", seat=self.words.where(row.city, row.country))
                said = _noted(text, row.note)
                yield self.refs.say(said, row, date=row.start, end=row.end, label=row.owner)

    def _places(self) -> Iterator[Said]:
        for row in self.company.locations:
            if self._told(row.start):
                where = self.words.where(row.city, row.country)
                text = f"{row.name}, {where}" if row.name else where
                sense = self.words.text.name("place_kind", row.kind)
                yield self.refs.say(_noted(text, row.note), row, date=row.start, end=row.end, label=sense)

    def _brands(self) -> Iterator[Said]:
        for row in self.base.brands:
            if row.organisation == self.company.id and self._told(row.start):
                text = self.words.t("company.maker", maker=row.maker)
                said = _noted(text, row.note)
                yield self.refs.say(said, row, date=row.start, end=row.end, label=row.brand)

    def _apps(self) -> Iterator[Said]:
        packages: dict[str, list[str]] = {}
        for package in self.base.packages.values():
            packages.setdefault(package.app, []).append(package.name)
        for row in self.base.apps:
            if row.organisation != self.company.id or not self._told(row.start):
                continue
            t, country = self.words.t, self.words.country
            users = country(row.users)
            if row.operator:
                where = self.words.join((row.operator, country(row.country))) if row.country else row.operator
                text = t("company.operator", users=users, operator=where)
            else:
                text = t("company.no_operator", users=users)
            if row.id in packages:
                text = t("company.packages", text=text, names=self.words.join(packages[row.id]))
            yield self.refs.say(_noted(text, row.note), row, date=row.start, end=row.end, label=row.name)

    def _hosts(self) -> Iterator[Said]:
        for vendor in self.base.vendors:
            if vendor.organisation != self.company.id:
                continue
            names = self.words.t("company.suffixes")
            yield self.refs.say(", ".join(vendor.suffixes), vendor, label=names)
            for row in vendor.labels:
                if self._told(row.first_seen):
                    role = self.words.text.name("host_role", row.role)
                    text = _noted(", ".join(row.patterns), row.note)
                    yield self.refs.say(text, row, date=row.first_seen, end=row.last_seen, label=role)

    def _addresses(self) -> Iterator[Said]:
        """Networks that the company keeps for itself, and public servers that are known by their address."""
        t, base, id_ = self.words.t, self.base, self.company.id
        for own in base.own_networks.values():
            if own.organisation == id_:
                yield self.refs.say(_noted(own.network, own.note), own, label=t("company.network"))
        for server in base.anycast.values():
            if server.organisation == id_:
                text = _noted(f"{server.address}, {server.service}", server.note)
                yield self.refs.say(text, server, label=t("company.server"))

    def _other(self) -> Iterator[Said]:
        t = self.words.t
        for card in self.base.network_cards.values():
            if card.organisation == self.company.id:
                yield self.refs.say(_noted(card.vendor, card.note), card, label=t("company.card"))
        groups: dict[tuple[str, tuple[str, ...]], list[Preinstalled]] = {}
        for row in self.base.preinstalled:
            if row.organisation == self.company.id:
                groups.setdefault((row.confidence, row.source), []).append(row)
        for rows in groups.values():
            listed = ", ".join(f"{row.name}{f' ({row.role})' if row.role else ''}" for row in rows)
            yield self.refs.say(listed, rows[0], label=t("company.preinstalled"))
        for form in self.base.wire_formats.values():
            if form.organisation == self.company.id:
                text = t(
                    "company.format_text",
                    name=form.name,
                    protection=form.protection,
                    readable=form.readable,
                )
                yield self.refs.say(text, form, label=t("company.format"))
        for share in self.base.market_shares:
            if share.organisation == self.company.id:
                what = (
                    f"{share.percent} %" if share.percent is not None else t("company.rank", rank=share.rank)
                )
                parts = (self.words.country(share.country), share.period, what, share.measure, share.by)
                yield self.refs.say(_noted(", ".join(parts), share.note), share, label=t("company.share"))

    def _cases(self, cases: Iterable[Case], advice: Iterable[Advice]) -> Iterator[CaseTold]:
        for case in cases:
            said = tuple(self._statements(case.statements))
            yield self._case(case.id, case.title, case.date, case.subject, unconfirmed(case), said)
        told = self._news(advice)
        if told:
            compared = (
                ("technical text", self.refs.say(each.primary, each, by=self._went_round(each)))
                for each in self.base.news[1]
            )
            said = (*self._statements(told), *compared)
            yield self._case(NEWS, NEWS_TITLE, min(each.date for each in told), "", False, said)

    def _news(self, advice: Iterable[Advice]) -> tuple[News, ...]:
        """Give the whole news where an advice that was in it names the company, or the company answered."""
        told = tuple(each for each in self.base.news[0] if self._told(each.date))
        sources = {one for each in told for one in each.source if each.kind == "claim as reported"}
        if any(sources & set(each.source) for each in advice) or any(self._answered(each) for each in told):
            return told
        return ()

    def _answered(self, each: News) -> bool:
        return each.kind == "answer" and bool(self._named.search(each.by))

    def _went_round(self, each: Compare) -> str:
        return self.words.t("company.went_round", statement=each.statement)

    def _statements(self, rows: Iterable[Statement | News]) -> Iterator[tuple[str, Said]]:
        for each in rows:
            if self._told(each.date):
                yield each.kind, self.refs.say(each.text, each, by=each.by, date=each.date)

    def _case(
        self,
        id_: str,
        title: str,
        day: datetime.date,
        subject: str,
        memory: bool,
        statements: tuple[tuple[str, Said], ...],
    ) -> CaseTold:
        voices = {
            name: tuple(said for kind, said in statements if kind in kinds) for name, kinds in _VOICES.items()
        }
        own = any(self._named.search(each.by or "") for each in voices["answer"])
        return CaseTold(id_, title, day.isoformat(), subject, memory, own_answer=own, **voices)

    def _advice(self, rows: Iterable[Advice]) -> Iterator[Said]:
        for row in sorted(rows, key=lambda each: each.date or datetime.date.min):
            by = f"{row.body} ({self.words.country(row.country)})"
            yield self.refs.say(_noted(row.text, row.note), row, by=by, date=row.date)

    def _unknown(self, made: Company) -> Iterator[str]:
        """Say plainly what is not recorded; the same questions for every company."""
        t = self.words.t
        if made.owner is None:
            yield t("not_known.owner_unconfirmed" if made.chain else "not_known.owner", day=made.day)
        elif made.seat is None:
            yield t("not_known.seat", day=made.day)
        for key in ("places", "brands", "apps", "hosts", "cases", "advice"):
            if not getattr(made, key):
                yield t(f"not_known.{key}")
        facing: tuple[Location | App, ...] = (
            *self.company.locations,
            *(app for app in self.base.apps if app.organisation == made.id),
        )
        if not any(_faces_the_eu(row) for row in facing):
            yield t("not_known.eu")
        silent = [case.title for case in made.cases if case.claim and not case.own_answer]
        if silent:
            yield t("not_known.answers", count=len(silent), titles="; ".join(silent))
        for reach in made.reach:
            if not laws_for(reach.code, self.day, self.base):
                yield t("not_known.laws", country=self.words.country(reach.code))
        yield t("not_known.shares")
        yield t("not_known.always")


def _faces_the_eu(row: Location | App) -> bool:
    if unconfirmed(row):
        return False
    return (
        row.kind == "towards EU users"
        if isinstance(row, Location)
        else bool(row.operator) and row.users == "EU"
    )


def _noted(text: str, note: str | None) -> str:
    return f"{text.removesuffix('.')}. {note}" if note else text
