"""Countries that are concerned, in words: what is recorded, which laws were in force, and what to ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from waakzaam.knowledge import load
from waakzaam.report.model import Report
from waakzaam.report.words import Words


@dataclass(frozen=True)
class LawShown:
    """A law that was in force: its id for ``waakzaam facts``, its name, its provisions."""

    id: str
    name: str
    provisions: tuple[str, ...]
    debated: bool


@dataclass(frozen=True)
class TransferShown:
    """One organisation and one country. ``questions`` are whole sentences."""

    organisation: str | None
    owner: str | None
    country: str
    why: str
    day: str
    hosts: tuple[str, ...]
    messages: int
    bytes_up: int | None
    adequacy: str
    adequacy_text: str
    laws: tuple[LawShown, ...]
    questions: tuple[str, ...]


def shown(report: Report, words: Words) -> tuple[TransferShown, ...]:
    """Give the rows of the table ``transfers`` in its order."""
    return tuple(_row(row, words) for row in report.table("transfers").to_pylist())


def _row(row: dict[str, Any], words: Words) -> TransferShown:
    named = {
        "organisation": row["organisation"] or words.t("transfers.operator_unknown"),
        "country": words.country(row["country"]),
        "day": row["day"],
    }
    return TransferShown(
        organisation=row["organisation"],
        owner=row["owner"],
        country=row["country"],
        why=row["why"],
        day=row["day"],
        hosts=tuple(row["hosts"]),
        messages=row["messages"],
        bytes_up=row["bytes_up"],
        adequacy=row["adequacy"],
        adequacy_text=row["adequacy_text"],
        laws=tuple(_law(law, date.fromisoformat(row["day"])) for law in row["laws"]),
        questions=tuple(words.t(f"question.{key}", **named) for key in row["questions"]),
    )


def _law(law: str, day: date) -> LawShown:
    found = load().laws[law]
    return LawShown(
        id=law,
        name=found.name,
        provisions=tuple(f"{each.article}: {each.text}" for each in found.articles(day)),
        debated=bool(found.debate),
    )
