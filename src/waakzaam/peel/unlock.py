"""Open what peeling left closed: known formats, proposed keys, values beside it, and by solving."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_to_bytes, urlsplit

from waakzaam import _core
from waakzaam.peel.candidates import LOGGED
from waakzaam.peel.chain import Leaf, Peeled, Proof, disguise_of, peel

MOST_ROUNDS = 4
"""Ciphers within ciphers that are opened."""
MOST_TRIED = 2000
"""Closed values of one input that are tried."""
SIBLING_BYTES = 512
"""Longer values beside a closed one are no keys."""
CLOSED_BYTES = 64 << 20
"""A larger closed value stays closed: a key shows itself in less, and copies of it would fill the memory."""

Labelled = Sequence[tuple[str, bytes]]


@dataclass(frozen=True)
class Surroundings:
    """What is known of the message that a value comes from.

    ``headers`` and ``fields`` (of query and form, decoded) are pairs of name and bytes, names as sent.
    """

    host: str = ""
    path: str = ""
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    fields: list[tuple[str, bytes]] = field(default_factory=list)

    @classmethod
    def of(cls, url: str, headers: Iterable[tuple[str, bytes]] = ()) -> Surroundings:
        """Surroundings of a request to an absolute URL.

        Raises:
            ValueError: the URL is malformed.
        """
        parts = urlsplit(url)
        pairs = (each.partition("=") for each in parts.query.split("&") if each)
        fields = [(name, unquote_to_bytes(value.replace("+", " "))) for name, _, value in pairs]
        return cls(parts.hostname or "", parts.path, list(headers), fields)


@dataclass(frozen=True)
class Format:
    """A known wire format that a value has.

    ``id``: in the knowledge base. ``disguise``: ``to-recipient`` when only the recipient has the key,
    ``opaque`` when it is not known how to read it, None when it was read. ``text`` says why.
    """

    id: str
    name: str
    vendor: str
    disguise: str | None
    text: str


@dataclass(frozen=True)
class Opened:
    """A value with every layer taken off that could be.

    ``closed``: places in ``leaves`` of values that look like something hidden and were not opened.
    ``formats``: known formats by the place of a leaf that has it or comes out of it. ``tried``: closed values
    that were tried.
    """

    leaves: tuple[Leaf, ...]
    closed: tuple[int, ...] = ()
    formats: tuple[tuple[int, Format], ...] = ()
    limits: tuple[tuple[str, int, str], ...] = ()
    problems: tuple[str, ...] = ()
    tried: int = 0

    def disguise(self, place: int) -> str:
        """What hides, or hid, the leaf at this place; see :func:`waakzaam.peel.disguise_of`.

        A key that a hook logged while the app ran may never have been in the app or in the message: what it
        opened stays ``opaque``, because it is not known how well it was hidden from others.
        """
        leaf = self.leaves[place]
        if place not in self.closed:
            logged = any(proof.key.endswith(LOGGED) for proof in leaf.proofs)
            return "opaque" if logged else disguise_of([layer for layer, _ in leaf.steps])
        return next((each.disguise for at, each in self.formats if at == place and each.disguise), "opaque")


class Opener:
    """Opens values one after the other with the same keys; prepares those once, and remembers what worked.

    ``keys``: (label, candidate): constants of an app, lines of a key file. ``known``: (datum, value) of the
    device; tried as keys and expected inside.
    """

    def __init__(self, keys: Labelled = (), known: Labelled = ()) -> None:
        self._unlocker = _core.Unlocker(list(keys), list(known))

    def open(
        self,
        data: bytes,
        *,
        part: str = "body",
        content_type: str | None = None,
        content_encoding: str | None = None,
        around: Surroundings | None = None,
        kind: str | None = None,
    ) -> Opened:
        """Take every layer off ``data``, those with keys among them, as long as something proves itself.

        Args:
            data: the bytes of one part of a message, or any value.
            part: as for :func:`waakzaam.peel.peel`.
            content_type: as there.
            content_encoding: as there.
            around: the message it comes from, by which known formats are recognised.
            kind: which inputs are of one kind, such as application, host and path: what opened one is tried
                first on the next, and what never opened is left. None: remember nothing.

        Returns:
            The leaves in the order they stand in the data, each with its chain and, where a key was needed,
            its proof. Values that nothing opens are leaves as they are.
        """
        around = around or Surroundings()
        work = _Work(self._unlocker, around, kind)
        # A known format comes first: its fields would be torn apart by layers that come off by themselves.
        small = len(data) <= CLOSED_BYTES
        whole, recognised = self._unlocker.recognise(data, around) if small else (None, None)
        known = Format(*recognised) if recognised else None
        if whole:
            found = [_Row(leaf, known) for leaf in work.leaves(whole)]
            peeled = Peeled((), (), ())
        else:
            peeled = peel(data, part=part, content_type=content_type, content_encoding=content_encoding)
            found = [_Row(leaf, known) for leaf in peeled.leaves]
        leaves = work.open(found, MOST_ROUNDS)
        return Opened(
            leaves=tuple(row.leaf for row in leaves),
            closed=tuple(place for place, row in enumerate(leaves) if row.closed),
            formats=tuple((place, row.known) for place, row in enumerate(leaves) if row.known),
            limits=(*peeled.limits, *work.limits),
            problems=(*peeled.problems, *work.problems),
            tried=work.tried,
        )


def open_all(data: bytes, *, keys: Labelled = (), known: Labelled = ()) -> Opened:
    """Take every layer off one value: :class:`Opener` for a single time."""
    return Opener(keys, known).open(data)


@dataclass(frozen=True)
class _Row:
    """A leaf, the known format that it has or comes out of, and whether something in it stayed hidden."""

    leaf: Leaf
    known: Format | None
    closed: bool = False


_Inside = tuple[
    list[tuple[str, str]],
    list[tuple[list[tuple[str, str]], str | None, bytes]],
    tuple[int | None, int, str, str],
    list[tuple[str, int, str]],
    list[str],
]


class _Work:
    """One input: what is spent and met."""

    def __init__(self, unlocker: _core.Unlocker, around: Surroundings, kind: str | None) -> None:
        self._unlocker = unlocker
        self._around = around
        self._kind = kind
        self._met: dict[tuple[str, int, str], None] = {}
        self.problems: list[str] = []
        self.tried = 0

    @property
    def limits(self) -> tuple[tuple[str, int, str], ...]:
        """Limits that were met: what, its value, where."""
        return tuple(self._met)

    def open(self, rows: Sequence[_Row], rounds: int) -> list[_Row]:
        """The leaves, with those inside a closed value in the place of it."""
        beside = [(row.leaf.name or "", row.leaf.value) for row in rows]
        beside = [each for each in (*beside, *self._around.fields) if 0 < len(each[1]) <= SIBLING_BYTES]
        return [inner for row in rows for inner in self._inside(row, beside, rounds)]

    def _inside(self, row: _Row, beside: Labelled, rounds: int) -> list[_Row]:
        leaf = row.leaf
        if len(leaf.value) > CLOSED_BYTES:
            self._met["closed bytes", CLOSED_BYTES, leaf.path("value")] = None
            return [row]
        if not self._unlocker.is_closed(leaf.value):
            return [row]
        place = leaf.path("value")
        if not rounds or self.tried >= MOST_TRIED:
            what, limit = ("closed values", MOST_TRIED) if rounds else ("ciphers in ciphers", MOST_ROUNDS)
            self._met[(what, limit, place)] = None
            return [replace(row, closed=True)]
        self.tried += 1
        others = [each for each in beside if each[1] != leaf.value]
        opened, recognised, limits = self._unlocker.unlock(
            leaf.value,
            None if self._kind is None else f"{self._kind} {place}",
            leaf.name or "",
            others,
            replace(self._around, fields=[*self._around.fields, *others]),
        )
        known = Format(*recognised) if recognised else row.known
        self._met.update(dict.fromkeys((what, limit, place) for what, limit in limits))
        if opened is None:
            return [_Row(leaf, known, closed=True)]
        return self.open([_Row(each, known) for each in self.leaves(opened, leaf)], rounds - 1)

    def leaves(self, opened: _Inside, around: Leaf | None = None) -> list[Leaf]:
        """What is inside an opened value, with the chain around it before its own."""
        around = around or Leaf((), None, b"")
        _, inner, (evidence, tried, key, derivation), limits, problems = opened
        place = around.path("value")
        self._met.update(dict.fromkeys((what, limit, f"{place}: {at}") for what, limit, at in limits))
        self.problems.extend(problems)
        proof = Proof(None if evidence is None else evidence / 10, tried, key, derivation)
        return [
            Leaf((*around.steps, *steps), name or around.name, value, (*around.proofs, proof))
            for steps, name, value in inner
        ]
