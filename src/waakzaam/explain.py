"""Compute a finding again from the evidence file: if it cannot be computed, it is not a finding."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam import _core
from waakzaam.case import STANDARD_INPUT
from waakzaam.errors import WaakzaamError
from waakzaam.peel.chain import replay
from waakzaam.sources.evidence import STOPPED, digest, read_evidence
from waakzaam.sources.jail import Confinement, Job
from waakzaam.sources.keys import NAME as KEY_FORMAT

NEEDED = ("message", "part", "path", "layers", "selectors", "leaf_offset", "leaf_length", "match_sha256")
"""Columns of ``sightings`` without which a chain cannot be computed."""
LISTS = ("layers", "selectors")


@dataclass(frozen=True)
class Step:
    """One step of a chain. ``layer`` is the part of the message for the first, else the layer removed."""

    layer: str
    selector: str
    data: bytes


@dataclass(frozen=True)
class Explained:
    """A sighting that was computed again from the file ``path``.

    ``match``: the bytes of the leaf that are the value.
    """

    sighting: dict[str, Any]
    request: str
    steps: tuple[Step, ...]
    match: bytes
    path: Path
    proofs: tuple[dict[str, Any], ...] = ()
    """Rows of table ``proofs``: what proves the steps that needed a key."""


@dataclass(frozen=True)
class Compared:
    """Closed values that were computed again and tell the same: ``weakness`` is a row of that table.

    ``values``: (message, bytes) of each.
    """

    weakness: dict[str, Any]
    values: tuple[tuple[int, bytes], ...]
    path: Path


def rows_for(finding: str, tables: dict[str, pa.Table]) -> list[dict[str, Any]]:
    """The sightings named by a finding (``F1``), or the one sighting (``S3``) itself.

    Raises:
        WaakzaamError: the case has no such finding or sighting.
    """
    sightings = tables["sightings"]
    if finding.upper().startswith("W"):
        return []
    if finding.upper().startswith("S"):
        wanted = [finding.upper()]
    else:
        row = tables["findings"].filter(pc.equal(tables["findings"]["finding"], finding.upper())).to_pylist()
        if not row:
            have = tables["findings"]["finding"].to_pylist()
            listed = f"it has {have[0]} to {have[-1]}" if have else "it has no findings"
            raise WaakzaamError(f"{finding!r}: the case has no such finding; {listed}")
        wanted = row[0]["sightings"]
        if row[0]["weaknesses"]:
            return []
    rows = sightings.filter(pc.is_in(sightings["sighting"], pa.array(wanted, pa.string()))).to_pylist()
    if not rows:
        raise WaakzaamError(f"{finding!r}: the case has no such sighting; it has {len(sightings)}")
    return sorted(rows, key=lambda each: wanted.index(each["sighting"]))


def weaknesses_for(finding: str, tables: dict[str, pa.Table]) -> list[dict[str, Any]]:
    """The rows of ``weaknesses`` named by a finding (``F1``), or the one (``W3``) itself; none for others.

    Raises:
        WaakzaamError: the case has no such weakness.
    """
    name = finding.upper()
    rows = tables["findings"].filter(pc.equal(tables["findings"]["finding"], name)).to_pylist()
    wanted = (rows[0]["weaknesses"] or []) if rows else [name] * name.startswith("W")
    found = [row for row in tables["weaknesses"].to_pylist() if row["weakness"] in wanted]
    if wanted and not found:
        raise WaakzaamError(f"{finding!r}: the case has no such weakness; it has {len(tables['weaknesses'])}")
    return found


def explain(
    rows: Sequence[dict[str, Any]],
    evidence: pa.Table,
    *,
    problems: pa.Table | None = None,
    proofs: pa.Table | None = None,
    copies: Sequence[Path] = (),
    confinement: Confinement | None = None,
) -> list[Explained]:
    """Compute sightings again from the evidence.

    Args:
        rows: rows of table ``sightings``.
        evidence: table ``evidence`` of the same case.
        proofs: table ``proofs`` of it.
        problems: table ``problems`` of it: a file whose reading was stopped is read to the same byte.
        copies: where evidence lies now, if it was moved; taken by SHA-256.
        confinement: limits of the reading process.

    Raises:
        WaakzaamError: the evidence is not the file that was audited, or a chain does not lead to the same
            bytes.
    """
    for row in rows:
        _whole(row)
    reader = _Reader(evidence, problems, copies, confinement)
    done: dict[str, Explained] = {}
    for name in dict.fromkeys(row["evidence"] for row in rows):
        wanted = [row for row in rows if row["evidence"] == name]
        path, messages = reader.messages(name, {row["message"] for row in wanted})
        for row in wanted:
            found = _again(row, messages.get(row["message"]), path)
            done[row["sighting"]] = replace(found, proofs=_proofs_of(row, proofs))
    return [done[row["sighting"]] for row in rows]


def compare(
    rows: Sequence[dict[str, Any]],
    evidence: pa.Table,
    *,
    problems: pa.Table | None = None,
    copies: Sequence[Path] = (),
    confinement: Confinement | None = None,
) -> list[Compared]:
    """Compute weaknesses again from the evidence; arguments and errors as for :func:`explain`.

    Args:
        rows: rows of table ``weaknesses``.
        evidence: as there.
        problems: as there.
        copies: as there.
        confinement: as there.
    """
    reader = _Reader(evidence, problems, copies, confinement)
    return [_compared(row, *reader.messages(row["evidence"], set(row["messages"]))) for row in rows]


class _Reader:
    """Reads messages of the evidence again, after it has made sure that it is the same."""

    def __init__(
        self,
        evidence: pa.Table,
        problems: pa.Table | None,
        copies: Sequence[Path],
        confinement: Confinement | None,
    ) -> None:
        self._files = {row["evidence"]: row for row in evidence.to_pylist()}
        self._moved = _copies(copies, self._files)
        keys = (file for file in self._files.values() if file["format"] == KEY_FORMAT)
        self._keys = tuple(_unchanged(file, self._moved) for file in keys)
        self._problems = problems
        self._confinement = confinement

    def messages(self, name: str, wanted: Iterable[int]) -> tuple[Path, dict[int, dict[str, Any]]]:
        """Where an evidence lies, and these messages of it with their bodies."""
        if name not in self._files:
            raise WaakzaamError(f"the case is damaged: it has no evidence {name!r}; run the audit again")
        path = _unchanged(self._files[name], self._moved)
        job = Job(
            bodies=True,
            peel=False,
            only=sorted(wanted),
            source=self._files[name]["format"],
            keys=self._keys,
            until=_stopped_at(name, self._problems),
        )
        read = read_evidence(1, path, job, self._confinement, identify=False).table("messages")
        return path, {row["message"]: row for row in read.to_pylist()}


def _proofs_of(row: dict[str, Any], proofs: pa.Table | None) -> tuple[dict[str, Any], ...]:
    if proofs is None or row.get("proof") is None:
        return ()
    mine = pc.and_(pc.equal(proofs["evidence"], row["evidence"]), pc.equal(proofs["content"], row["proof"]))
    return tuple(sorted(proofs.filter(mine).to_pylist(), key=lambda proof: proof["step"]))


def _compared(row: dict[str, Any], path: Path, messages: dict[int, dict[str, Any]]) -> Compared:
    steps = len(row["layers"])
    values = []
    for place, number in enumerate(row["messages"]):
        selectors = row["selectors"][place * steps : (place + 1) * steps]
        value = next(_leaves_of(messages.get(number), row["part"], row["layers"], selectors), None)
        if value is None:
            raise WaakzaamError(
                f"{row['weakness']}: the chain {row['place']} is not in message {number} of {path}: this "
                "weakness is not proven"
            )
        values.append((number, value))
    told = _core.weaknesses([value for _, value in values])
    if (row["kind"], row["block"] or 0, row["count"], row["of"]) not in [found[:4] for found in told]:
        raise WaakzaamError(f"{row['weakness']}: the values in {path} tell something else: it is not proven")
    return Compared(row, tuple(values), path)


def _leaves_of(
    message: dict[str, Any] | None, part: str, layers: Sequence[str], selectors: Sequence[str]
) -> Iterator[bytes]:
    """What a chain leads to, in every part of a message that has this name and in which it holds."""
    for data in _parts(message, part) if message else ():
        try:
            results = replay(data, layers, selectors)
        except WaakzaamError:
            continue
        yield results[-1] if results else data


def _whole(row: dict[str, Any]) -> None:
    """Refuse a row that lacks what its chain needs: somebody changed the case."""
    lost = [name for name in NEEDED if row[name] is None or (name in LISTS and None in row[name])]
    if lost:
        raise WaakzaamError(
            f"{row['sighting']}: the case does not tell {lost[0]}: this sighting is not proven"
        )


def _copies(copies: Sequence[Path], files: dict[str, dict[str, Any]]) -> dict[str, Path]:
    """Where evidence lies now, by SHA-256."""
    of_case = {file["sha256"]: name for name, file in files.items()}
    moved = {}
    for path in copies:
        sha256 = digest(path)
        if sha256 not in of_case:
            has = ", ".join(f"{name} {each[:16]}…" for each, name in of_case.items())
            raise WaakzaamError(
                f"{path}: is not evidence of this case: its SHA-256 is {sha256[:16]}…, the case has {has}; "
                "nothing is proven by a changed file"
            )
        moved[sha256] = path
    return moved


def _unchanged(file: dict[str, Any], moved: dict[str, Path]) -> Path:
    path = moved.get(file["sha256"], Path(file["path"]))
    told = "say where an unchanged copy is with --evidence FILE"
    if file["path"] == STANDARD_INPUT and file["sha256"] not in moved:
        raise WaakzaamError(f"evidence {file['evidence']} came from standard input; {told}")
    try:
        sha256 = digest(path)
    except WaakzaamError as error:
        raise WaakzaamError(
            f"evidence {file['evidence']} cannot be opened any more: {error}, or {told}"
        ) from None
    if sha256 != file["sha256"]:
        raise WaakzaamError(
            f"{path}: is not the evidence that was audited: its SHA-256 is {sha256[:16]}…, in the case "
            f"{file['sha256'][:16]}…; nothing is proven by a changed file. {told.capitalize()}"
        )
    return path


def _stopped_at(evidence: str, problems: pa.Table | None) -> int | None:
    """After how many bytes the person stopped the reading: messages after that were numbered otherwise."""
    for row in problems.to_pylist() if problems is not None else ():
        place = str(row["place"])
        if row["evidence"] == evidence and row["code"] == STOPPED and place.startswith("byte "):
            return int(place.removeprefix("byte "))
    return None


def _again(row: dict[str, Any], message: dict[str, Any] | None, path: Path) -> Explained:
    if message is None:
        raise WaakzaamError(
            f"{row['sighting']}: {path} holds no message {row['message']}; the chain cannot be computed"
        )
    parts = _parts(message, row["part"])
    failure = WaakzaamError(
        f"{row['sighting']}: the chain {row['path']} does not lead to the same value in message "
        f"{row['message']} of {path}: this sighting is not proven"
    )
    for data in parts:
        try:
            results = replay(data, row["layers"], row["selectors"])
        except WaakzaamError as error:
            failure = WaakzaamError(f"{row['sighting']}: {error}: this sighting is not proven")
            continue
        leaf = results[-1] if results else data
        match = leaf[row["leaf_offset"] : row["leaf_offset"] + row["leaf_length"]]
        if hashlib.sha256(match).hexdigest() == row["match_sha256"]:
            layers = zip(row["layers"], row["selectors"], results, strict=True)
            steps = (Step(row["part"], "", data), *(Step(*each) for each in layers))
            request = f"{message['method'] or ''} {message['url'] or ''}".strip()
            return Explained(row, request, steps, match, path)
    raise failure


def _parts(message: dict[str, Any], wanted: str) -> list[bytes]:
    """The parts of a message that have this name."""
    headers = [
        (name.encode("latin-1"), value.encode("latin-1"))  # one character per byte, see table.rs
        for name, value in zip(message["header_names"], message["header_values"], strict=True)
    ]
    parts = _core.message_parts(message["url"], headers, message["body"] or b"")
    return [data for name, data in parts if name == wanted]
