"""Advise: what follows from sightings (findings) and what to do about it on a device of some profile."""
