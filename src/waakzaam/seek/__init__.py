"""Seek: known values in all their forms, values that the capture names itself, browsing history."""

from __future__ import annotations

from waakzaam.seek.identifiers import identifiers
from waakzaam.seek.known import Known, collect_known
from waakzaam.seek.private import private_in
from waakzaam.seek.sightings import sight

__all__ = ["Known", "collect_known", "identifiers", "private_in", "sight"]
