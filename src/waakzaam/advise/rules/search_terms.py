"""Search terms, told to a party that is not the search service."""

from __future__ import annotations

from waakzaam.advise.rules.told_elsewhere import ToldElsewhere

SEARCH_TERMS = ToldElsewhere("search-terms", "search-query", "searching")
