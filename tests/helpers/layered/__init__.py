"""Layered samples with known answers: telemetry of invented phones in every kind of wrapping.

All of it follows from a seed. The encoders are other people's (standard library, brotli, zstandard,
cryptography) or written here from the specifications; none of the core's code takes part.
"""

from __future__ import annotations

from tests.helpers.layered.constants import candidates
from tests.helpers.layered.kinds import KINDS, Sample, samples

__all__ = ["KINDS", "Sample", "candidates", "samples"]
