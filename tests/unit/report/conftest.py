"""Reports to render."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_rows import START
from report_sample import make_report

from waakzaam.report import Report, Text


@pytest.fixture
def report() -> Report:
    return make_report()


@pytest.fixture
def nothing() -> Report:
    """No table at all, nothing known."""
    return Report(tables={}, made_at=START, version="0.1.0")


@pytest.fixture
def clean(report: Report) -> Report:
    """Messages were read, nothing was found; two connections stayed closed."""
    kept = {name: report.tables[name] for name in ("evidence", "connections", "recipients")}
    return replace(report, tables=kept, chains={}, cases=(), reconstruction_of=None)


@pytest.fixture
def text() -> Text:
    return Text("en", strict=True)
