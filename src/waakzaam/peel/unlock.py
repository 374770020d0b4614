"""Open what peeling left closed: with proposed keys, values beside it, and by solving."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from waakzaam import _core
from waakzaam.peel.chain import Leaf, Proof, peel

MOST_ROUNDS = 4
"""Ciphers within ciphers that are opened."""
MOST_TRIED = 2000
"""Closed values of one input that are tried."""

Labelled = Sequence[tuple[str, bytes]]


@dataclass(frozen=True)
class Opened:
    """A value with every layer taken off that could be.

    ``closed``: places in ``leaves`` of values that look like something hidden and were not opened.
    """

    leaves: tuple[Leaf, ...]
    closed: tuple[int, ...] = ()
    limits: tuple[tuple[str, int, str], ...] = ()
    problems: tuple[str, ...] = ()
    tried: int = field(default=0)


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
        field: str | None = None,
    ) -> Opened:
        """Take every layer off ``data``, those with keys among them, as long as something proves itself.

        Args:
            data: the bytes of one part of a message, or any value.
            part: as for :func:`waakzaam.peel.peel`.
            content_type: as there.
            content_encoding: as there.
            field: which inputs are of one kind, such as application, host and path: what opened one is
                tried first on the next, and what never opened is left. None: remember nothing.

        Returns:
            The leaves in the order they stand in the data, each with its chain and, where a key was needed,
            its proof. Values that nothing opens are leaves as they are.
        """
        peeled = peel(data, part=part, content_type=content_type, content_encoding=content_encoding)
        work = _Work(self._unlocker, field)
        leaves = work.open(peeled.leaves, MOST_ROUNDS)
        closed = tuple(place for place, leaf in enumerate(leaves) if self._unlocker.is_closed(leaf.value))
        return Opened(tuple(leaves), closed, (*peeled.limits, *work.limits), peeled.problems, work.tried)


def open_all(data: bytes, *, keys: Labelled = (), known: Labelled = ()) -> Opened:
    """Take every layer off one value: :class:`Opener` for a single time."""
    return Opener(keys, known).open(data)


class _Work:
    """One input: what is spent and met."""

    def __init__(self, unlocker: _core.Unlocker, field: str | None) -> None:
        self._unlocker = unlocker
        self._field = field
        self._met: dict[tuple[str, int, str], None] = {}
        self.tried = 0

    @property
    def limits(self) -> tuple[tuple[str, int, str], ...]:
        """Limits that were met: what, its value, where."""
        return tuple(self._met)

    def open(self, leaves: Iterable[Leaf], rounds: int) -> list[Leaf]:
        """The leaves, with those inside a closed value in the place of it."""
        leaves = list(leaves)
        siblings = [(leaf.name or "", leaf.value) for leaf in leaves if 0 < len(leaf.value) <= 512]
        found: list[Leaf] = []
        for leaf in leaves:
            found.extend(self._inside(leaf, siblings, rounds))
        return found

    def _inside(self, leaf: Leaf, siblings: Labelled, rounds: int) -> list[Leaf]:
        if not self._unlocker.is_closed(leaf.value):
            return [leaf]
        if not rounds or self.tried >= MOST_TRIED:
            self._met[("closed values", MOST_TRIED if rounds else MOST_ROUNDS, leaf.path(""))] = None
            return [leaf]
        self.tried += 1
        field = None if self._field is None else f"{self._field} {leaf.path('')}"
        others = [each for each in siblings if each[1] != leaf.value]
        opened, limits = self._unlocker.unlock(leaf.value, field, others)
        self._met.update(dict.fromkeys((what, limit, leaf.path("")) for what, limit in limits))
        if opened is None:
            return [leaf]
        _, inner, (evidence, tried, key, derivation) = opened
        proof = Proof(evidence / 10, tried, key, derivation)
        inside = (
            replace(
                leaf,
                steps=(*leaf.steps, *steps),
                name=name or leaf.name,
                value=value,
                proofs=(*leaf.proofs, proof),
            )
            for steps, name, value in inner
        )
        return self.open(inside, rounds - 1)
