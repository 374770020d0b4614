"""Every leaf of real captures that stayed opaque, in groups, each with a reason.

``python tools/opaque_leaves.py FOLDER`` writes ``docs/opaque.md``; a group without a reason is an error. The
reasons stand in ``opaque_reasons.toml`` beside this file: the first that fits a group is taken.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from waakzaam import _core
from waakzaam.peel.closed import Group, closed_in, values_of
from waakzaam.peel.stage import unlock
from waakzaam.sources.evidence import read_evidence
from waakzaam.sources.jail import Confinement, Job
from waakzaam.sources.keys import is_key_file

HERE = Path(__file__).resolve().parent
REASONS = HERE / "opaque_reasons.toml"
PAGE = HERE.parent / "docs" / "opaque.md"
FOLDERS = ("captures", "flows")
MOST_FILE = 400 << 20
DIGESTS = {32: "MD5", 40: "SHA-1", 56: "SHA-224", 64: "SHA-256", 96: "SHA-384", 128: "SHA-512"}
HEAD = (
    "# What stays opaque in real captures, and why",
    "",
    "Made by `python tools/opaque_leaves.py FOLDER` from a folder of captures that others published: every",
    "leaf that looks closed after peeling and unlocking without a key file, in groups of one host, path,",
    "field and shape. Numbers and tokens in paths and fields are written `*`. The reasons are assessments:",
    "nobody here has the keys.",
)
_HEX = re.compile(rb"[0-9a-fA-F]+\Z")
_TEXT = re.compile(rb"[\t\n\r -~]+\Z")
_NUMBERS = re.compile(r"[0-9a-f]{16,}|\d+|[0-9a-zA-Z_-]{24,}", re.IGNORECASE)


def shape(data: bytes) -> str:
    """What a value looks like, without what differs between values of one kind."""
    if _HEX.match(data):
        digest = DIGESTS.get(len(data))
        return f"hexadecimal digits, as many as {digest}" if digest else "hexadecimal digits"
    if _TEXT.match(data):
        return "digits of base64"
    return "binary, up to 64 bytes" if len(data) <= 64 else "binary"


@dataclass(frozen=True)
class Reason:
    """A reason and the groups that it is for: every pattern that is given must be found."""

    id: str
    text: str
    where: dict[str, re.Pattern[str]]

    def fits(self, kind: Kind) -> bool:
        """Say whether it is the reason for this kind of leaf."""
        return all(pattern.search(getattr(kind, name)) for name, pattern in self.where.items())


@dataclass(frozen=True)
class Kind:
    """Where leaves of one group stand and what they look like."""

    host: str
    path: str
    place: str
    shape: str
    format: str


@dataclass
class Leaves:
    """Leaves of one group."""

    values: set[bytes] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    messages: int = 0


def reasons() -> list[Reason]:
    """Read the table of reasons, in its order."""
    with REASONS.open("rb") as file:
        table = tomllib.load(file)["reason"]
    return [
        Reason(row.pop("id"), row.pop("text"), {name: re.compile(text, re.I) for name, text in row.items()})
        for row in table
    ]


def captures(folder: Path) -> Iterator[tuple[Path, tuple[Path, ...]]]:
    """Every capture below the folder, with the key files beside it."""
    for name in FOLDERS:
        files = sorted(path for path in (folder / name).rglob("*") if path.is_file())
        keys = [path for path in files if is_key_file(path)]
        for path in files:
            if path not in keys and path.stat().st_size <= MOST_FILE:
                yield path, tuple(key for key in keys if key.parent == path.parent)


def opaque_leaves(folder: Path) -> dict[Kind, Leaves]:
    """All leaves that are closed after an audit's stages, by kind."""
    found: dict[Kind, Leaves] = {}
    judge = _core.Unlocker([], [])
    for path, keys in captures(folder):
        evidence = read_evidence(1, path, Job(answers=False, keys=keys), Confinement(), identify=False)
        if not evidence.rows("closed"):
            continue
        unlocked = unlock([evidence])
        formats = {
            (row["host"], row["url_path"], row["place"]): row["format"]
            for row in unlocked.tables["opaque"].to_pylist()
            if row["format"]
        }
        opened = set(unlocked.opened_values)
        for group in closed_in(evidence):
            known = formats.get((group.host or None, group.path, group.place), "")
            for data in values_of(group):
                if data in opened or not judge.is_closed(data):
                    continue
                leaves = found.setdefault(kind_of(group, data, known), Leaves())
                leaves.values.add(data)
                leaves.files.add(path.name)
                leaves.messages += 1
    return found


def kind_of(group: Group, data: bytes, known: str) -> Kind:
    """The kind of a leaf; names and numbers that differ between messages are left out of the path."""
    path = "(no fields)" if group.raw else _NUMBERS.sub("*", group.path)
    host = "(addresses)" if group.raw else group.host
    return Kind(host, path, _NUMBERS.sub("*", group.place), shape(data), known)


def page(found: dict[Kind, Leaves]) -> str:
    """The groups by reason, as a page; raises ValueError for a group without one."""
    listed = reasons()
    by_reason: dict[str, list[tuple[Kind, Leaves]]] = {}
    for kind, leaves in found.items():
        reason = next((each for each in listed if each.fits(kind)), None)
        if reason is None:
            raise ValueError(f"no reason for {kind}")
        by_reason.setdefault(reason.id, []).append((kind, leaves))
    total = sum(len(leaves.values) for leaves in found.values())
    lines = [*HEAD, "", f"{total} different values in {len(found)} groups."]
    for reason in listed:
        groups = by_reason.get(reason.id, [])
        if not groups:
            continue
        groups.sort(key=lambda each: (each[0].host, each[0].path, each[0].place, each[0].shape))
        values = sum(len(leaves.values) for _, leaves in groups)
        lines += ["", f"## {reason.id}", "", f"{reason.text} {values} values in {len(groups)} groups.", ""]
        lines += ["| host | path | field | shape | values | files |", "| --- | --- | --- | --- | --- | --- |"]
        for kind, leaves in groups:
            cells = (kind.host, kind.path, f"`{kind.place}`", kind.shape)
            shown = " | ".join(cell.replace("|", "\\|")[:120] for cell in cells)
            lines.append(f"| {shown} | {len(leaves.values)} | {len(leaves.files)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(opaque_leaves(Path(sys.argv[1]))), "utf-8")
