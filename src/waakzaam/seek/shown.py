"""How a value is shown in a report that may be passed on: enough to recognise, too little to use."""

from __future__ import annotations

from urllib.parse import urlsplit

KEPT = 4
"""Characters shown at each end of an identifier."""


def shorten(datum: str, value: bytes) -> str:
    """A value with its middle left out.

    Of an address the host stays (it is the recipient of the visit, not a secret of the device); of a
    search term the first letters; of an identifier both ends.
    """
    text = value.decode("utf-8", "replace")
    if datum == "browsing-history/url":
        return _shorten_url(text)
    if datum == "contact/email" and "@" in text:
        name, _, domain = text.partition("@")
        return f"{name[:2]}…@{domain}"
    if len(text) <= KEPT:
        return "…"
    if len(text) <= 3 * KEPT:
        return f"{text[:2]}…"
    if datum == "search-query":
        return f"{text[: 2 * KEPT]}…"
    return f"{text[:KEPT]}…{text[-KEPT:]}"


def _shorten_url(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        return f"{text[: 2 * KEPT]}…"
    if not parts.netloc:
        return f"{text[: 3 * KEPT]}…"
    host = parts.netloc.rpartition("@")[2]
    rest = text.partition(parts.netloc)[2]
    return f"{parts.scheme}://{host}{rest[: 2 * KEPT]}{'…' if len(rest) > 2 * KEPT else ''}"
