"""Everything tshark sees in a real capture is seen here, too; every difference is explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.oracles.explained import REASONS
from tests.oracles.tshark import captures, compare

FILES = captures(SHARED / "captures") if SHARED.is_dir() else []


@pytest.mark.shared
@pytest.mark.tshark
@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}/{path.name}" for path in FILES])
def test_as_tshark_or_explained(path: Path) -> None:
    rows = compare(path)
    assert [row for row in rows if row.verdict != "equal" and not row.reason] == []
    # A reason that is needed no more must go: it would hide the next difference.
    differ = {(row.file, row.kind) for row in rows if row.verdict != "equal"}
    file = f"{path.parent.name}/{path.name}"
    assert {key for key in REASONS if key[0] == file} <= differ
