"""Pages that were visited, told to a party that is neither the site nor needed to reach it."""

from __future__ import annotations

from waakzaam.advise.rules.told_elsewhere import ToldElsewhere

BROWSING_HISTORY = ToldElsewhere("browsing-history", "browsing-history/url", "browsing")
