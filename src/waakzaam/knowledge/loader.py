"""Loads the facts, each subject when it is first asked for, and checks them.

One file per subject; nothing is downloaded. ``load()`` gives the packaged facts and is cached.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from waakzaam.cache import data_folder
from waakzaam.knowledge.model import (
    CONFIDENCE,
    GROUPS,
    PLACES,
    ROLES,
    STATEMENT_KINDS,
    UNCONFIRMED,
    Case,
    Compare,
    Datum,
    Field,
    Hosting,
    Label,
    Location,
    Modifier,
    News,
    Organisation,
    Ownership,
    SearchEngine,
    Source,
    Statement,
    Vendor,
)
from waakzaam.knowledge.rows import FactsError, Folder, Row, lines, read
from waakzaam.knowledge.subjects import Subjects

T = TypeVar("T")

PACKAGED = Path(__file__).parent
"""Folder of the facts that came with the program."""

_SUFFIX = re.compile(r"(?:[a-z0-9-]+\.)+[a-z0-9-]+")

HOST_MAXIMUM = 253
"""Longest host name that is looked up (RFC 1035 section 2.3.4, without the final dot)."""


class Facts(Subjects):
    """All facts of one folder. Every property is read and checked when first used, then kept."""

    def __init__(self, folder: Folder, origin: str = "") -> None:
        """Take the folder, and where it comes from in words; nothing is read yet."""
        self._folder = folder
        self.origin = origin or "given"

    def rows(self, file: str, key: str) -> Iterable[Row]:
        """Rows of one kind of a TOML file that has only this kind."""
        top = read(self._folder.joinpath(f"{file}.toml"))
        yield from top.rows(key)
        top.close()

    def table(self, file: str) -> Iterable[Row]:
        """Rows of a CSV file."""
        return lines(self._folder.joinpath(f"{file}.csv"))

    def sourced(self, row: Row) -> tuple[str, ...]:
        """Give the sources of a row after checking that each is known and that memory is marked."""
        ids = row.source()
        known = self.sources
        memory = True
        for one in ids:
            if one not in known:
                raise row.fail(f"the source '{one}' is not in sources.toml")
            memory = memory and known[one].kind == "memory"
        if memory and row.confidence() != UNCONFIRMED:
            raise row.fail("rests on memory alone; its confidence must be 'M'")
        return ids

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Sources by id."""
        found: dict[str, Source] = {}
        for row in self.rows("sources", "source"):
            source = Source(
                id=row.text("id"),
                title=row.text("title"),
                publisher=row.text("publisher"),
                kind=row.text("kind", choices=("primary", "press", "secondary", "own", "memory")),
                read=row.day("read"),
                date=row.day_or_none("date"),
                url=row.text_or_none("url"),
                note=row.text_or_none("note"),
                archived=row.flag("archived", True),
            )
            if source.date and source.date > source.read:
                raise row.fail(f"is dated {source.date}, after it was read")
            _add(found, source.id, source, row)
        return MappingProxyType(found)

    @cached_property
    def organisations(self) -> Mapping[str, Organisation]:
        """Organisations by id."""
        found: dict[str, Organisation] = {}
        for row in self.rows("organisations", "organisation"):
            owned = tuple(self._ownership(inner) for inner in row.rows("ownership"))
            for before, after in pairwise(owned):
                if before.end is None or after.start is None or before.end > after.start:
                    raise row.fail("its ownership rows overlap or are not in order of time")
            organisation = Organisation(
                id=row.text("id"),
                name=row.text("name"),
                brands=row.texts("brands"),
                ownership=owned,
                locations=tuple(self._location(inner) for inner in row.rows("location")),
            )
            _add(found, organisation.id, organisation, row)
        for each in found.values():
            for owner in each.ownership:
                if owner.parent is not None and owner.parent not in found:
                    raise FactsError(f"organisations.toml, {each.id}: no organisation '{owner.parent}'")
        return MappingProxyType(found)

    def _ownership(self, row: Row) -> Ownership:
        start, end = row.period()
        return Ownership(
            owner=row.text("owner"),
            confidence=row.confidence(),
            source=self.sourced(row),
            city=row.text_or_none("city"),
            country=row.country_or_none(),
            start=start,
            end=end,
            note=row.text_or_none("note"),
            parent=row.text_or_none("parent"),
        )

    def _location(self, row: Row) -> Location:
        start, end = row.period()
        return Location(
            kind=row.text("kind", choices=PLACES),
            country=row.country(),
            confidence=row.confidence(),
            source=self.sourced(row),
            city=row.text_or_none("city"),
            name=row.text_or_none("name"),
            start=start,
            end=end,
            note=row.text_or_none("note"),
        )

    @cached_property
    def vendors(self) -> tuple[Vendor, ...]:
        """Host names by vendor."""
        found = []
        for row in self.rows("hosts", "vendor"):
            organisation = row.text("organisation")
            if organisation not in self.organisations:
                raise row.fail(f"the organisation '{organisation}' is not in organisations.toml")
            labels = []
            for inner in row.rows("label"):
                labels.append(
                    Label(
                        role=inner.text("role", choices=ROLES),
                        patterns=inner.texts("patterns", required=True),
                        confidence=inner.confidence(),
                        source=self.sourced(inner),
                        note=inner.text_or_none("note"),
                        first_seen=inner.day_or_none("first_seen"),
                        last_seen=inner.day_or_none("last_seen"),
                    )
                )
            found.append(
                Vendor(
                    organisation=organisation,
                    suffixes=_suffixes(row),
                    labels=tuple(labels),
                    confidence=row.confidence(),
                    source=self.sourced(row),
                )
            )
        return tuple(found)

    @cached_property
    def hosting(self) -> tuple[Hosting, ...]:
        """Names of shared clouds and delivery networks."""
        return tuple(
            Hosting(
                provider=row.text("provider"),
                suffixes=_suffixes(row),
                confidence=row.confidence(),
                source=self.sourced(row),
            )
            for row in self.rows("hosting", "hosting")
        )

    @cached_property
    def _suffix_index(self) -> dict[str, Vendor | Hosting]:
        index: dict[str, Vendor | Hosting] = {}
        owners: tuple[Vendor | Hosting, ...] = (*self.vendors, *self.hosting)
        for owner in owners:
            for suffix in owner.suffixes:
                if suffix in index:
                    raise FactsError(f"hosts.toml, hosting.toml: '{suffix}' is listed twice; keep one")
                index[suffix] = owner
        return index

    def host(self, host: str) -> tuple[str, Vendor | Hosting] | None:
        """Give the longest suffix of a host (lower case, A-labels) that is known, and whose it is."""
        if len(host) > HOST_MAXIMUM:
            return None
        rest = host
        while rest:
            if (owner := self._suffix_index.get(rest)) is not None:
                return rest, owner
            _, _, rest = rest.partition(".")
        return None

    @cached_property
    def cases(self) -> Mapping[str, Case]:
        """Reported cases by id."""
        found: dict[str, Case] = {}
        for row in self.rows("cases", "case"):
            case = self._case(row)
            for known, where in (
                *((one, self.organisations) for one in (case.organisation, *case.also)),
                *((one, self.data) for one in case.data),
            ):
                if known not in where:
                    raise row.fail(f"'{known}' is not in organisations.toml or data.toml")
            _add(found, case.id, case, row)
        return MappingProxyType(found)

    def _case(self, row: Row) -> Case:
        return Case(
            id=row.text("id"),
            title=row.text("title"),
            date=row.day("date"),
            organisation=row.text("organisation"),
            also=row.texts("also"),
            subject=row.text("subject"),
            data=row.texts("data"),
            hosts=row.texts("hosts"),
            fields=row.texts("fields"),
            transport=row.text_or_none("transport"),
            disguise=row.text_or_none("disguise"),
            encoding=row.text_or_none("encoding"),
            statements=tuple(
                Statement(
                    kind=inner.text("kind", choices=STATEMENT_KINDS),
                    by=inner.text("by"),
                    text=inner.text("text"),
                    confidence=inner.confidence(),
                    source=self.sourced(inner),
                    date=inner.day_or_none("date"),
                )
                for inner in row.rows("statement")
            ),
            modifiers=tuple(
                Modifier(
                    field=inner.text("field"),
                    values=inner.texts("values", required=True),
                    effect=inner.text("effect", choices=("raise", "lower")),
                    why=inner.text("why"),
                    confidence=inner.confidence(),
                    source=self.sourced(inner),
                )
                for inner in row.rows("modifier")
            ),
            confidence=row.confidence(),
            source=self.sourced(row),
            note=row.text_or_none("note"),
        )

    @cached_property
    def news(self) -> tuple[tuple[News, ...], tuple[Compare, ...]]:
        """What the news item says, and its sentences beside the primary material."""
        top = read(self._folder.joinpath("news.toml"))
        said = tuple(
            News(
                id=row.text("id"),
                date=row.day("date"),
                by=row.text("by"),
                kind=row.text("kind", choices=STATEMENT_KINDS),
                text=row.text("text"),
                confidence=row.confidence(),
                source=self.sourced(row),
                original=row.text_or_none("original"),
            )
            for row in top.rows("news")
        )
        compared = tuple(
            Compare(
                id=row.text("id"),
                statement=row.text("statement"),
                statement_source=row.texts("statement_source", required=True),
                primary=row.text("primary"),
                date=row.day("date"),
                confidence=row.confidence(),
                source=self.sourced(row),
            )
            for row in top.rows("compare")
        )
        top.close()
        return said, compared

    @cached_property
    def data(self) -> Mapping[str, Datum]:
        """Kinds of data by id."""
        found: dict[str, Datum] = {}
        for row in self.rows("data", "datum"):
            datum = Datum(
                id=row.text("id"),
                label=row.text("label"),
                group=row.text("group", choices=GROUPS),
                sensitivity=row.number("sensitivity", 1, 3),
                confidence=row.confidence(),
                source=self.sourced(row),
                dpv=row.text_or_none("dpv"),
                note=row.text_or_none("note"),
            )
            _add(found, datum.id, datum, row)
        return MappingProxyType(found)

    @cached_property
    def placeholders(self) -> frozenset[str]:
        """Values that are never a datum, lower case."""
        return self._fields[0]

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Field names that name a datum, in order of trial."""
        return self._fields[1]

    @cached_property
    def _fields(self) -> tuple[frozenset[str], tuple[Field, ...]]:
        top = read(self._folder.joinpath("fields.toml"))
        never = frozenset(top.table("placeholders").texts("values", required=True))
        found = []
        for row in top.rows("field"):
            datum = row.text("datum")
            if datum not in self.data:
                raise row.fail(f"the datum '{datum}' is not in data.toml")
            names = row.texts("names", required=True)
            if any(name != name.lower() for name in names):
                raise row.fail("'names' must be lower case")
            found.append(
                Field(
                    names=names,
                    datum=datum,
                    regex=row.regex("pattern"),
                    pattern=row.text("pattern"),
                    rejects=never | {value.lower() for value in row.texts("rejects")},
                    confidence=row.confidence(),
                    source=self.sourced(row),
                    note=row.text_or_none("note"),
                )
            )
        top.close()
        return never, tuple(found)

    @cached_property
    def fields_by_name(self) -> Mapping[str, tuple[Field, ...]]:
        """Rows by lower-case name, in order of trial. A name that nobody confirmed names nothing."""
        index: dict[str, list[Field]] = {}
        for field in self.fields:
            for name in field.names if field.confidence != UNCONFIRMED else ():
                index.setdefault(name, []).append(field)
        return MappingProxyType({name: tuple(rows) for name, rows in index.items()})

    @cached_property
    def field_endings(self) -> frozenset[str]:
        """Last parts of the names in ``fields_by_name``: any other name names nothing."""
        return frozenset(name.rpartition(".")[2] for name in self.fields_by_name)

    def named(self, name: str, value: str) -> Field | None:
        """Give the first row that names a field (``parent.name`` or ``name``) and accepts its value.

        A dotted name falls back to its last part.
        """
        name = name.lower()
        candidates = self.fields_by_name.get(name, ())
        if "." in name:
            candidates += self.fields_by_name.get(name.rpartition(".")[2], ())
        return next((row for row in candidates if row.fits(value)), None)

    @cached_property
    def search_engines(self) -> tuple[SearchEngine, ...]:
        """Search engines."""
        found = []
        for row in self.rows("search_engines", "engine"):
            found.append(
                SearchEngine(
                    name=row.text("name"),
                    hosts=row.texts("hosts", required=True),
                    subdomains=row.flag("subdomains", True),
                    parameters=row.texts("parameters", required=True),
                    paths=row.texts("paths"),
                    confidence=row.confidence(),
                    source=self.sourced(row),
                )
            )
        return tuple(found)

    def search_engine(self, host: str, path: str) -> SearchEngine | None:
        """Give the search engine whose search page this is, if any (host lower case)."""
        known = (engine for engine in self.search_engines if engine.confidence != UNCONFIRMED)
        return next((engine for engine in known if engine.covers(host, path)), None)

    def cite(self, ids: Iterable[str], confidence: str) -> str:
        """Give the words that follow a fact: its sources and how sure it is."""
        listed = "; ".join(self.sources[one].cite() for one in ids)
        return f"Source: {listed}. Confidence {confidence}: {CONFIDENCE[confidence]}."


def _add(found: dict[str, T], key: str, value: T, row: Row) -> None:
    if key in found:
        raise row.fail(f"the id '{key}' is used twice")
    found[key] = value


def _suffixes(row: Row) -> tuple[str, ...]:
    suffixes = row.texts("suffixes", required=True)
    for suffix in suffixes:
        if not _SUFFIX.fullmatch(suffix):
            raise row.fail(f"'{suffix}' is no host name in lower case with at least one dot")
    return suffixes


@cache
def load(folder: Path | None = None) -> Facts:
    """Give the facts of a folder; by default the packaged ones, or newer ones that were fetched.

    Raises ``FactsError`` on first use.
    """
    if folder is not None:
        return Facts(folder)
    packaged = Facts(PACKAGED, "packaged")
    if not (data_folder() / "feeds" / "knowledge" / "state.json").exists():
        return packaged
    from waakzaam.knowledge.newer import replace

    return replace(packaged, PACKAGED)
