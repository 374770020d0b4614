"""Chains: the layers between the bytes of a message part and a value, in words and replayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from waakzaam import _core
from waakzaam.errors import WaakzaamError

STRUCTURE = frozenset(
    {"form", "multipart", "cookie", "percent", "json", "url", "segment", "credentials", "jwt"}
    | {"grpc", "sse", "html", "xml", "escape", "utf-16", "data-url", "length-prefixed", "zip", "tar"}
    | {"protobuf", "msgpack", "cbor", "bson", "bplist", "thrift", "thrift-binary", "tars"}
    | {"php", "rison", "avro", "signed-token", "tlv"}
)
"""Layers that only hold fields apart, as their standards say: they hide nothing."""
KEYED = frozenset(_core.keyed_layers())
"""Layers that need a key, an alphabet or a rotation: undone, it was one that anybody can find."""


_OPEN = b"\xff"
_MARK = "\ufffd"


def mark_open(data: bytes) -> bytes:
    """Bytes in which what a solver left open (0xff, which UTF-8 never has) is U+FFFD, as it is shown."""
    return data.replace(_OPEN, _MARK.encode())


@dataclass(frozen=True)
class Proof:
    """What proves that a layer with a key was taken off rightly.

    ``bits``: evidence in bits, the hypotheses paid for; 20 are asked; None for a known format, which proves
    itself by its own rules. ``tried``: hypotheses for this value; 0 where the key of the value before it was
    used again, or the key was worked out. ``key``: where the key comes from; ``derivation``: how it was made
    of that.
    """

    bits: float | None
    tried: int
    key: str
    derivation: str


@dataclass(frozen=True)
class Leaf:
    """A value at the end of a chain. ``steps``: (layer, selector), outermost first."""

    steps: tuple[tuple[str, str], ...]
    name: str | None
    value: bytes
    proofs: tuple[Proof, ...] = ()

    def path(self, part: str) -> str:
        """The chain as text, for example ``body | form:data_list | base64 | gzip | json:$[0].url``."""
        return chain_text(part, [s[0] for s in self.steps], [s[1] for s in self.steps])


@dataclass(frozen=True)
class Peeled:
    """All leaves of one value, the limits that were met (what, limit, where), and what was damaged."""

    leaves: tuple[Leaf, ...]
    limits: tuple[tuple[str, int, str], ...]
    problems: tuple[str, ...]


def peel(
    data: bytes, *, part: str = "body", content_type: str | None = None, content_encoding: str | None = None
) -> Peeled:
    """Take every layer off ``data`` that is known here.

    Args:
        data: the bytes of one part of a message, or any value.
        part: ``body``, ``query``, ``path`` or ``header:<name>``; steers which containers are tried.
        content_type: the declared media type, if any.
        content_encoding: the declared content codings, if any.

    Returns:
        The leaves in the order they stand in the data. A value that nothing opens is its own leaf.
    """
    leaves, limits, problems, _ = _core.peel_part(
        data, part=part, content_type=content_type, content_encoding=content_encoding
    )
    found = tuple(Leaf(tuple(steps), name, value) for steps, name, value in leaves)
    return Peeled(found, tuple(limits), tuple(problems))


def replay(data: bytes, layers: Sequence[str], selectors: Sequence[str]) -> list[bytes]:
    """The bytes after each step of a chain, computed anew from the bytes of the part.

    Raises:
        WaakzaamError: a step does not hold for these bytes; says which.
    """
    try:
        return _core.replay(data, list(zip(layers, selectors, strict=True)))
    except ValueError as error:
        raise WaakzaamError(f"the chain cannot be computed again: {error}") from None


def chain_text(part: str, layers: Sequence[str], selectors: Sequence[str]) -> str:
    """A chain in the notation of the reports."""
    steps = (
        f"{layer}:{selector}" if selector else layer
        for layer, selector in zip(layers, selectors, strict=True)
    )
    return " | ".join([part, *steps])


def disguise_of(layers: Sequence[str]) -> str:
    """What hid a value inside its message: ``embedded-key``, ``encoding`` (no key at all) or ``none``.

    Structure (forms, JSON …) and content codings that HTTP declares are how messages are written, not a
    disguise.
    """
    if not KEYED.isdisjoint(layers):
        return "embedded-key"
    hidden = any(layer not in STRUCTURE and not layer.startswith("content-encoding") for layer in layers)
    return "encoding" if hidden else "none"


def kind_of(layer: str) -> str:
    """``structure``, ``encoding`` or ``embedded-key``: what one layer is."""
    kind = disguise_of([layer])
    return "structure" if kind == "none" else kind
