"""Every leaf of the shared captures that stays opaque belongs to a group with a reason."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.shared

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("opaque_leaves", ROOT / "tools" / "opaque_leaves.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["opaque_leaves"] = module
    spec.loader.exec_module(module)
    return module


def test_no_group_is_without_a_reason(tool: ModuleType, shared: Path) -> None:
    page = tool.page(tool.opaque_leaves(shared))
    written = tool.PAGE.read_text("utf-8")
    # New layers open more, so that groups may go; a heading that is not in the page means that it is old.
    for line in page.splitlines():
        if line.startswith("## "):
            assert line in written


def test_a_group_without_a_reason_is_an_error(tool: ModuleType) -> None:
    strange = tool.Kind("host.example", "/x", "a part that does not exist", "a shape that does not exist", "")
    with pytest.raises(ValueError, match="no reason for"):
        tool.page({strange: tool.Leaves()})
