"""Attribute: host → organisation → owner → seat, and address → country and network, each with its basis.

Place of the server, seat of the operator and reach of the law are three different things; this stage tells
the first two and says for each step where it comes from. None of them is a finding.
"""

from __future__ import annotations

from waakzaam.attribute.address import Place, place
from waakzaam.attribute.host import Party, normal, party, site
from waakzaam.attribute.recipients import attribute

__all__ = ["Party", "Place", "attribute", "normal", "party", "place", "site"]
