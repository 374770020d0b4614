"""The kinds of fact, as named tuples: quick to define, and an audit defines them at every start.

Every fact names its sources (ids of ``sources.toml``) and its confidence. Dates are calendar dates without
a zone, as the sources give them; ``dates.PartialDate`` where a source gives only the month or the year.

Here are the kinds that an audit needs. Those that only a person asks for (laws, transfers, devices, apps,
wire formats, advice) are in the modules named after them and are loaded when they are asked for.
"""

from __future__ import annotations

import datetime
import re
from functools import cache
from typing import NamedTuple

CONFIDENCE: dict[str, str] = {
    "C": "read in a stored copy of the source",
    "C2": "read only in a secondary report",
    "S": "in the vendor's own published source code",
    "D": "in published readings of the vendor's app code",
    "R": "in published third-party research",
    "T": "tested on a public sample",
    "B": "in public lists of host or package names",
    "M": "from memory, not confirmed",
}
"""What the letters mean. A fact of confidence ``M`` never supports anything alone."""

UNCONFIRMED = "M"

STATEMENT_KINDS = (
    "claim as reported",
    "technical text",
    "text of law",
    "answer",
    "assessment",
    "scope limit",
)
"""The kinds of statement; the difference between them is never lost."""

ROLES = (
    "telemetry",
    "advertising",
    "attribution",
    "crash reports",
    "push messages",
    "software updates",
    "configuration",
    "routing",
    "security scan",
    "web analytics",
    "analytics for other apps",
)
"""What a host can be for: a closed list, so that every vendor is described with the same words."""

GROUPS = (
    "hardware-id",
    "resettable-id",
    "app-id",
    "browsing",
    "contact",
    "location",
    "network",
    "person",
    "usage",
    "content",
)
"""Groups of data that rules and policies speak about."""


PLACES = ("incorporated", "principal office", "operations", "towards EU users")
"""In which sense an organisation sits somewhere: on paper, by its filing, by its work, for EU users."""


@cache
def host_regex(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Turn host patterns into one expression for ``fullmatch``.

    ``*`` stands for any characters within a label; a leading ``*.`` for one or more labels.
    """
    parts = []
    for pattern in patterns:
        head, rest = ("(?:[^.]+\\.)+", pattern[2:]) if pattern.startswith("*.") else ("", pattern)
        parts.append(head + "[^.]*".join(re.escape(piece) for piece in rest.split("*")))
    return re.compile("|".join(parts))


class Source(NamedTuple):
    """Where a fact comes from; ``url`` is text and is never opened."""

    id: str
    title: str
    publisher: str
    kind: str  # primary | press | secondary | own | memory
    read: datetime.date
    date: datetime.date | None = None
    url: str | None = None
    note: str | None = None
    archived: bool = True  # its text was read in a stored copy; else only its address is known

    def cite(self) -> str:
        """Give one line for a report: publisher, title, date if known, date of reading."""
        when = f", {self.date.isoformat()}" if self.date else ""
        return f"{self.publisher}: {self.title}{when} (read {self.read.isoformat()})"


class Ownership(NamedTuple):
    """Who owned an organisation from ``start`` (inclusive) to ``end`` (exclusive); ``None`` is open."""

    owner: str
    confidence: str
    source: tuple[str, ...]
    city: str | None = None
    country: str | None = None  # ISO 3166-1 alpha-2
    start: datetime.date | None = None
    end: datetime.date | None = None
    note: str | None = None
    parent: str | None = None  # id of the owner, where it is an organisation of its own here


class Location(NamedTuple):
    """Where an organisation sits in one sense: ``kind`` is one of ``PLACES``."""

    kind: str
    country: str  # ISO 3166-1 alpha-2
    confidence: str
    source: tuple[str, ...]
    city: str | None = None
    name: str | None = None  # legal name of the company there
    start: datetime.date | None = None
    end: datetime.date | None = None
    note: str | None = None


class Organisation(NamedTuple):
    """A company that hosts or phones are counted to."""

    id: str
    name: str
    brands: tuple[str, ...]
    ownership: tuple[Ownership, ...]
    locations: tuple[Location, ...] = ()

    def owned(self, at: datetime.date | None = None) -> Ownership | None:
        """Give the ownership valid on a day; without a day the latest one."""
        if not self.ownership:
            return None
        if at is None:
            return self.ownership[-1]
        for row in self.ownership:
            if (row.start is None or row.start <= at) and (row.end is None or at < row.end):
                return row
        return None


class Label(NamedTuple):
    """What some hosts of a vendor are for."""

    role: str
    patterns: tuple[str, ...]
    confidence: str
    source: tuple[str, ...]
    note: str | None = None
    first_seen: datetime.date | None = None  # date of the oldest source read that has it
    last_seen: datetime.date | None = None  # and of the newest

    def names(self, host: str) -> bool:
        """Say whether a host (lower case) is one of these."""
        return host_regex(self.patterns).fullmatch(host) is not None


class Vendor(NamedTuple):
    """The host names counted to one organisation (its id)."""

    organisation: str
    suffixes: tuple[str, ...]
    labels: tuple[Label, ...]
    confidence: str
    source: tuple[str, ...]


class Hosting(NamedTuple):
    """Names under which unrelated customers of one provider keep their servers."""

    provider: str
    suffixes: tuple[str, ...]
    confidence: str
    source: tuple[str, ...]


class Statement(NamedTuple):
    """One sentence of a case: who said what, when, and of which kind it is."""

    kind: str
    by: str
    text: str
    confidence: str
    source: tuple[str, ...]
    date: datetime.date | None = None


class Modifier(NamedTuple):
    """A field value that changes the severity of what was seen."""

    field: str
    values: tuple[str, ...]
    effect: str  # raise | lower
    why: str
    confidence: str
    source: tuple[str, ...]


class Case(NamedTuple):
    """A reported case with the statements of all sides."""

    id: str
    title: str
    date: datetime.date
    organisation: str
    also: tuple[str, ...]
    subject: str
    data: tuple[str, ...]
    hosts: tuple[str, ...]
    fields: tuple[str, ...]
    transport: str | None
    disguise: str | None
    encoding: str | None
    statements: tuple[Statement, ...]
    modifiers: tuple[Modifier, ...]
    confidence: str
    source: tuple[str, ...]
    note: str | None = None

    def of_kind(self, *kinds: str) -> tuple[Statement, ...]:
        """Give the statements of some kinds, for example the answers."""
        return tuple(each for each in self.statements if each.kind in kinds)

    def names_host(self, host: str) -> bool:
        """Say whether the case names this host (lower case, no trailing dot)."""
        return bool(self.hosts) and host_regex(self.hosts).fullmatch(host) is not None


class News(NamedTuple):
    """What was said in the news item that the tool grew from."""

    id: str
    date: datetime.date
    by: str
    kind: str
    text: str
    confidence: str
    source: tuple[str, ...]
    original: str | None = None


class Compare(NamedTuple):
    """A sentence as it went round, beside what the primary material says."""

    id: str
    statement: str
    statement_source: tuple[str, ...]
    primary: str
    date: datetime.date
    confidence: str
    source: tuple[str, ...]


class Datum(NamedTuple):
    """A kind of data; ``sensitivity`` is 1 (helps to single out) to 3 (tells by itself)."""

    id: str
    label: str
    group: str
    sensitivity: int
    confidence: str
    source: tuple[str, ...]
    dpv: str | None = None
    note: str | None = None


class Field(NamedTuple):
    """Field names that say which datum their value is, and how such a value looks."""

    names: tuple[str, ...]
    datum: str
    pattern: str
    regex: re.Pattern[str]
    rejects: frozenset[str]
    confidence: str
    source: tuple[str, ...]
    note: str | None = None

    def fits(self, value: str) -> bool:
        """Say whether a value looks like the datum and is no placeholder."""
        return self.regex.fullmatch(value) is not None and value.lower() not in self.rejects


class SearchEngine(NamedTuple):
    """Where a search engine writes the words searched for."""

    name: str
    hosts: tuple[str, ...]
    subdomains: bool
    parameters: tuple[str, ...]
    paths: tuple[str, ...]
    confidence: str
    source: tuple[str, ...]

    def covers(self, host: str, path: str) -> bool:
        """Say whether this is one of its search pages (host lower case)."""
        if self.paths and not path.startswith(self.paths):
            return False
        return _engine_regex(self.hosts, self.subdomains).fullmatch(host) is not None


@cache
def _engine_regex(hosts: tuple[str, ...], subdomains: bool) -> re.Pattern[str]:
    # "name.*" covers country endings: one label, or a generic second level and a country (co.uk, com.tr).
    ending = r"(?:[a-z]{2,3}|(?:com?|org|net)\.[a-z]{2})"
    parts = [re.escape(host[:-1]) + ending if host.endswith(".*") else re.escape(host) for host in hosts]
    return re.compile((r"(?:[^.]+\.)*" if subdomains else "") + f"(?:{'|'.join(parts)})")
