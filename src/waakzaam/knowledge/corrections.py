"""Where to ask for a correction: set by whoever publishes a report, shown with every page about a company."""

from __future__ import annotations

from pathlib import Path

from waakzaam.cache import toml
from waakzaam.errors import WaakzaamError

FILE = Path(__file__).parent / "corrections.toml"
VARIABLE = "WAAKZAAM_CORRECTIONS"
"""Environment variable that stands in for the option ``--corrections``."""
LONGEST = 300
"""Characters of an address; more is no address."""


def corrections(given: str | None = None, file: Path = FILE) -> str:
    """Give the address: what was given, else what the file says.

    It is not part of the facts: a newer knowledge base that was fetched does not change whose report it is.

    Raises:
        WaakzaamError: it is empty or too long, or the file has none.
    """
    said = given if given is not None else toml(file.read_text(encoding="utf-8")).get("address")
    where = "--corrections" if given is not None else file.name
    if not isinstance(said, str) or not said.strip():
        raise WaakzaamError(f"{where}: no address; write where a correction is asked for")
    text = " ".join(said.split())
    if len(text) > LONGEST:
        raise WaakzaamError(f"{where}: {len(text)} characters, at most {LONGEST}; write an address only")
    return text
