"""What apps used of sensors and personal data, counted over all records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from waakzaam.report.model import Report


@dataclass(frozen=True)
class AccessShown:
    """One app and one thing it used; ``first`` and ``last`` are the earliest and latest record of it."""

    app: str | None
    category: str
    count: int
    first: datetime | None
    last: datetime | None


def summarise(report: Report) -> tuple[AccessShown, ...]:
    """Count accesses by app and category: apps with the most first, then by name."""
    grouped = (
        report.table("accesses")
        .group_by(["app", "category"], use_threads=False)
        .aggregate(
            [([], "count_all"), ("first", "min"), ("first", "max"), ("last", "min"), ("last", "max")],
        )
    )
    rows = []
    for row in grouped.to_pylist():
        early = [row[key] for key in ("first_min", "last_min") if row[key] is not None]
        late = [row[key] for key in ("first_max", "last_max") if row[key] is not None]
        rows.append(
            AccessShown(
                app=row["app"],
                category=row["category"] or "",
                count=row["count_all"],
                first=min(early, default=None),
                last=max(late, default=None),
            )
        )
    totals: dict[str | None, int] = {}
    for each in rows:
        totals[each.app] = totals.get(each.app, 0) + each.count
    rows.sort(key=lambda each: (-totals[each.app], each.app or "", -each.count, each.category))
    return tuple(rows)
