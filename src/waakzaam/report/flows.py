"""What was sent to whom and how it travelled, counted over all sightings."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow.compute as pc

from waakzaam.report.model import Report
from waakzaam.report.words import Words


@dataclass(frozen=True)
class Flow:
    """One recipient and one kind of data, with how they travelled; counted over all sightings."""

    recipient: str | None
    datum: str
    forms: tuple[str, ...]
    transport: str | None
    disguise: str | None
    count: int
    period: str | None


def summed(report: Report, words: Words) -> tuple[Flow, ...]:
    """Give what was sent to whom: recipients with most sightings first."""
    sightings = report.table("sightings")
    sent = sightings.filter(pc.fill_null(pc.not_equal(sightings.column("direction"), "down"), True))
    keys = ["host", "datum", "transport", "disguise"]
    grouped = sent.group_by(keys, use_threads=False).aggregate(
        [([], "count_all"), ("form", "distinct"), ("time", "min"), ("time", "max")]
    )
    columns = (grouped.column(name).to_pylist() for name in [*keys, "form_distinct"])
    rest = (grouped.column(name).to_pylist() for name in ("count_all", "time_min", "time_max"))
    flows = [
        Flow(
            recipient=host,
            datum=words.datum(datum),
            forms=tuple(sorted(form for form in forms if form is not None)),
            transport=transport,
            disguise=disguise,
            count=count,
            period=words.period(first, last),
        )
        for host, datum, transport, disguise, forms, count, first, last in zip(*columns, *rest, strict=True)
    ]
    totals: dict[str | None, int] = {}
    for flow in flows:
        totals[flow.recipient] = totals.get(flow.recipient, 0) + flow.count
    flows.sort(key=lambda flow: (-totals[flow.recipient], flow.recipient or "", -flow.count, flow.datum))
    return tuple(flows)
