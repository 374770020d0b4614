"""The rules of the architecture that a compiler does not hold."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from tests.helpers.knowledge import SUBJECTS

from waakzaam.advise.rules import RULES
from waakzaam.knowledge import load
from waakzaam.report.text import Text
from waakzaam.sources import SOURCES
from waakzaam.tables import TABLES

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "waakzaam"
STAGES = ("sources", "peel", "seek", "attribute", "advise", "report", "cli")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
    return found


# `seek` looks up to whom a name belongs; that question has no state and is answered by one function.
ALLOWED = {("seek", "waakzaam.attribute")}


@pytest.mark.parametrize("stage", STAGES)
def test_no_stage_imports_a_later_one(stage: str) -> None:
    later = STAGES[STAGES.index(stage) + 1 :]
    drivers = (
        ("waakzaam.audit", "waakzaam.explain", "waakzaam.case") if stage not in ("report", "cli") else ()
    )
    for path in (PACKAGE / stage).rglob("*.py"):
        for name in imports(path):
            parts = name.split(".")
            wrong = parts[0] == "waakzaam" and len(parts) > 1 and parts[1] in later
            assert not wrong or (stage, name) in ALLOWED, f"{path} imports {name}"
            assert name not in drivers, f"{path} imports {name}"


def test_every_column_is_described() -> None:
    page = (ROOT / "docs" / "tables.md").read_text()
    described = {
        section.split("\n", 1)[0].strip(): re.findall(r"^\| (\w+) \|", section, re.M)[1:]
        for section in page.split("\n## ")[1:]
    }
    assert described == {name: schema.names for name, schema in TABLES.items()}


def test_every_rule_has_a_page_and_texts() -> None:
    pages = {path.stem for path in (ROOT / "docs" / "rules").glob("*.md")}
    assert pages == {rule.id for rule in RULES}
    for rule in RULES:
        page = (ROOT / "docs" / "rules" / f"{rule.id}.md").read_text()
        for heading in (
            "What it shows",
            "Why it matters",
            "How it was found",
            "What it does not show",
            "References",
        ):
            assert f"## {heading}" in page, f"{rule.id}: {heading}"
        for key in ("title", "shows", "why", "how_found", "does_not_show"):
            assert Text("en").t(f"rule.{rule.id}.{key}", recipient="x")


def test_every_format_is_described_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for source in SOURCES:
        assert source.title in readme


def test_every_file_of_facts_can_be_read() -> None:
    """Two changes to one file may merge into text that is no TOML: this test runs before every merge."""
    for subject in SUBJECTS:
        assert getattr(load(), subject), subject


def test_files_stay_small() -> None:
    for path in [*PACKAGE.rglob("*.py"), *(ROOT / "core" / "src").rglob("*.rs")]:
        lines = path.read_text().count("\n")
        assert lines <= 450, f"{path.relative_to(ROOT)} has {lines} lines: is there one idea in it?"
