"""Open what peeling left closed: known formats, proposed keys, values beside it, and by solving."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_to_bytes, urlsplit

from waakzaam import _core
from waakzaam.peel.chain import Leaf, Peeled, Proof, peel

MOST_ROUNDS = 4
"""Ciphers within ciphers that are opened."""
MOST_TRIED = 2000
"""Closed values of one input that are tried."""
SIBLING_BYTES = 512
"""Longer values beside a closed one are no keys."""

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
        """What hides, or hid, the leaf at this place; see :func:`waakzaam.peel.disguise_of`."""
        from waakzaam.peel.chain import disguise_of

        if place not in self.closed:
            return disguise_of([layer for layer, _ in self.leaves[place].steps])
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
        whole, recognised = self._unlocker.recognise(data, around)
        known = Format(*recognised) if recognised else None
        if whole:
            found = [(leaf, known) for leaf in _leaves(whole)]
            peeled = Peeled((), (), ())
        else:
            peeled = peel(data, part=part, content_type=content_type, content_encoding=content_encoding)
            found = [(leaf, known) for leaf in peeled.leaves]
        leaves = work.open(found, MOST_ROUNDS)
        return Opened(
            leaves=tuple(leaf for leaf, _ in leaves),
            closed=tuple(
                place for place, (leaf, _) in enumerate(leaves) if self._unlocker.is_closed(leaf.value)
            ),
            formats=tuple((place, known) for place, (_, known) in enumerate(leaves) if known),
            limits=(*peeled.limits, *work.limits),
            problems=peeled.problems,
            tried=work.tried,
        )


def open_all(data: bytes, *, keys: Labelled = (), known: Labelled = ()) -> Opened:
    """Take every layer off one value: :class:`Opener` for a single time."""
    return Opener(keys, known).open(data)


_Known = tuple[Leaf, Format | None]


class _Work:
    """One input: what is spent and met."""

    def __init__(self, unlocker: _core.Unlocker, around: Surroundings, kind: str | None) -> None:
        self._unlocker = unlocker
        self._around = around
        self._kind = kind
        self._met: dict[tuple[str, int, str], None] = {}
        self.tried = 0

    @property
    def limits(self) -> tuple[tuple[str, int, str], ...]:
        """Limits that were met: what, its value, where."""
        return tuple(self._met)

    def open(self, leaves: Sequence[_Known], rounds: int) -> list[_Known]:
        """The leaves, with those inside a closed value in the place of it."""
        beside = [(leaf.name or "", leaf.value) for leaf, _ in leaves if 0 < len(leaf.value) <= SIBLING_BYTES]
        beside += [each for each in self._around.fields if 0 < len(each[1]) <= SIBLING_BYTES]
        found: list[_Known] = []
        for leaf, known in leaves:
            found.extend(self._inside(leaf, known, beside, rounds))
        return found

    def _inside(self, leaf: Leaf, known: Format | None, beside: Labelled, rounds: int) -> list[_Known]:
        if not self._unlocker.is_closed(leaf.value):
            return [(leaf, known)]
        place = leaf.path("value")
        if not rounds or self.tried >= MOST_TRIED:
            what, limit = ("closed values", MOST_TRIED) if rounds else ("ciphers in ciphers", MOST_ROUNDS)
            self._met[(what, limit, place)] = None
            return [(leaf, known)]
        self.tried += 1
        others = [each for each in beside if each[1] != leaf.value]
        opened, recognised, limits = self._unlocker.unlock(
            leaf.value,
            None if self._kind is None else f"{self._kind} {place}",
            leaf.name or "",
            others,
            replace(self._around, fields=[*self._around.fields, *others]),
        )
        known = Format(*recognised) if recognised else known
        self._met.update(dict.fromkeys((what, limit, place) for what, limit in limits))
        if opened is None:
            return [(leaf, known)]
        return self.open([(each, known) for each in _leaves(opened, leaf)], rounds - 1)


_Inside = tuple[
    list[tuple[str, str]],
    list[tuple[list[tuple[str, str]], str | None, bytes]],
    tuple[int, int, str, str],
]


def _leaves(opened: _Inside, around: Leaf | None = None) -> list[Leaf]:
    """What is inside an opened value, with the chain around it before its own."""
    around = around or Leaf((), None, b"")
    _, inner, (evidence, tried, key, derivation) = opened
    proofs = (*around.proofs, Proof(evidence / 10, tried, key, derivation))
    return [Leaf((*around.steps, *steps), name or around.name, value, proofs) for steps, name, value in inner]
