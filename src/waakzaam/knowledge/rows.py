"""Reads one TOML or CSV file of facts and says in words what is wrong with it.

Facts are edited by hand, also by people who do not program. A mistake is reported with the file, the
kind and number of the row and the key, never as a traceback of the parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Protocol

from waakzaam import cache
from waakzaam.errors import WaakzaamError
from waakzaam.knowledge.dates import parse
from waakzaam.knowledge.model import CONFIDENCE

_LETTERS = tuple(CONFIDENCE)


class FactsError(WaakzaamError, ValueError):
    """A file of facts or a policy that cannot be used, with the place and what to do."""


class Readable(Protocol):
    """A file by name that can be read as text: a path or a packaged resource."""

    @property
    def name(self) -> str:
        """Give the last part of the path."""

    def read_text(self, encoding: str | None = None) -> str:
        """Give the whole text."""


class Folder(Protocol):
    """Files by name: a folder, or texts that were fetched."""

    def joinpath(self, name: str, /) -> Readable:
        """Give a file."""


class Row:
    """One table of a file of facts: typed access to its keys, each use remembered."""

    def __init__(self, file: str, place: str, values: dict[str, Any]) -> None:
        """Take the parsed values; ``place`` names the row for messages."""
        self._file = file
        self._place = place
        self._values = values
        self._used: set[str] = set()

    def fail(self, what: str) -> FactsError:
        """Make the error for this row."""
        return FactsError(f"{self._file}, {self._place}: {what}")

    def _get(self, key: str, kind: type[Any] | tuple[type[Any], ...], name: str, required: bool) -> Any:
        self._used.add(key)
        if key not in self._values:
            if required:
                raise self.fail(f"the key '{key}' is missing; add {key} = … ({name})")
            return None
        value = self._values[key]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.fail(f"'{key}' must be {name}, it is {type(value).__name__}")
        return value

    def has(self, key: str) -> bool:
        """Say whether a key is there."""
        return key in self._values

    def text(self, key: str, *, choices: tuple[str, ...] = ()) -> str:
        """Give a required, non-empty text; with ``choices`` one of them."""
        value = self._values.get(key)
        if type(value) is str:  # nearly always: the rest is for saying what is wrong
            self._used.add(key)
        else:
            value = self._get(key, str, "a text", True)
        if not value or value.isspace():
            raise self.fail(f"'{key}' is empty")
        if choices and value not in choices:
            raise self.fail(f"'{key}' is {value!r}; use one of: {', '.join(choices)}")
        text: str = value
        return text

    def text_or_none(self, key: str) -> str | None:
        """Give a text, or None where the key is absent."""
        self._used.add(key)
        if key not in self._values:
            return None
        value: str | None = self._get(key, str, "a text", False)
        return value

    def day(self, key: str) -> date:
        """Give a required date (written 2026-11-22; "2026-11" or "2026" where no more is known)."""
        value = self._day(key, True)
        if value is None:
            raise self.fail(f"'{key}' is empty")
        return value

    def day_or_none(self, key: str) -> date | None:
        """Give a date, or None where the key is absent."""
        return self._day(key, False)

    def _day(self, key: str, required: bool) -> date | None:
        if not required and key not in self._values:
            return None
        value: date | str | None = self._get(key, (date, str), "a date such as 2026-11-22", required)
        if not isinstance(value, str):
            return value
        try:
            return parse(value)
        except ValueError as error:
            raise self.fail(f"'{key}' must be a date: {error}") from error

    def number_or_none(self, key: str, low: int, high: int) -> int | None:
        """Give a whole number between two bounds, or None where the key is absent."""
        return self.number(key, low, high) if self.has(key) else None

    def number(self, key: str, low: int, high: int) -> int:
        """Give a required whole number between two bounds, both included."""
        value: int = self._get(key, int, "a whole number", True)
        if not low <= value <= high:
            raise self.fail(f"'{key}' is {value}; it must lie between {low} and {high}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """Give a yes or no."""
        value = self._get(key, bool, "true or false", False)
        return default if value is None else bool(value)

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Give a list of texts; an absent key is an empty list unless it is required."""
        values = self._get(key, list, "a list of texts", required) or []
        if not all(isinstance(value, str) for value in values):
            raise self.fail(f"'{key}' must hold texts only")
        if required and not values:
            raise self.fail(f"'{key}' is empty")
        return tuple(values)

    def confidence(self) -> str:
        """Give the confidence letter."""
        return self.text("confidence", choices=_LETTERS)

    def source(self) -> tuple[str, ...]:
        """Give the ids of the sources; at least one."""
        return self.texts("source", required=True)

    def regex(self, key: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
        """Compile a required regular expression (ASCII classes, and ``flags``)."""
        try:
            return re.compile(self.text(key), re.ASCII | flags)
        except re.error as error:
            raise self.fail(f"'{key}' is no regular expression: {error}") from error

    def rows(self, key: str) -> Iterator[Row]:
        """Give the tables of a nested list."""
        self._used.add(key)
        values = self._values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.fail(f"'{key}' must be written as [[…{key}]] tables")
        for number, value in enumerate(values, 1):
            row = Row(self._file, f"{self._place}, {key} {number}", value)
            yield row
            row.close()

    def table(self, key: str) -> Row:
        """Give a nested table, for example [placeholders]."""
        return Row(self._file, key, self._get(key, dict, f"a table written as [{key}]", True))

    def period(self) -> tuple[date | None, date | None]:
        """Give ``from`` (inclusive) and ``to`` (exclusive); absent is open."""
        start, end = self.day_or_none("from"), self.day_or_none("to")
        if start and end and start >= end:
            raise self.fail("ends before it begins")
        return start, end

    def country(self, key: str = "country") -> str:
        """Give a required country: two capital letters of ISO 3166-1, or EU."""
        return self._checked(key, self.text(key))

    def country_or_none(self, key: str = "country") -> str | None:
        """Give a country, or None where the key is absent."""
        value = self.text_or_none(key)
        return None if value is None else self._checked(key, value)

    def _checked(self, key: str, value: str) -> str:
        if len(value) != 2 or not (value.isascii() and value.isalpha() and value.isupper()):
            raise self.fail(f"'{key}' is {value!r}; use the two letters of ISO 3166-1")
        return value

    def close(self) -> None:
        """Refuse keys nobody asked for: a misspelt key must not pass in silence."""
        if not self._used.issuperset(self._values):
            unknown = sorted(set(self._values) - self._used)
            raise self.fail(f"unknown key '{unknown[0]}'; it may be misspelt")


class Line(Row):
    """One line of a table (CSV): an empty cell is an absent key, a list is separated by semicolons."""

    def _get(self, key: str, kind: type[Any] | tuple[type[Any], ...], name: str, required: bool) -> Any:
        value = super()._get(key, str, name, required)
        try:
            if value is None or kind is str or kind == (date, str):
                return value
            if kind is list:
                return [part.strip() for part in value.split(";")]
            if kind is int:
                return int(value)
        except ValueError as error:
            raise self.fail(f"'{key}' is {value!r}; it must be {name}") from error
        raise self.fail(f"'{key}' cannot be {name} in a table")


def _text(file: Readable) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise FactsError(f"{file.name}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise FactsError(f"{file.name}: is not UTF-8 text (byte {error.start})") from error


def lines(file: Readable) -> Iterator[Line]:
    """Give the lines of a table (CSV, RFC 4180). Raises ``FactsError``.

    Lines whose first cell begins with ``#`` explain the table; the first other line names the columns.
    """
    import csv

    reader = csv.reader(_text(file).splitlines(keepends=True), strict=True)
    names: list[str] | None = None
    try:
        for cells in reader:
            if not cells or cells[0].startswith("#"):
                continue
            if names is None:
                names = cells
                continue
            place = f"line {reader.line_num}"
            if len(cells) != len(names):
                raise FactsError(f"{file.name}, {place}: has {len(cells)} cells, not {len(names)}")
            values = {name: cell for name, cell in zip(names, cells, strict=True) if cell.strip()}
            line = Line(file.name, place, values)
            yield line
            line.close()
    except csv.Error as error:
        raise FactsError(f"{file.name}, line {reader.line_num}: is not valid CSV: {error}") from error


def read(file: Readable) -> Row:
    """Parse a file into a row that holds its top-level keys. Raises ``FactsError``."""
    try:
        values = cache.toml(_text(file))
    except ValueError as error:  # tomllib.TOMLDecodeError: the parser is loaded only where it is needed
        if isinstance(error, FactsError):
            raise
        raise FactsError(f"{file.name}: is not valid TOML: {error}") from error
    except RecursionError as error:
        raise FactsError(f"{file.name}: is nested too deeply for TOML that a person wrote") from error
    return Row(file.name, "top", values)
