"""The words of the reports, by language.

A catalogue is ``locale/<language>.toml``: nested tables whose keys joined by dots name a text, with
``{placeholders}`` filled by name. A table that has only ``one`` and ``other`` is a text with a plural, chosen
by the argument ``count``. English is the reference: what another language lacks is taken from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from types import MappingProxyType
from typing import Any

from waakzaam.cache import toml

REFERENCE = "en"
"""The language every key must exist in."""

_PLURAL = frozenset({"one", "other"})
_ZERO_IS_ONE = frozenset({"fr"})  # CLDR plural rules: in French, 0 takes the singular

Entry = str | Mapping[str, str]
"""A text, or its two plural forms."""


def available() -> tuple[str, ...]:
    """Return the codes of the languages that have a catalogue, in alphabetical order."""
    folder = files("waakzaam.report") / "locale"
    return tuple(sorted(each.name[:-5] for each in folder.iterdir() if each.name.endswith(".toml")))


def _flatten(table: Mapping[str, Any]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    waiting: list[tuple[str, Mapping[str, Any]]] = [("", table)]
    while waiting:
        prefix, here = waiting.pop()
        for name, value in here.items():
            key = prefix + name
            if isinstance(value, str):
                found[key] = value
            elif isinstance(value, dict) and value.keys() == _PLURAL:
                found[key] = MappingProxyType(dict(value))
            elif isinstance(value, dict):
                waiting.append((key + ".", value))
            else:
                raise ValueError(f"catalogue key {key!r} is neither a text nor a table")
    return found


@cache
def catalogue(lang: str) -> Mapping[str, Entry]:
    """Return all texts of one language by dotted key.

    Raises ValueError, naming the languages there are, if there is no such catalogue.
    """
    if lang not in available():
        raise ValueError(f"no texts in the language {lang!r}; choose one of: {', '.join(available())}")
    source = (files("waakzaam.report") / "locale" / f"{lang}.toml").read_text(encoding="utf-8")
    return MappingProxyType(_flatten(toml(source)))


def placeholders(text: str) -> frozenset[str]:
    """Return the names in braces in ``text``."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


class Text:
    """The texts of one language.

    With ``strict``, an unknown key or a placeholder without a value raises KeyError, as tests want it;
    without, the key itself is shown: a missing word must not cost anyone their report.
    """

    def __init__(self, lang: str = REFERENCE, *, strict: bool = False) -> None:
        """Load the catalogue of ``lang``; ValueError if there is none."""
        self.lang = lang
        self.strict = strict
        self._own = catalogue(lang)
        self._reference = catalogue(REFERENCE)

    def __contains__(self, key: object) -> bool:
        """Tell whether there is a text of that key, in this language or in English."""
        return key in self._own or key in self._reference

    def t(self, key: str, **args: object) -> str:
        """Return the text of ``key`` with ``args`` filled in; ``count`` (an int) chooses the plural form."""
        entry = self._own.get(key, self._reference.get(key))
        if entry is None:
            if self.strict:
                raise KeyError(key)
            return key
        if not isinstance(entry, str):
            count = args.get("count")
            if not isinstance(count, int):
                raise TypeError(f"the text {key!r} has a plural and needs a whole number as 'count'")
            entry = entry["one" if self._singular(count) else "other"]
            args["count"] = self.number(count)
        try:
            return entry.format_map(args)
        except KeyError as missing:
            if self.strict:
                raise KeyError(f"{key}: no value for {missing}") from missing
            return entry

    def name(self, family: str, word: str | None, **args: object) -> str:
        """Return the text ``family.word``, or ``word`` itself where the catalogue does not know it.

        For words that come out of tables (data, layers, countries): a new one is shown as it is.
        """
        if word is None:
            return self.t("unknown")
        key = f"{family}.{word}"
        return self.t(key, **args) if key in self else word

    def number(self, value: int) -> str:
        """Write a whole number with its thousands apart, as the language does."""
        return f"{value:,}".replace(",", self.t("format.thousands"))

    def _singular(self, count: int) -> bool:
        return count == 1 or (count == 0 and self.lang in _ZERO_IS_ONE)
