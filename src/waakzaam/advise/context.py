"""What rules look at: sightings grouped by who was told what, and what a rule may say about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.advise.ciphers import references_of
from waakzaam.knowledge import load
from waakzaam.ordinals import in_order, ordinals
from waakzaam.tables import plain, values_of

SEVERITIES = ("note", "low", "medium", "high")
SINGLES_OUT = ("hardware-id", "resettable-id", "app-id")
"""Groups of data that single out a device or an installation."""

_DISGUISES = ("none", "encoding", "embedded-key", "to-recipient", "opaque")

_MESSAGES = 1 << 40
"""More than the messages of one evidence: evidence and message as one number."""
_WAY = ("host", "app", "app_basis", "known", "datum", "form", "basis", "transport", "disguise", "referrer")
"""Columns that tell one way of telling a value from another."""
_CHAIN = ("evidence", "layers", "selectors", "proof")
"""Columns of the first sighting of a way that tell how it was hidden."""
_REFERRERS = frozenset({"header:referer", "header:origin"})


@dataclass
class Told:
    """All sightings of data of some kinds, told by one app to one host; rows as ``context_of`` makes them."""

    host: str | None
    app: str | None
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def data(self) -> list[str]:
        """Kinds of data, in order of appearance."""
        return list(dict.fromkeys(row["datum"] for row in self.rows))

    @property
    def values(self) -> set[int]:
        """Different known values."""
        return {row["known"] for row in self.rows}

    @property
    def times(self) -> int:
        """Number of sightings."""
        return sum(row["times"] for row in self.rows)

    @property
    def repeated(self) -> bool:
        """True when more than one message told it."""
        places = {row[name] for row in self.rows for name in ("first_place", "last_place")}
        return len(places) > 1

    @property
    def linked(self) -> bool:
        """True when a message that told it also carries a value which singles out the device."""
        return any(row["linked"] for row in self.rows)

    @property
    def private(self) -> bool:
        """True when a message that told it says itself that the page was opened in private mode."""
        return any(row["private"] for row in self.rows)

    @property
    def transport(self) -> str:
        """The weakest transport seen."""
        seen = {row["transport"] for row in self.rows}
        return next(name for name in ("clear", "unknown", "tls") if name in seen)

    @property
    def clear(self) -> bool:
        """True when anyone on the path could read it."""
        return self.transport == "clear"

    @property
    def disguise(self) -> str:
        """The strongest disguise seen; transport and disguise are two things."""
        return max((str(row["disguise"]) for row in self.rows), key=_DISGUISES.index)

    @property
    def app_basis(self) -> str | None:
        """How the app is known; what the evidence tells comes before what was inferred."""
        said = {str(row["app_basis"]) for row in self.rows if row.get("app_basis")}
        return "; ".join(sorted(said, key=lambda each: (not each.startswith("told"), each))) or None

    @property
    def ciphers(self) -> list[str]:
        """CWE numbers of the ciphers that hid the data."""
        return list(dict.fromkeys(name for row in self.rows for name in row["ciphers"]))

    @property
    def bases(self) -> set[str]:
        """How the values were known."""
        return {row["basis"] for row in self.rows}


@dataclass
class Unopened(Told):
    """What closed values sent by one app to one host tell by themselves: ``rows`` of table ``weaknesses``."""

    @property
    def data(self) -> list[str]:
        """Nothing is known of what is inside."""
        return []

    @property
    def times(self) -> int:
        """No value was seen."""
        return 0

    @property
    def disguise(self) -> str:
        """It stayed closed."""
        return "opaque"

    @property
    def kinds(self) -> set[str]:
        """Kinds of weakness."""
        return {row["kind"] for row in self.rows}


@dataclass(frozen=True)
class Draft:
    """A finding before it gets its number. ``reasons``: keys of the catalogue (``reason.<key>``)."""

    rule: str
    told: Told
    severity: str
    confidence: str
    reasons: tuple[str, ...]
    references: tuple[str, ...]
    not_checked: tuple[str, ...] = ()


@dataclass
class Context:
    """Everything a rule may use. ``incognito``: the owner says that the session was a private one."""

    rows: list[dict[str, Any]]
    incognito: bool
    weaknesses: list[dict[str, Any]] = field(default_factory=list)
    """Rows of table ``weaknesses``."""

    def unopened(self) -> list[Unopened]:
        """Weaknesses by (host, app)."""
        groups: dict[tuple[str | None, str | None], Unopened] = {}
        for row in self.weaknesses:
            key = (row["host"], row["app"])
            groups.setdefault(key, Unopened(*key)).rows.append(row)
        return list(groups.values())

    def told(self, wanted: Callable[[dict[str, Any]], bool]) -> list[Told]:
        """Sightings that a rule wants, by (host, app)."""
        groups: dict[tuple[str | None, str | None], Told] = {}
        for row in self.rows:
            if wanted(row):
                key = (row["host"], row["app"])
                groups.setdefault(key, Told(*key)).rows.append(row)
        return list(groups.values())


def context_of(
    sightings: pa.Table,
    private: pa.Table,
    *,
    incognito: bool,
    proofs: pa.Table | None = None,
    weaknesses: pa.Table | None = None,
) -> Context:
    """Prepare the tables for rules: one row for each way in which one value was told by one app to one host.

    Args:
        sightings: table ``sightings``, in the order of their numbers.
        private: messages (evidence, message) that say themselves that a page was opened in private mode.
        incognito: the owner says that the session was a private one.
        proofs: table ``proofs``.
        weaknesses: table ``weaknesses``.
    """
    group = {each.id: each.group for each in load().data.values()}
    up = sightings.filter(pc.equal(sightings["direction"], "up"))
    evidence = pa.array(
        {*pc.unique(up["evidence"]).to_pylist(), *private["evidence"].to_pylist()}, pa.string()
    )
    place = _places(up, evidence)
    singles = pa.array([datum for datum, name in group.items() if name in SINGLES_OUT], pa.string())
    identified = pc.unique(place.filter(pc.is_in(up["datum"], singles)))
    parts = [part for part in pc.unique(up["part"]).to_pylist() if part and part.lower() in _REFERRERS]
    columns: dict[str, Any] = {name: up[name] for name in _WAY if name != "referrer"}
    columns |= {
        "referrer": pc.is_in(up["part"], pa.array(parts, pa.string())),
        "place": place,
        "linked": pc.is_in(place, identified),
        "private": pc.is_in(place, pc.unique(_places(private, evidence))),
        "nr": ordinals(len(up)),
    }
    placed = pa.table(columns)
    spread = placed.group_by("known", use_threads=False).aggregate([("place", "count_distinct")])
    messages = dict(zip(spread["known"].to_pylist(), spread["place_count_distinct"].to_pylist(), strict=True))
    ways = placed.group_by(list(_WAY), use_threads=False).aggregate(
        [
            ([], "count_all"),
            ("nr", "min"),
            ("place", "min"),
            ("place", "max"),
            ("linked", "any"),
            ("private", "any"),
        ]
    )
    ways = in_order(ways, ("nr_min", "ascending"))
    names = {
        **{name: name for name in _WAY}, "times": "count_all", "first_place": "place_min",
        "last_place": "place_max", "linked": "linked_any", "private": "private_any",
    }  # fmt: skip
    values = [values_of(ways[name]) for name in names.values()]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]
    first = up["sighting"].take(ways["nr_min"]).to_pylist()
    for row, sighting in zip(rows, first, strict=True):
        row["sighting"] = sighting
        row["group"] = group.get(row["datum"], "other")
        row["messages"] = messages[row["known"]]
        row["ciphers"] = []
    hidden = pc.equal(ways["disguise"], "embedded-key")
    _add_ciphers(
        [row for row in rows if row["disguise"] == "embedded-key"],
        up.select(list(_CHAIN)).take(ways["nr_min"].filter(hidden)),
        proofs,
    )
    weak = [] if weaknesses is None else _plain(weaknesses)
    return Context(rows=rows, incognito=incognito, weaknesses=weak)


def _add_ciphers(rows: list[dict[str, Any]], chains: pa.Table, proofs: pa.Table | None) -> None:
    """Put into each row the CWE numbers of the ciphers in its chain."""
    proven = _proofs_by_content(proofs)
    for row, chain in zip(rows, chains.to_pylist(), strict=True):
        mine = proven.get((chain["evidence"], chain["proof"]), ())
        row["ciphers"] = references_of(chain["layers"], chain["selectors"], mine)


def _plain(table: pa.Table) -> list[dict[str, Any]]:
    return list(plain(table).to_pylist())


def _proofs_by_content(proofs: pa.Table | None) -> dict[tuple[str, int], list[dict[str, Any]]]:
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in proofs.to_pylist() if proofs is not None else ():
        found.setdefault((row["evidence"], row["content"]), []).append(row)
    return found


def _places(table: pa.Table, evidence: pa.Array) -> pa.ChunkedArray:
    """Evidence and message as one number."""
    code = pc.cast(pc.index_in(table["evidence"], evidence), pa.int64())
    return pc.add(pc.multiply(code, _MESSAGES), table["message"])


def grade(base: str, reason: str, **raises: bool) -> tuple[str, tuple[str, ...]]:
    """A severity and the reasons for it: each circumstance that holds raises it by one, at most to ``high``.

    Example: ``grade("medium", "browsing", linked=True, clear=False)`` → ``("high", ("browsing", "linked"))``.
    """
    held = [name for name, holds in raises.items() if holds]
    step = min(len(SEVERITIES) - 1, SEVERITIES.index(base) + len(held))
    return SEVERITIES[step], (reason, *held)


def references_for(told: Told, references: tuple[str, ...]) -> tuple[str, ...]:
    """References of a rule, those of the ciphers that hid the data, and CWE-319 for clear text."""
    more = [*told.ciphers, *(("CWE-319", "MASVS-NETWORK-1") if told.clear else ())]
    return tuple(dict.fromkeys((*references, *more)))
