"""Every identifier in a HAR by brute force: the standard library only, and nothing of waakzaam.

Every string of every request is taken apart again and again (percent, form, JSON, base64, hex, gzip, zlib)
with all decoders that take it, whatever the message declares. What is left is judged twice, on its own: does
the value have the shape of an identifier, and does its name say that it singles out a device, a user, an
installation or a place in a network? The names are words, not a list of known fields.

Run as a script, it prints what it took and what it left: ``python -m tests.oracles.brute_force FILE``
"""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlsplit

MAX_DEPTH = 12
"""Wrappings around one value; a bound for the test's sake, far above what the captures hold."""

SHAPES = {
    "uuid": re.compile(r"(?i)[a-z]{0,2}[0-9a-f]{8}-?[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    "hex": re.compile(r"(?=.*[0-9])(?=.*[a-fA-F])[0-9a-fA-F]{14,128}"),
    "number": re.compile(r"[0-9]{14,20}"),
    "mac": re.compile(r"[0-9a-fA-F]{2}([:-])[0-9a-fA-F]{2}(?:\1[0-9a-fA-F]{2}){4}"),
    "address": re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"),
    "e-mail": re.compile(r"[^@\s]{1,64}@[^@\s]+\.[A-Za-z]{2,}"),
    "position": re.compile(r"-?[0-9]{1,3}\.[0-9]{4,}"),
    "token": re.compile(r"(?=.*[0-9])(?=.*[A-Z])(?=.*[a-z])[A-Za-z0-9_~+/.:|-]{20,200}=*"),
}
"""What values that single somebody out look like; also keys, digests, versions: the name decides."""

FORM = re.compile(r"[\w.$%~+\[\]-]+=[^\s&]*(?:&[\w.$%~+\[\]-]+=[^\s&]*)*&?")
SINGLED_OUT = {
    "device", "hardware", "user", "client", "advertiser", "advertising", "anon", "anonymous", "identity",
    "install", "installation", "visitor", "fingerprint", "browser", "account", "vendor", "machine",
}  # fmt: skip
"""With ``id`` (or as a parent of ``id``) these say whose the value is."""
ALONE = {
    "imei", "imsi", "iccid", "idfa", "idfv", "aaid", "gaid", "adid", "oaid", "udid", "mac", "bssid", "ssid",
    "uuid", "serial", "email", "phone", "msisdn", "lat", "lon", "latitude", "longitude", "ip",
}  # fmt: skip
"""These say it alone."""
NOT = {"session", "sessions", "key", "sha", "sha1", "hash", "cert", "event", "md5"}
"""Words of things that change each time, or that are the same for everybody."""


@dataclass(frozen=True)
class Sent:
    """A value in a request: number of the entry, host, names around it (outermost first), value."""

    entry: int
    host: str
    names: tuple[str, ...]
    value: str

    @property
    def name(self) -> str:
        """The innermost name, in lower case."""
        return self.names[-1].lower() if self.names else ""


def sent(path: Path) -> list[Sent]:
    """Every value of every request, at every depth of wrapping."""
    log = json.loads(path.read_bytes())["log"]
    found: dict[Sent, None] = {}
    for number, entry in enumerate(log["entries"]):
        request = entry["request"]
        host = urlsplit(request["url"]).hostname or ""
        for names, value in _parts(request):
            for inner, text in _unwrap(value, names, MAX_DEPTH):
                found[Sent(number, host, inner, text)] = None
    return list(found)


def shaped(values: list[Sent]) -> list[Sent]:
    """Those that look like an identifier."""
    return [each for each in values if any(shape.fullmatch(each.value) for shape in SHAPES.values())]


def identifiers(values: list[Sent]) -> list[Sent]:
    """Those that are one: shape and name say so; and every text that holds such a value, cut down to it."""
    known = sorted({each.value for each in shaped(values) if meant(each)})
    return [replace(each, value=one) for each in values for one in known if _holds(each.value, one)]


def _holds(text: str, value: str) -> bool:
    at = text.find(value)
    around = text[at - 1 : at] + text[at + len(value) : at + len(value) + 1]
    return at >= 0 and not re.search(r"[0-9A-Za-z]", around)


def meant(each: Sent) -> bool:
    """Do the names say that the value singles out a device, a user or a place in a network?"""
    words = _words(each.names[-1]) if each.names else []
    parents = [word for name in each.names[:-1][-1:] for word in _words(name)]
    if NOT & set(words) or (words == ["id"] and NOT & set(parents)):
        return False
    if ALONE & set(words):
        return True
    return words[-1:] == ["id"] and bool(SINGLED_OUT & set(words if len(words) > 1 else parents))


def lasting(values: list[Sent]) -> set[str]:
    """Values of several messages, and those that a host got under a name whose value never changed."""
    several: dict[str, set[int]] = {}
    under: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for each in values:
        several.setdefault(each.value, set()).add(each.entry)
        under.setdefault((each.host, each.names), set()).add(each.value)
    changing = {value for group in under.values() if len(group) > 1 for value in group}
    return {value for value, entries in several.items() if len(entries) > 1 or value not in changing}


def _words(name: str) -> list[str]:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word]


def _parts(request: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    parts = urlsplit(request["url"])
    for segment in parts.path.split("/"):
        yield (), segment
    yield (), parts.query
    for header in request.get("headers", []):
        if header["name"].lower() == "cookie":
            for cookie in header["value"].split(";"):
                name, _, value = cookie.strip().partition("=")
                yield (name,), value
        else:
            yield (header["name"],), header["value"]
    posted = request.get("postData") or {}
    yield (), posted.get("text") or ""
    for field in posted.get("params") or ():
        yield (field["name"],), field.get("value") or ""


def _unwrap(text: str, names: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """All inside it, by every decoder that takes it; the text itself unless it only keeps fields apart."""
    text = text.strip()
    if not text:
        return
    if depth and text[0] in "[{":
        try:
            yield from _walk(json.loads(text), names, depth - 1)
            return
        except ValueError:
            pass
    if depth and FORM.fullmatch(text):
        for name, value in parse_qsl(text):
            yield from _unwrap(value, (*names, name), depth - 1)
        return
    if depth and "%" in text and unquote_plus(text) != text:
        yield from _unwrap(unquote_plus(text), names, depth - 1)
    yield names, text
    for data in _decoded(text) if depth else ():
        yield from _unwrap(data, names, depth - 1)


def _walk(value: Any, names: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(inner, (*names, name), depth)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, names, depth)
    elif value is not None and not isinstance(value, bool):
        yield from _unwrap(str(value), names, depth)


def _decoded(text: str) -> Iterator[str]:
    """Readable text out of base64 and hex, with gzip and zlib taken off."""
    if len(text) < 12 or not re.fullmatch(r"[A-Za-z0-9+/_-]+={0,2}", text):
        return
    wrapped = []
    if len(text.rstrip("=")) % 4 != 1:
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        wrapped.append(base64.urlsafe_b64decode(padded.replace("+", "-").replace("/", "_")))
    if len(text) % 2 == 0 and re.fullmatch(r"[0-9a-fA-F]+", text):
        wrapped.append(binascii.unhexlify(text))
    for data in wrapped:
        plain = _inflated(data)
        try:
            inner = plain.decode()
        except UnicodeDecodeError:
            continue
        if inner.isprintable() and len(inner) >= 6:
            yield inner


def _inflated(data: bytes) -> bytes:
    try:
        if data[:2] == b"\x1f\x8b":
            return gzip.decompress(data)
        if data[:1] == b"\x78":
            return zlib.decompress(data)
    except (OSError, EOFError, zlib.error):
        pass
    return data


def main(path: str) -> None:
    """Print what was taken (with ``+``) and what only looks like it."""
    values = sent(Path(path))
    taken = set(identifiers(values))
    for each in dict.fromkeys([*taken, *shaped(values)]):
        mark = "+" if each in taken else " "
        print(mark, each.entry, each.host, ".".join(each.names), each.value[:60], sep="\t")


if __name__ == "__main__":
    main(sys.argv[1])
