"""The facts: who owns what, what hosts are for, what was reported, what data are called.

Facts are TOML files beside this module, one per subject, readable without programming. Each row names its
sources and how sure it is; see ``model.CONFIDENCE``.
"""

from __future__ import annotations

from waakzaam.knowledge.loader import Facts, load
from waakzaam.knowledge.model import Case, Datum, Field, Organisation, Source
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
    "facts",
    "load",
]
