"""What all tests share: where real captures and the oracle are, and skips that say why."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("WAAKZAAM_SHARED_INPUTS", ROOT.parent / "shared" / "inputs"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests whose inputs or oracle are not here, with the reason."""
    for item in items:
        if item.get_closest_marker("shared") and not SHARED.is_dir():
            item.add_marker(
                pytest.mark.skip(reason=f"real captures are not here: {SHARED} (set WAAKZAAM_SHARED_INPUTS)")
            )
        if item.get_closest_marker("tshark") and shutil.which("tshark") is None:
            item.add_marker(
                pytest.mark.skip(reason="tshark is not installed (Debian: apt-get install tshark)")
            )


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of real captures that others made."""
    return SHARED


@pytest.fixture(scope="session")
def examples() -> Path:
    """Folder of the bundled examples."""
    return ROOT / "examples"


# Facts that the person who runs the tests has fetched are not those that are tested; some load on import.
os.environ["XDG_DATA_HOME"] = "/nonexistent"


@pytest.fixture(autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last audit of the person who runs the tests must not be overwritten."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
