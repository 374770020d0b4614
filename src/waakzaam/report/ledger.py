"""What findings, and the absence of findings, rest on: how much was opened, by evidence and app."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.ordinals import in_order
from waakzaam.report.coverage import Coverage
from waakzaam.report.model import Report
from waakzaam.report.words import Words

LITTLE, MUCH = 50, 95
"""Percent: below the first a result speaks of a small part only, from the second on of nearly everything."""

ROWS = 500
"""Rows of the ledger that are worked out; the JSON report has all."""


@dataclass(frozen=True)
class Worth:
    """How much was opened. ``percent`` is 0 and 100 only where that is exact, None where nothing tells it.

    ``band``: ``unknown``, ``none``, ``little``, ``part``, ``most``, ``all``. ``by``: ``bytes`` that the phone
    sent, or ``connections`` where no evidence tells bytes.
    """

    percent: int | None
    band: str
    by: str
    sentence: str


@dataclass
class LedgerRow:
    """Connections of one app in one evidence. ``why``: reason → connections that stayed closed for it."""

    evidence: str | None
    app: str | None
    basis: tuple[str, ...] = ()
    opened: int = 0
    closed: int = 0
    bytes_up: int | None = None
    bytes_up_opened: int = 0
    why: Counter[str | None] = field(default_factory=Counter)

    @property
    def percent(self) -> int | None:
        """Of the bytes that were sent, how many in a hundred were opened."""
        return percent(self.bytes_up_opened, self.bytes_up)


def percent(part: int, whole: int | None) -> int | None:
    """A share in whole percent: 0 and 100 only if it is exact; None of nothing."""
    if not whole:
        return None
    if part in (0, whole):
        return 100 * part // whole
    return min(max(100 * part // whole, 1), 99)


def worth(coverage: Coverage, words: Words) -> Worth:
    """Say how much was opened."""
    sent = None
    if coverage.closed_bytes_up is not None:
        sent = coverage.opened_bytes_up + coverage.closed_bytes_up
    by, share = "bytes", percent(coverage.opened_bytes_up, sent)
    if share is None:
        by, share = "connections", percent(coverage.opened, coverage.connections)
    if share is None:
        return Worth(None, "unknown", by, words.t("worth.unknown"))
    bands = ((0, "none"), (LITTLE - 1, "little"), (MUCH - 1, "part"), (99, "most"), (100, "all"))
    band = next(name for most, name in bands if share <= most)
    whole = (
        words.t("worth.of_bytes", size=words.size(sent))
        if by == "bytes"
        else words.t("worth.of_connections", count=coverage.connections)
    )
    return Worth(share, band, by, words.t(f"worth.{band}", percent=share, whole=whole))


def ledger(report: Report) -> tuple[LedgerRow, ...]:
    """Rows of the ledger, those with the most bytes first; at most ``ROWS``.

    One row that is about everything tells no more than the coverage, and is left out.
    """
    table = report.table("not_seen")
    table = table.filter(pc.is_in(table["state"], pa.array(["opened", "closed"])))
    if table.num_rows > 20 * ROWS:
        table = in_order(table, ("bytes_up", "descending")).slice(0, 20 * ROWS)
    rows: dict[tuple[str | None, str | None], LedgerRow] = {}
    for each in table.to_pylist():
        key = (each["evidence"], each["app"])
        row = rows.setdefault(key, LedgerRow(*key))
        count, size = each["count"] or 0, each["bytes_up"]
        if size is not None:
            row.bytes_up = (row.bytes_up or 0) + size
        if each["state"] == "opened":
            row.opened += count
            row.bytes_up_opened += size or 0
        else:
            row.closed += count
            row.why[each["why"]] += count
    if len(rows) == 1 and next(iter(rows))[1] is None:
        return ()
    order = sorted(
        rows.values(), key=lambda row: (-(row.bytes_up or 0), -row.opened - row.closed, row.app or "")
    )[:ROWS]
    apps = report.table("apps")
    shown = apps.filter(pc.is_in(apps["app"], pa.array([row.app for row in order], pa.string())))
    bases = dict(zip(shown["app"].to_pylist(), shown["basis"].to_pylist(), strict=True))
    for row in order:
        row.basis = tuple(sorted(bases.get(row.app) or (), key=_told_first)) if row.app else ()
    return tuple(order)


def _told_first(basis: str) -> tuple[bool, str]:
    return (not basis.startswith("told"), basis)
