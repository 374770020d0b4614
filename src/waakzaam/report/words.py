"""Values of the tables, said in words of a catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from waakzaam.peel.chain import KEYED, STRUCTURE
from waakzaam.report.escape import shorten
from waakzaam.report.text import Text

if TYPE_CHECKING:
    from waakzaam.report.devices import DeviceShown

HOST_SHOWN = 120
"""Characters of a host that are shown on a page; real names are rarely half as long."""

VALUE_SHOWN = 300
"""Characters of any other value from evidence that are shown on a page."""

SEVERITIES = ("high", "medium", "low", "note")
"""From the most to the least serious."""


class Words:
    """Says sizes, times, places and protection in the words of one language."""

    def __init__(self, text: Text) -> None:
        """Use the catalogue of ``text``."""
        self.text = text
        self.t = text.t

    def size(self, count: int | None) -> str:
        """Write a number of bytes with decimal units (IEC 80000-13: 1 kB = 1000 bytes)."""
        if count is None:
            return self.t("unknown")
        for key, unit in (("gigabytes", 10**9), ("megabytes", 10**6), ("kilobytes", 10**3)):
            if count >= unit:
                value = count / unit
                return self.t(f"format.{key}", number=f"{value:.1f}" if value < 100 else f"{value:.0f}")
        return self.t("format.bytes", count=count)

    def amount(self, count: int | None) -> str:
        """Write how much was sent: a size, or that it is not known."""
        return self.t("format.amount_unknown") if count is None else self.size(count)

    def moment(self, value: datetime | None) -> str:
        """Write a moment to the minute, in UTC."""
        if value is None:
            return self.t("unknown")
        there = value.astimezone(UTC)
        return self.t("format.moment", date=f"{there:%Y-%m-%d}", clock=f"{there:%H:%M}")

    def period(self, first: datetime | None, last: datetime | None) -> str | None:
        """Write a period; one moment if it begins and ends in the same minute, None if it is not known."""
        known = [value for value in (first, last) if value is not None]
        if not known:
            return None
        begin, end = self.moment(known[0]), self.moment(known[-1])
        if begin == end:
            return begin
        begin = begin.removesuffix(" UTC")
        if begin[:10] == end[:10]:
            end = end[11:]
        return self.t("format.period", first=begin, last=end)

    def join(self, parts: Iterable[str]) -> str:
        """Write a list of words."""
        return self.t("format.list_separator").join(parts)

    def cut(self, value: str, most: int = VALUE_SHOWN) -> str:
        """Return ``value``; if it is longer than ``most``, shortened in the middle and with its length."""
        shown, length = shorten(value, most)
        if length == len(shown):
            return value
        return self.t("format.cut", text=shown, count=self.text.number(length))

    def host(self, value: str | None, most: int = HOST_SHOWN) -> str:
        """Return a host, shortened if it is too long, or that it is not known."""
        return self.t("unknown") if value is None else self.cut(value, most)

    def hosts(self, values: Iterable[str]) -> str:
        """Write a list of hosts."""
        return self.join(self.host(value) for value in values) or self.t("unknown")

    def datum(self, datum: str | None) -> str:
        """Name a datum; one that has no name of its own is shown as the user wrote it."""
        return self.cut(self.text.name("datum", datum))

    def country(self, code: str) -> str:
        """Name a country by its ISO 3166-1 alpha-2 code."""
        return self.text.name("country", code)

    def countries(self, codes: Iterable[str]) -> str:
        """Name countries."""
        return self.join(self.country(code) for code in codes) or self.t("map.none")

    def seat(self, seat: str | None, country: str | None) -> str:
        """Write a seat ("Beijing, CN") with the country's name."""
        if seat is None:
            return self.t("unknown") if country is None else self.country(country)
        town, comma, code = seat.rpartition(", ")
        return f"{town}, {self.country(code)}" if comma and len(code) == 2 else seat

    def where(self, city: str | None, country: str | None) -> str:
        """Write a place of the facts: a town and its country, as far as they are recorded."""
        return self.join(each for each in (city, country and self.country(country)) if each) or self.t(
            "unknown"
        )

    def stretch(self, start: date | str | None, end: date | str | None) -> str:
        """Write from when to when something is recorded; an end is the first day on which it was no more."""
        if start and end:
            return self.t("stretch.both", start=str(start), end=str(end))
        if start:
            return self.t("stretch.start", start=str(start))
        return self.t("stretch.end", end=str(end)) if end else self.t("stretch.none")

    def reason(self, why: str | None) -> str:
        """Say why a connection stayed closed."""
        return self.t("coverage.why_unknown") if why is None else self.cut(self.text.name("not_opened", why))

    def place(self, evidence: str | None, place: str | None) -> str:
        """Say where something is: the evidence, and the place in it."""
        return self.cut(" ".join(part for part in (evidence, place) if part)) or self.t("unknown")

    def action(self, action: str | None, subject: str | None) -> str:
        """Name an action and what it is about."""
        named = self.cut(action or self.t("unknown"))
        if not subject:
            return named
        return self.t("advice.subject", action=named, subject=self.host(subject))

    def fields(self, fields: Iterable[str]) -> str:
        """Write a list of fields; those that differ only in their place in a list are one."""
        places = (re.sub(r"\[\d+\]", "[…]", field) for field in fields)
        return self.cut(self.join(dict.fromkeys(places))) or self.t("unknown")

    def forms(self, forms: Iterable[str]) -> str:
        """Write a list of forms in which a value was written."""
        return self.cut(self.join(self.text.name("form", form) for form in forms)) or self.t("unknown")

    def access(self, category: str) -> str:
        """Name what an app used of sensors and personal data."""
        return self.cut(self.text.name("access", category or None))

    def device(self, device: DeviceShown) -> str:
        """Say what a device is: brand and model, kind, system; the holder of its address if nothing else."""
        named = " ".join(each for each in (device.brand, device.model) if each)
        kind = self.text.name("device_kind", device.kind) if device.kind else ""
        words = self.join(each for each in (named, kind, device.system) if each)
        if words:
            return self.cut(words)
        if device.random:
            return self.t("devices.random")
        if device.holder:
            return self.cut(self.t("devices.holder", holder=device.holder))
        return self.t("unknown")

    def some(self, hosts: Sequence[str], most: int = 3, count: int | None = None) -> str:
        """Write the first hosts, and how many more there are; ``count``: of how many these are the first."""
        first = self.join(self.host(each) for each in hosts[:most])
        left = (len(hosts) if count is None else count) - len(hosts[:most])
        return self.t("devices.and_more", hosts=first, count=left) if left > 0 else first

    def app(self, app: str | None, bases: Iterable[str]) -> str:
        """Name an app and say how it is known: told by the evidence, or inferred."""
        if app is None:
            return self.t("app_basis.none")
        known = self.join(dict.fromkeys(self.app_basis(each) for each in bases))
        return self.t("app_basis.app", app=self.cut(app), basis=known) if known else self.cut(app)

    def app_basis(self, basis: str) -> str:
        """Say how an app is known; a basis that is not known here is shown as it is."""
        for key, before in (("told", "told by "), ("inferred", "inferred from ")):
            if basis.startswith(before):
                return self.t(f"app_basis.{key}", by=basis.removeprefix(before))
        return self.cut(basis)

    def basis(self, basis: str | None) -> str:
        """Say how a value was known."""
        return self.cut(self.text.name("basis", basis))

    def severity_reasons(self, why: str | None) -> str | None:
        """Say why a finding has its severity: keys of the catalogue joined by spaces, or a sentence."""
        keys = (why or "").split()
        if not keys or not all(f"reason.{key}" in self.text for key in keys):
            return why
        return self.t("format.sentence_separator").join(self.t(f"reason.{key}") for key in keys)

    def not_checked(self, what: str) -> str:
        """Say what was not checked: a key of the catalogue, or a sentence as it is."""
        return self.text.name("not_checked", what)

    def layer(self, layer: str) -> str:
        """Name a layer or a message part (``base64``, ``header:cookie``, ``content-encoding(gzip)``)."""
        if layer.startswith("header:"):
            return self.text.name("layer", "header", selector=layer.removeprefix("header:"))
        if layer.startswith("content-encoding("):
            inner = layer.removeprefix("content-encoding(").removesuffix(")")
            return self.text.name("layer", "content-encoding", selector=inner)
        if layer in KEYED:
            return self.text.name("layer", "cipher", selector=layer.upper())
        return self.text.name("layer", layer)

    def encodings(self, layers: Iterable[str]) -> list[str]:
        """Return the names of those layers that only encode, in order, each once."""
        kept = (each for each in layers if each not in STRUCTURE and not each.startswith("content-encoding"))
        return list(dict.fromkeys(self.layer(each) for each in kept))

    def protection(self, transport: str | None, disguise: str | None, layers: Iterable[str]) -> str:
        """Say in one sentence how the data were protected: on the way, and inside the message."""
        way = self.text.name("transport_sentence", transport or "unknown")
        if disguise == "encoding":
            names = self.encodings(layers)
            inside = (
                self.t("disguise_sentence.encoding", layers=self.join(names))
                if names
                else self.t("disguise_sentence.encoding_unnamed")
            )
        else:
            inside = self.text.name("disguise_sentence", disguise or "opaque")
        sentence = self.t("protection.sentence", transport=way, disguise=inside)
        return sentence[:1].upper() + sentence[1:]
