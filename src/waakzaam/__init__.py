"""waakzaam: what a phone and its apps send, to whom, and how well it was protected.

Importing the package is cheap: names are loaded when they are first used, because the confined worker
imports it too.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from waakzaam.audit import Audit, audit
    from waakzaam.errors import WaakzaamError
    from waakzaam.peel.value import open_value as peel

__version__ = "0.1.0"
__all__ = ["Audit", "WaakzaamError", "__version__", "audit", "peel"]

_HOMES = {
    "Audit": "waakzaam.audit",
    "audit": "waakzaam.audit",
    "WaakzaamError": "waakzaam.errors",
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used (PEP 562)."""
    if name == "peel":  # a package that can be called
        return import_module("waakzaam.peel")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'waakzaam' has no attribute {name!r}")
