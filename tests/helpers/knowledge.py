"""Walks over everything that the facts state."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from waakzaam.knowledge import Facts
from waakzaam.knowledge.subjects import FILES

SUBJECTS = FILES


def rows(value: object) -> Iterator[Any]:
    """Give every record (dataclass, named tuple) inside a value, the nested ones too."""
    names = getattr(value, "_fields", None)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
    if names is not None:
        yield value
        for name in names:
            yield from rows(getattr(value, name))
    elif isinstance(value, Mapping):
        yield from rows(tuple(value.values()))
    elif isinstance(value, tuple):
        for each in value:
            yield from rows(each)


def everything(base: Facts) -> Iterator[tuple[str, Any]]:
    """Give every row of every subject, nested rows too, with its subject."""
    for subject in SUBJECTS:
        for row in rows(getattr(base, subject)):
            yield subject, row


def stating(base: Facts) -> Iterator[tuple[str, Any]]:
    """Give those rows that state a fact: they have a confidence and sources."""
    for subject, row in everything(base):
        if hasattr(row, "confidence"):
            yield subject, row
