"""What pyarrow looks for or loads at a start and an audit never uses: a twentieth of a small audit."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import cast

_MISSING = cast(ModuleType, None)
"""How Python is told that a module is not there (`sys.modules` in its reference)."""


def leave_out() -> None:
    """Import what joins tables, without what pyarrow can do besides."""
    # Each time a Python value becomes one of Arrow, pyarrow looks through all folders for this package, in
    # order to know its time zones: we have none of them.
    sys.modules.setdefault("dateutil", _MISSING)
    # With the module that joins tables pyarrow loads readers of data sets, of Parquet and of clouds, if they
    # are there; DuckDB may ask for them later.
    if "pyarrow.dataset" not in sys.modules:
        sys.modules["pyarrow.dataset"] = _MISSING
        try:
            import pyarrow.acero  # noqa: F401
        finally:
            del sys.modules["pyarrow.dataset"]
