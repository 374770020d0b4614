"""An opened value for a terminal: the tree of its layers, what proves them, and what stayed closed."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from waakzaam.peel.chain import KEYED, Leaf, Proof
from waakzaam.report.escape import escape_terminal
from waakzaam.report.text import Text

if TYPE_CHECKING:
    from waakzaam.peel import Opened, Reading

Step = tuple[str, str]

NARROWEST = 40
"""Columns below which nothing fits; a narrower terminal breaks lines."""
LOOKED_AT = 1 << 16
"""Bytes of a value that say whether it is text."""
WIDEST_LABEL = 28
"""Columns of a name before a value."""
LIMITS_NAMED = 4
"""Limits of one place that are named; the JSON has all of them."""
DISGUISES = ("none", "encoding", "embedded-key", "to-recipient", "opaque")
"""In the order in which they are explained."""


@dataclass
class _Node:
    """A value: what it is (places of leaves), and what was taken off it."""

    places: list[int] = field(default_factory=list)
    inside: dict[Step, _Node] = field(default_factory=dict)

    def leaves(self) -> Iterator[int]:
        yield from self.places
        for node in self.inside.values():
            yield from node.leaves()


class Tree:
    """Lines about one opened value, at most ``width`` columns wide; ``full`` shows values to their end."""

    def __init__(
        self,
        opened: Opened,
        size: int,
        *,
        readings: Sequence[Sequence[Reading]] = (),
        width: int = 80,
        full: bool = False,
        candidates: int = 0,
    ) -> None:
        self._opened = opened
        self._size = size
        self._readings = readings
        self._width = max(width, NARROWEST)
        self._full = full
        self._candidates = candidates
        self._t = Text().t
        self._formats = dict(opened.formats)
        self._proofs_told: set[tuple[Step, ...]] = set()
        self._root = _Node()
        for place, leaf in enumerate(opened.leaves):
            node = self._root
            for step in leaf.steps:
                node = node.inside.setdefault(step, _Node())
            node.places.append(place)

    def lines(self) -> Iterator[str]:
        """All lines."""
        yield f"value: {self._size:,} bytes"
        yield from self._node(self._root, (), 0, None)
        yield from self._explained()
        yield from self._tried()
        yield from self._other_readings()
        yield from self._limits()

    # The tree.

    def _disguise(self, node: _Node) -> str | None:
        """What hid everything in a node, if it is one thing."""
        found = {self._opened.disguise(place) for place in node.leaves()}
        return found.pop() if len(found) == 1 else None

    def _node(self, node: _Node, steps: tuple[Step, ...], depth: int, told: str | None) -> Iterator[str]:
        """A value and everything in it; ``told``: the disguise that a line above has named."""
        for place in node.places:
            yield from self._leaf(self._opened.leaves[place], place, "", depth, told)
        for layer, group in groupby(node.inside.items(), key=lambda item: item[0][0]):
            members = list(group)
            if len(members) > 1:
                yield from self._members(layer, [(step, each) for step, each in members], steps, depth, told)
                continue
            (step, inner) = members[0]
            yield from self._chain([step], inner, (*steps, step), depth, told)

    def _chain(
        self, chain: list[Step], node: _Node, steps: tuple[Step, ...], depth: int, told: str | None
    ) -> Iterator[str]:
        """Layers with one thing inside each, on one line."""
        while not node.places and len(node.inside) == 1:
            step, node = next(iter(node.inside.items()))
            chain.append(step)
            steps = (*steps, step)
        fields = {step[0] for step in node.inside}
        # The layer that holds many things ends the line; they follow below.
        many = fields.pop() if not node.places and len(fields) == 1 and len(node.inside) > 1 else None
        words = [self._step(step) for step in chain] + ([many] if many else [])
        disguise = self._disguise(node)
        text = " > ".join(words)
        only = node.places[0] if len(node.places) == 1 and not node.inside else None
        short = len(text) <= self._width // 2 and not any(layer in KEYED for layer, _ in chain)
        if only is not None and short:
            yield from self._leaf(self._opened.leaves[only], only, f"{text}  ", depth, told)
            return
        yield from self._header(text, depth, disguise if disguise != told else None)
        yield from self._evidence(steps, depth + 1)
        if many:
            yield from self._fields(list(node.inside.items()), steps, depth + 1, disguise or told)
        else:
            yield from self._node(node, steps, depth + 1, disguise or told)

    def _members(
        self,
        layer: str,
        members: list[tuple[Step, _Node]],
        steps: tuple[Step, ...],
        depth: int,
        told: str | None,
    ) -> Iterator[str]:
        found = {self._disguise(node) for _, node in members}
        disguise = found.pop() if len(found) == 1 else None
        yield from self._header(layer, depth, disguise if disguise != told else None)
        yield from self._fields(members, steps, depth + 1, disguise or told)

    def _fields(
        self, members: list[tuple[Step, _Node]], steps: tuple[Step, ...], depth: int, told: str | None
    ) -> Iterator[str]:
        """The things that one layer holds, each under its selector."""
        longest = max((len(step[1]) for step, node in members if node.places), default=0)
        column = min(longest, WIDEST_LABEL)
        for step, node in members:
            label = step[1] or step[0]
            for place in node.places:
                yield from self._leaf(
                    self._opened.leaves[place], place, label.ljust(column) + "  ", depth, told
                )
            if node.inside:
                if not node.places:
                    yield from self._header(label, depth, None)
                rest = _Node([], node.inside)
                yield from self._node(rest, (*steps, step), depth + 1, told)

    def _header(self, text: str, depth: int, disguise: str | None) -> Iterator[str]:
        indent = "  " * depth
        tag = f"  [{self._t(f'disguise.{disguise}')}]" if disguise else ""
        yield indent + _cut(escape_terminal(text), self._width - len(indent) - len(tag)) + tag

    def _step(self, step: Step) -> str:
        """A step in words; what a keyed one needs stands on lines of its own."""
        layer, selector = step
        return layer if not selector or layer in KEYED else f"{layer}:{selector}"

    def _leaf(self, leaf: Leaf, place: int, label: str, depth: int, told: str | None) -> Iterator[str]:
        indent = "  " * depth
        disguise = self._opened.disguise(place)
        tag = f"  [{self._t(f'disguise.{disguise}')}]" if disguise != told else ""
        room = self._width - len(indent) - len(label) - len(tag)
        yield indent + escape_terminal(label) + self._value(leaf.value, room) + tag

    def _value(self, value: bytes, room: int) -> str:
        """A value; of a long one only the beginning says whether it is text."""
        start = value if self._full or len(value) <= LOOKED_AT else value[:LOOKED_AT]
        whole = len(start) == len(value)
        try:
            shown = escape_terminal(getincrementaldecoder("utf-8")().decode(start, final=whole))
        except UnicodeDecodeError:
            most = len(value) if self._full else room
            shown = value[:most].hex(" ")
        if self._full or (whole and len(shown) <= room):
            return shown
        size = f"… ({len(value):,} bytes)"
        return _cut(shown, max(room - len(size), 8), mark="") + size

    # What proves it.

    def _evidence(self, steps: tuple[Step, ...], depth: int) -> Iterator[str]:
        """Proofs of the keyed layers up to here that were not told yet."""
        leaf = next((leaf for leaf in self._opened.leaves if leaf.steps[: len(steps)] == steps), None)
        if leaf is None:
            return
        keyed = [at for at, (layer, _) in enumerate(leaf.steps) if layer in KEYED]
        for at, proof in zip(keyed, leaf.proofs, strict=False):
            around = leaf.steps[: at + 1]
            if at < len(steps) and around not in self._proofs_told:
                self._proofs_told.add(around)
                yield from self._proof(leaf.steps[at], proof, depth)

    def _proof(self, step: Step, proof: Proof, depth: int) -> Iterator[str]:
        layer, selector = step
        made = f", {proof.derivation}" if proof.derivation else ""
        yield from self._wrapped(f"{layer} {selector}", depth)
        origin = f"{proof.key}{made}" if proof.key else "no candidate: all keys of this kind were tried"
        yield from self._wrapped(f"key from: {origin}", depth)
        if proof.bits is not None:
            tried = f", after paying for {proof.tried:,} hypotheses" if proof.tried else ""
            yield from self._wrapped(f"evidence: {proof.bits:.0f} bits (20 are asked){tried}", depth)

    def _wrapped(self, text: str, depth: int) -> Iterator[str]:
        """A text over as many lines as it takes, cut anywhere: keys have no spaces."""
        first, room = "  " * depth + "| ", self._width - 2 * depth - 2
        text = escape_terminal(text)
        for at in range(0, len(text), room):
            yield first + text[at : at + room]

    # What is to be said about all of it.

    def _explained(self) -> Iterator[str]:
        found = {self._opened.disguise(place) for place in range(len(self._opened.leaves))}
        if found <= {"none"}:
            return
        yield ""
        for disguise in (each for each in DISGUISES if each in found and each != "none"):
            key = "encoding_unnamed" if disguise == "encoding" else disguise
            sentence = self._t(f"disguise_sentence.{key}").removeprefix("inside, ")
            yield from self._prose(f"[{self._t(f'disguise.{disguise}')}]: {sentence}.")

    def _prose(self, text: str) -> Iterator[str]:
        from textwrap import wrap

        yield from wrap(escape_terminal(text), self._width, subsequent_indent="  ")

    def _tried(self) -> Iterator[str]:
        formats = self._formats.values()
        for text in dict.fromkeys(
            f"Known format: {each.name} ({each.vendor}). {each.text}" for each in formats
        ):
            yield from self._prose(text)
        if not self._opened.tried:
            return
        closed = len(self._opened.closed)
        keys = "values beside and solvers"
        if self._candidates:
            keys = f"{self._candidates:,} candidates, {keys}"
        tried = "1 closed value" if self._opened.tried == 1 else f"{self._opened.tried:,} closed values"
        stayed = "none stayed closed" if not closed else f"{closed:,} stayed closed"
        yield from self._prose(f"Tried on {tried}: {keys}; {stayed}.")
        for at in self._opened.closed:
            leaf = self._opened.leaves[at]
            yield from self._prose(f"  closed: {leaf.path('value')} ({len(leaf.value):,} bytes)")

    def _other_readings(self) -> Iterator[str]:
        for followed, *others in self._readings:
            place = followed.path("value")
            also = ", ".join(f"{other.layer} ({other.bits:.0f} bits)" for other in others)
            yield from self._prose(
                f"Read as {followed.layer} ({followed.bits:.0f} bits) at {place}; it could also be: {also}."
            )

    def _limits(self) -> Iterator[str]:
        """Limits of one place on one line."""
        places: dict[tuple[str, int], list[str]] = {}
        for what, limit, place in self._opened.limits:
            places.setdefault((place, limit), []).append(what)
        for (where, limit), names in places.items():
            more = f" and {len(names) - LIMITS_NAMED} more" if names[LIMITS_NAMED:] else ""
            first = ", ".join(names[:LIMITS_NAMED])
            yield from self._prose(f"Limit reached at {where}: {first}{more} ({limit:,}).")
        for problem in self._opened.problems:
            yield from self._prose(problem)


def _cut(text: str, room: int, mark: str = "…") -> str:
    return text if len(text) <= room else text[: max(room - len(mark), 1)] + mark
