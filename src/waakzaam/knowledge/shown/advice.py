"""Advice, market shares, cautions, users and requirements as records."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from waakzaam.knowledge.loader import Facts
from waakzaam.knowledge.record import Entry, Record


def entries(base: Facts, at: datetime.date | None) -> Iterator[Entry]:
    """Give them all."""
    del at
    for advice in base.advice:
        note = f" {advice.note}" if advice.note else ""
        yield Entry(
            Record(
                subject="advice",
                id=advice.id,
                title=f"{advice.body} ({advice.country})",
                text=f"{advice.text}{note} Can be checked: {advice.check}",
                confidence=advice.confidence,
                sources=base.cited(advice.source),
                date=advice.date,
            )
        )
    for share in base.market_shares:
        value = f"{share.percent} %" if share.percent is not None else f"rank {share.rank}"
        note = f". {share.note}" if share.note else ""
        yield Entry(
            Record(
                subject="market share",
                id=f"{share.country}-{share.organisation}",
                title=f"{base.organisations[share.organisation].name}, {share.country}, {share.period}",
                text=f"{value} of {share.measure}, by {share.by}{note}",
                confidence=share.confidence,
                sources=base.cited(share.source),
            ),
            "belgium" if share.country == "BE" else "",
        )
    for caution in base.cautions:
        yield Entry(
            Record(
                subject="caution",
                id=caution.id,
                title=f"About {caution.about}",
                text=caution.text,
                confidence=caution.confidence,
                sources=base.cited(caution.source),
            )
        )
    for group in base.user_groups:
        yield Entry(
            Record(
                subject="user",
                id=group.id,
                title=group.who,
                text=f"{group.question} {group.answer}",
                confidence=group.confidence,
                sources=base.cited(group.source),
            )
        )
    for requirement in base.requirements:
        note = f" {requirement.note}" if requirement.note else ""
        yield Entry(
            Record(
                subject="requirement",
                id=requirement.id,
                title=requirement.provision,
                text=f"{requirement.output}{note}",
                confidence=requirement.confidence,
                sources=base.cited(requirement.source),
            )
        )
