"""A table of every identifier and personal datum that captures show being sent, for reading by a person.

``python tools/identifier_table.py FILE…`` prints Markdown: one row for each file, host, kind of data, place
in the message and form, values shortened as in reports. A second table lists fields that are named after a
datum but held only what a system gives instead of it (``02:00:00:00:00:00``): nothing was told there, and a
reader who looks for it should not have to wonder.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.compute as pc

from waakzaam.peel import chain_text, disguise_of
from waakzaam.seek import collect_known, sight
from waakzaam.seek.named import fields_for
from waakzaam.seek.shown import shorten
from waakzaam.sources.evidence import Evidence, read_evidence

HEAD = ("file", "host", "datum", "where", "form", "value", "transport", "disguise", "messages")


@dataclass(frozen=True, order=True)
class Row:
    """One row of either table, without the number of messages."""

    file: str
    host: str
    datum: str
    where: str
    form: str
    value: str
    transport: str
    disguise: str


@dataclass(frozen=True)
class Read:
    """What one file gave. ``requests``: HTTP requests; ``leaves``: values at the end of a chain."""

    requests: int
    leaves: int
    sent: dict[Row, int]
    placeholders: dict[Row, int]


def read(path: Path) -> Read:
    """Read one capture; rows with the number of messages that carried them."""
    evidence = read_evidence(1, path)
    messages = evidence.table("messages")
    http = pc.and_(pc.starts_with(messages["protocol"], "http"), pc.equal(messages["direction"], "up"))
    found: dict[Row, set[int]] = {}
    for told in sight(collect_known([], [evidence]), [evidence]).to_pylist():
        row = Row(
            path.name,
            told["host"] or "",
            told["datum"],
            told["path"],
            told["form"],
            told["value_shown"],
            told["transport"],
            told["disguise"],
        )
        found.setdefault(row, set()).add(told["message"])
    held: dict[Row, set[int]] = {}
    for row, message in _placeholders(evidence):
        held.setdefault(row, set()).add(message)
    return Read(
        requests=pc.sum(http).as_py() or 0,
        leaves=len(_leaves(evidence)),
        sent={row: len(found[row]) for row in sorted(found)},
        placeholders={row: len(held[row]) for row in sorted(held)},
    )


def _placeholders(evidence: Evidence) -> Iterator[tuple[Row, int]]:
    """Leaves whose name means a datum and whose value has its shape, but is the same for everybody."""
    paths = {row["path"]: row for row in evidence.table("paths").to_pylist()}
    meant = {number: fields_for(row["name"], row["selectors"]) for number, row in paths.items()}
    values = {row["value"]: row["bytes"] for row in evidence.table("values").to_pylist()}
    messages = {row["message"]: row for row in evidence.table("messages").to_pylist()}
    for leaf in _leaves(evidence):
        text = values[leaf["value"]].decode("utf-8", "replace").strip()
        for field in meant[leaf["path"]]:
            if field.regex.fullmatch(text) and text.lower() in field.rejects:
                path, message = paths[leaf["path"]], messages[leaf["message"]]
                where = chain_text(path["part"], path["layers"], path["selectors"])
                host = message["host"] or message["server_address"] or ""
                shown = shorten(field.datum, text.encode())
                told = ("placeholder", shown, message["transport"], disguise_of(path["layers"]))
                yield Row(evidence.path.name, host, field.datum, where, *told), leaf["message"]
                break


def _leaves(evidence: Evidence) -> list[dict[str, int]]:
    """Every leaf of every message: message, content, path, value."""
    joined = evidence.table("contents").join(evidence.table("leaves"), "content", join_type="inner")
    rows: list[dict[str, int]] = joined.to_pylist()
    return rows


def _table(rows: dict[Row, int]) -> Iterator[str]:
    yield f"| {' | '.join(HEAD)} |"
    yield f"|{' --- |' * len(HEAD)}"
    for row, messages in rows.items():
        where = f"`{row.where}`".replace("|", "\\|")
        told = (row.file, row.host, row.datum, where, row.form, f"`{row.value}`", row.transport, row.disguise)
        yield f"| {' | '.join(told)} | {messages} |"


def main(paths: Sequence[str]) -> None:
    """Print both tables and what they are made from."""
    done = [read(Path(path)) for path in paths]
    sent = {row: count for each in done for row, count in each.sent.items()}
    placeholders = {row: count for each in done for row, count in each.placeholders.items()}
    requests, leaves = sum(each.requests for each in done), sum(each.leaves for each in done)
    print(f"{len(done)} files, {requests} HTTP requests, {leaves} values. {len(sent)} rows:\n")
    print("\n".join(_table(sent)))
    print(f"\nNamed, but holding only a placeholder, {len(placeholders)} rows:\n")
    print("\n".join(_table(placeholders)))


if __name__ == "__main__":
    main(sys.argv[1:])
