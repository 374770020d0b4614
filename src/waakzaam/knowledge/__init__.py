"""The facts: who owns what, what hosts are for, which laws hold, what was reported, what data are called.

Facts are TOML and CSV files beside this module, one per subject, readable without programming. Each row names
its sources and how sure it is; see ``model.CONFIDENCE`` and docs/knowledge.md. What only a person asks for is
loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from waakzaam.knowledge.loader import Facts, load
from waakzaam.knowledge.model import Case, Datum, Field, Organisation, Source
from waakzaam.knowledge.rows import FactsError

if TYPE_CHECKING:
    from waakzaam.knowledge.query import (
        adequacy,
        card_vendor,
        cases_of,
        laws_for,
        locations_of,
        maker_of,
        operators_of,
        organisation,
        owner_chain,
        owner_of,
        preinstalled_by,
        seat_of,
        unconfirmed,
    )
    from waakzaam.knowledge.search import Record, facts

__all__ = [
    "Case",
    "Datum",
    "Facts",
    "FactsError",
    "Field",
    "Organisation",
    "Record",
    "Source",
    "adequacy",
    "card_vendor",
    "cases_of",
    "facts",
    "laws_for",
    "load",
    "locations_of",
    "maker_of",
    "operators_of",
    "organisation",
    "owner_chain",
    "owner_of",
    "preinstalled_by",
    "seat_of",
    "unconfirmed",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "search" if name in ("Record", "facts") else "query"
    return getattr(import_module(f"{__name__}.{home}"), name)
