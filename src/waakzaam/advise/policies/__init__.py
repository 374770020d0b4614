"""Policies: which advice follows from which findings.

A policy is a TOML file beside this module, or one that the user hands in.
"""

from __future__ import annotations

from waakzaam.advise.policies.reader import Policy, PolicyRule, When, fill, load_policy, policies

__all__ = ["Policy", "PolicyRule", "When", "fill", "load_policy", "policies"]
