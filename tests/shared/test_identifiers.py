"""The reviewed table of identifiers in real captures of phones (docs/identifiers.md) is what is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tools.identifier_table import Row, read

from tests.conftest import ROOT, SHARED

REVIEWED = json.loads((ROOT / "tests/data/seek/phone_identifiers.json").read_text("utf-8"))
FILES = sorted((SHARED / "captures/phone").glob("*"))


def rows(kind: str, file: str) -> list[tuple[str, str, str]]:
    """Reviewed rows of one file: (host, datum, place)."""
    return sorted((row["host"], row["datum"], row["where"]) for row in REVIEWED[kind] if row["file"] == file)


def places(found: dict[Row, int]) -> list[tuple[str, str, str]]:
    return sorted({(row.host, row.datum, row.where) for row in found})


@pytest.mark.shared
@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_rows_are_those_that_were_reviewed(path: Path) -> None:
    found = read(path)
    assert places(found.sent) == rows("sent", path.name)
    assert places(found.placeholders) == rows("placeholders", path.name)
    reached = {(host, datum) for host, datum, _ in places(found.sent)}
    missed = {(row["host"], row["datum"]) for row in REVIEWED["not_reached"] if row["file"] == path.name}
    assert not reached & missed, "found now: read the rows and move them to `sent`"


@pytest.mark.shared
def test_every_file_was_reviewed() -> None:
    assert [path.name for path in FILES] == REVIEWED["files"]
