"""Whom the traffic of real captures is counted to, and what stays unknown.

``python tools/recipients.py FOLDER`` writes ``docs/recipients.md`` from a folder of captures that others
published. The verdicts of a person on a hundred attributions stand in ``recipient_verdicts.toml`` beside this
file; one that is missing, or that was given for another organisation, is an error.
"""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from waakzaam.attribute import attribute, place
from waakzaam.attribute.named import is_address
from waakzaam.sources.evidence import read_evidence
from waakzaam.sources.jail import Job
from waakzaam.sources.keys import is_key_file

HERE = Path(__file__).resolve().parent
VERDICTS = HERE / "recipient_verdicts.toml"
PAGE = HERE.parent / "docs" / "recipients.md"
FOLDERS = ("captures", "flows")
PHONE = "captures/phone"
CHECKED = 100
"""Attributions that a person checked."""
HEAD = """# Recipients of real captures: whom they are counted to, and which stay unknown

Made by `python tools/recipients.py FOLDER` from a folder of captures and flow files that others published
({files} files; those of phones and their apps are in `captures/phone`). Every file is read by itself. Bytes
are those of the table `recipients`, sent and received. An organisation is who runs the host; owner and seat
are of the day of the traffic. Shared hosting is never an organisation."""

NOTES = """
## What the numbers mean

- A network that a company keeps for itself (`own_networks.csv`) tells who runs the server, not which
  service it is. The name of the network is that of the address database on its date, also for older
  recordings. Networks of Google, Microsoft, Amazon, Tencent and others, in which customers have machines,
  are never counted to them.
- A bare address takes a name only if the same file holds exactly one for it (a DNS answer, a name sent on
  another connection, the host of a request). STUN realms and PTR answers are
  not read: in `captures/phone` realms would name 4 addresses, of Telegram and Viber, and a PTR answer one,
  of Facebook, that its certificate names too.
- What was found wrong while this page was made, and mended with a test each: the owner of Google before
  October 2015 (Alphabet, which did not exist), of Bugsnag before 2021 (SmartBear), of Adjust before 2021
  (AppLovin) and of Twitter before 2023 (X Corp.); `*.github.com`, `*.gravatar.com` and `zattoo.com` taken
  for organisations, because old or home-made certificates repeat the domain there; a proxy in a private
  network counted to the organisation of its certificate; sites under `googlecode.com`, which belong to
  many, counted to Google by their alias. In the first draw of the hundred below, five were wrong for these
  reasons; all are right now.
- Hosts are counted to an organisation without a date. Where a service changed hands (Crashlytics in 2017,
  Waze in 2013), recordings from before the change would name the later organisation."""

FACTS, ALIAS, CERTIFICATE = "facts about the host name", "an alias (CNAME)", "the certificate of the host"
NAMES, SHOWN, ADDRESS = (
    "all names that the capture has for the address",
    "the certificate that the address showed",
    "a public server known by its address",
)
NETWORK = "a network that a company keeps for itself"
HOSTED, NAMED, BARE, LOCAL = (
    "a name of shared hosting",
    "a name without a fact",
    "a bare address: no name in the capture",
    "the local network, or no address of a host",
)
ATTRIBUTED = (FACTS, ALIAS, CERTIFICATE, NAMES, SHOWN, ADDRESS, NETWORK)
UNKNOWN = (HOSTED, NAMED, BARE, LOCAL)
_BASES = {
    ALIAS: re.compile(r" is another name of .*\(CNAME\)\.$"),
    CERTIFICATE: re.compile(r"^No fact about this host\. The certificate of its server"),
    NAMES: re.compile(r"^All names that the capture has for "),
    SHOWN: re.compile(r"^The certificate that .* showed"),
    ADDRESS: re.compile(r"^\S+ is a server of "),
    NETWORK: re.compile(r" keeps for its own services: "),
}
_LOCAL_NAMES = re.compile(r"(^|\.)(localhost|local|example|test|invalid|lan|home\.arpa)$")


@dataclass(frozen=True)
class Recipient:
    """One host in one file. ``size``: bytes sent and received."""

    file: str
    host: str
    kind: str
    size: int
    organisation: str | None
    owner: str | None
    seat: str | None
    day: str
    networks: tuple[str, ...]
    hosting: tuple[str, ...]


def recipients(folder: Path) -> list[Recipient]:
    """Read every capture below the folder and attribute it."""
    found = []
    for path, keys in _captures(folder):
        evidence = read_evidence(1, path, Job(keys=keys))
        names = ("messages", "connections", "names")
        table = attribute(*(evidence.table(name) for name in names))
        name = path.relative_to(folder).as_posix()
        found += [_recipient(name, row) for row in table.to_pylist()]
    return found


def _captures(folder: Path) -> Iterator[tuple[Path, tuple[Path, ...]]]:
    """Every capture below the folder, with the key files beside it."""
    for name in FOLDERS:
        files = sorted(path for path in (folder / name).rglob("*") if path.is_file())
        keys = [path for path in files if is_key_file(path)]
        for path in files:
            if path not in keys:
                yield path, tuple(key for key in keys if key.parent == path.parent)


def _recipient(file: str, row: dict[str, Any]) -> Recipient:
    return Recipient(
        file=file,
        host=row["host"],
        kind=_kind(row),
        size=(row["bytes_up"] or 0) + (row["bytes_down"] or 0),
        organisation=row["organisation"],
        owner=row["owner"],
        seat=row["seat"],
        day=row["last"].date().isoformat() if row["last"] else "",
        networks=tuple((row["network"] or "").split("; ")),
        hosting=tuple(row["hosting"]),
    )


def _kind(row: dict[str, Any]) -> str:
    """How the row came to its organisation, or in what way it has none."""
    if row["organisation"]:
        kinds = {kind for kind, said in _BASES.items() for text in row["basis"] if said.search(text)}
        if len(kinds) > 1:
            raise ValueError(f"{row['host']}: {sorted(kinds)}: {row['basis']}")
        return kinds.pop() if kinds else FACTS
    if is_address(row["host"]):
        return LOCAL if place(row["host"]).special else BARE
    if _LOCAL_NAMES.search(row["host"]) or "." not in row["host"]:
        return LOCAL
    return HOSTED if (row["role"] or "").startswith("shared hosting") else NAMED


def chosen(found: Iterable[Recipient]) -> list[Recipient]:
    """The attributions to check: each host once, the hundred with the lowest SHA-256 of the name.

    More facts and more captures move few of them: a hash tells nothing of what the host is.
    """
    first: dict[str, Recipient] = {}
    for each in found:
        if each.organisation:
            first.setdefault(each.host, each)
    return sorted(first.values(), key=lambda each: hashlib.sha256(each.host.encode()).digest())[:CHECKED]


@dataclass
class _Sum:
    hosts: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    rows: int = 0
    size: int = 0

    def add(self, one: Recipient) -> None:
        self.hosts.add(one.host)
        self.files.add(one.file.rpartition("/")[2])
        self.rows += 1
        self.size += one.size


def shares(found: Iterable[Recipient]) -> dict[str, _Sum]:
    """Recipients and bytes by kind of attribution."""
    sums: dict[str, _Sum] = {kind: _Sum() for kind in (*ATTRIBUTED, *UNKNOWN)}
    for each in found:
        sums[each.kind].add(each)
    return sums


def _shares(title: str, found: list[Recipient]) -> Iterator[str]:
    sums = shares(found)
    size = sum(each.size for each in sums.values()) or 1
    counted = sum(sums[kind].size for kind in ATTRIBUTED)
    yield f"\n## {title}\n"
    yield (
        f"{len(found)} recipients (a host of one file), {size:,} bytes. **{100 * counted / size:.1f} %** "
        "of the bytes are counted to an organisation; the others are said to be unknown, or local, for the "
        "reason given:\n"
    )
    yield "| by | recipients | hosts | bytes | share |"
    yield "| --- | --- | --- | --- | --- |"
    for kind, each in sums.items():
        sign = "unknown: " if kind in UNKNOWN and kind != LOCAL else ""
        share = f"{100 * each.size / size:.1f} %"
        yield f"| {sign}{kind} | {each.rows} | {len(each.hosts)} | {each.size:,} | {share} |"


def _grouped(found: Iterable[Recipient], kind: str, by: str) -> list[tuple[str, _Sum]]:
    sums: defaultdict[str, _Sum] = defaultdict(_Sum)
    for each in found:
        if each.kind == kind:
            name = each.host if by == "host" else each.networks[0] or "not in the address database"
            sums[name].add(each)
    return sorted(sums.items(), key=lambda item: (-item[1].size, item[0]))


def _unknown(found: list[Recipient]) -> Iterator[str]:
    yield "\n## Unknown names\n"
    yield "Names for which no confirmed fact is at hand, with the bytes of all files:\n"
    yield "| host | bytes | files |"
    yield "| --- | --- | --- |"
    for host, each in _grouped(found, NAMED, "host"):
        yield f"| {_cell(host)} | {each.size:,} | {len(each.files)} |"
    yield "\n## Names of shared hosting\n"
    yield "The name says who lends the machine, not who sends or receives:\n"
    yield "| host | bytes | files |"
    yield "| --- | --- | --- |"
    for host, each in _grouped(found, HOSTED, "host"):
        yield f"| {_cell(host)} | {each.size:,} | {len(each.files)} |"
    yield "\n## Bare addresses\n"
    yield (
        "No DNS answer, no connection and no certificate of the file names them. They are listed by the "
        "network that the address database gives, not one by one: many are lines of persons at the other "
        "end of a call.\n"
    )
    yield "| network | addresses | bytes | files |"
    yield "| --- | --- | --- | --- |"
    for name, each in _grouped(found, BARE, "network"):
        yield f"| {_cell(name)} | {len(each.hosts)} | {each.size:,} | {len(each.files)} |"


def verdicts() -> dict[str, dict[str, str]]:
    """Verdicts by host."""
    with VERDICTS.open("rb") as file:
        return {row["host"]: row for row in tomllib.load(file)["verdict"]}


def _checked(found: list[Recipient]) -> Iterator[str]:
    told = verdicts()
    picked = chosen(found)
    missing = [each.host for each in picked if each.host not in told]
    other = [each.host for each in picked if told.get(each.host, {}).get("organisation") != each.organisation]
    if missing or other:
        raise ValueError(f"{VERDICTS.name}: no verdict on {missing}; given for another organisation: {other}")
    kinds = ("right", "wrong", "cannot tell")
    counted = {kind: sum(told[each.host]["verdict"] == kind for each in picked) for kind in kinds}
    yield f"\n## {len(picked)} attributions checked by hand\n"
    yield (
        "Chosen among all attributed hosts of all files: those with the lowest SHA-256 of the name. Checked "
        "against sources that the facts do not rest on, named in the last column. "
        + ", ".join(f"{count} {kind}" for kind, count in counted.items())
        + ".\n"
    )
    yield "| host | organisation | owner | seat | on | by | verdict | checked against |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for each in picked:
        row = told[each.host]
        cells = (
            each.host, each.organisation, each.owner or "not known", each.seat or "not known",
            each.day or "no date", each.kind, row["verdict"], row["why"],
        )  # fmt: skip
        yield f"| {' | '.join(_cell(str(cell)) for cell in cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def page(found: list[Recipient]) -> str:
    """The whole page."""
    phone = [each for each in found if each.file.startswith(PHONE)]
    files = len({each.file for each in found})
    lines = [
        HEAD.format(files=files),
        *_shares("Captures of phones", phone),
        *_shares("All captures and flow files", found),
        NOTES,
        *_unknown(found),
        *_checked(found),
    ]
    return "\n".join(lines) + "\n"


def main(folder: str) -> None:
    """Write the page."""
    PAGE.write_text(page(recipients(Path(folder))), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
