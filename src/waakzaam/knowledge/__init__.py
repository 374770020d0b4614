"""The facts: who owns what, what hosts are for, which laws hold, what was reported, what data are called.

Facts are TOML and CSV files beside this module, one per subject, readable without programming. Each row names
its sources and how sure it is; see ``model.CONFIDENCE`` and docs/knowledge.md.
"""

from __future__ import annotations

from waakzaam.knowledge.loader import Facts, load
from waakzaam.knowledge.model import Case, Datum, Field, Organisation, Source
from waakzaam.knowledge.query import (
    adequacy,
    card_vendor,
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
from waakzaam.knowledge.rows import FactsError
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
