"""Public suffixes: under which names anybody can have a name of their own (publicsuffix.org/list).

Only the list of the package publicsuffixlist is used. Its code encodes every one of the ten thousand rules
before the first question, which takes longer than all questions; here the few hosts that need it are decoded.
A test holds the answers to those of the package.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

FILE = "public_suffix_list.dat"


@cache
def rules() -> frozenset[str]:
    """Rules of the list as they stand in it (U-labels, lower case).

    Private suffixes count, because their customers are different parties: two names under github.io are two
    sites. Lines that are no rules do no harm: a space or a slash is in no host name that is looked up.
    """
    spec = find_spec("publicsuffixlist")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("the package publicsuffixlist is not installed")
    path = Path(next(iter(spec.submodule_search_locations))) / FILE
    return frozenset(path.read_text("utf-8").split("\n"))


def registrable(host: str) -> str | None:
    """Give the public suffix of a host and one label more; None for a host that is a suffix itself.

    Args:
        host: lower case, A-labels, no empty label. A name under no rule is taken to be under a suffix of one
            label, as the list says.
    """
    labels = host.split(".")
    known = labels if "xn--" not in host else [_decoded(label) for label in labels]
    count = _public(known)
    return ".".join(labels[-count - 1 :]) if len(labels) > count else None


def _public(labels: list[str]) -> int:
    """How many labels the public suffix has: the longest rule holds, an exception takes one label off."""
    every = rules()
    if len(labels) == 1:
        return 1
    for start in range(len(labels)):
        rest = ".".join(labels[start:])
        depth = len(labels) - start
        if f"!{rest}" in every:
            return depth - 1
        if f"*.{rest}" in every:
            return depth + (start > 0)
        if rest in every:
            return depth
    return 1


def _decoded(label: str) -> str:
    """Give the U-label (RFC 5890) of a label, if it has one."""
    try:
        return label.encode("ascii").decode("idna") if label.startswith("xn--") else label
    except UnicodeError:
        return label
