"""Blocks of hardware addresses and who holds them: the public registries of the IEEE, as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from waakzaam.knowledge.feeds.model import BadFeedError, Content

COLUMNS = ["Registry", "Assignment", "Organization Name", "Organization Address"]
DIGITS = {"MA-L": 6, "MA-M": 7, "MA-S": 9, "IAB": 9}
"""Hexadecimal digits of an assignment, by registry (IEEE Registration Authority)."""


@dataclass(frozen=True)
class AddressBlocks:
    """One registry."""

    id: str
    title: str
    address: str | None
    keeper: str = "IEEE Registration Authority"
    licence: str = "as its keeper says (not part of waakzaam)"
    serves: str = "naming the makers of devices in a network"
    most_bytes: int = 32 << 20
    signed: bool = False

    def content(self, data: bytes) -> Content:
        """Read the registry; see :meth:`Feed.content`. Keys are prefixes, values their holders."""
        try:
            rows = csv.reader(io.StringIO(data.decode("utf-8-sig")), strict=True)
            return Content(dict(self._rows(rows)))
        except UnicodeDecodeError:
            raise BadFeedError("is no UTF-8 text; a CSV file of the IEEE was expected") from None
        except csv.Error as error:
            raise BadFeedError(f"is no CSV file: {error}") from None

    @staticmethod
    def _rows(lines: Iterator[list[str]]) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        if next(lines, None) != COLUMNS:
            raise BadFeedError(f"does not begin with the columns {', '.join(COLUMNS)}")
        for line in lines:
            if len(line) != len(COLUMNS) or len(line[1]) != DIGITS.get(line[0]):
                raise BadFeedError(f"line {len(found) + 2} is no assignment of an address block")
            if not set(line[1]) <= set("0123456789ABCDEFabcdef"):
                raise BadFeedError(f"line {len(found) + 2}: the block is not in hexadecimal digits")
            found.append((line[1].upper(), line[2].strip()))
        if not found:
            raise BadFeedError("holds no address block")
        return found


_IEEE = "https://standards-oui.ieee.org"
BLOCKS = (
    AddressBlocks("oui", "Hardware addresses, large blocks (MA-L)", f"{_IEEE}/oui/oui.csv"),
    AddressBlocks("oui28", "Hardware addresses, medium blocks (MA-M)", f"{_IEEE}/oui28/mam.csv"),
    AddressBlocks("oui36", "Hardware addresses, small blocks (MA-S)", f"{_IEEE}/oui36/oui36.csv"),
)
