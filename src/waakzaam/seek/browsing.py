"""Browsing history as the capture itself shows it: pages that were visited, terms that were searched.

A page was visited when a document was asked for (Fetch Metadata, ``Sec-Fetch-Dest: document``) or when a GET
was answered with HTML. Whether another party was told about it is the question of ``sightings``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag, urlsplit

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.attribute import site
from waakzaam.header_fields import named
from waakzaam.knowledge import load
from waakzaam.ordinals import ordinals
from waakzaam.sources.evidence import Evidence

MAX_VISITS = 5_000
"""Different pages taken from one evidence."""
MIN_TERM = 4
"""Shorter search terms are found everywhere and prove nothing."""
EMBEDDED = frozenset(
    {"iframe", "frame", "embed", "object", "image", "script", "style", "empty", "font", "video"}
)
"""Destinations of Fetch Metadata that are parts of a page, not a visit."""
TELLING = frozenset({"sec-fetch-dest", "sec-fetch-mode", "x-requested-with", "accept"})
"""Header fields that tell whether a document was asked for."""


@dataclass(frozen=True)
class Visit:
    """A page or a search term; ``site`` is the registrable domain that was visited."""

    datum: str
    value: bytes
    site: str


def visited_in(evidence: Evidence, terms: frozenset[bytes] = frozenset()) -> Iterator[Visit]:
    """Pages visited and terms searched in one evidence, each once, in order.

    ``terms``: search terms that the owner listed. A page that was visited with one of them in its address
    belongs to the service that was asked, whether or not that service is known here.
    """
    seen: set[Visit] = set()
    urls: set[str | None] = set()
    for url in _documents(evidence):
        if url in urls:
            continue
        urls.add(url)
        for visit in _visits(url, terms):
            if visit not in seen:
                seen.add(visit)
                yield visit
        if len(seen) >= MAX_VISITS:
            return
    for visit in _asked_before(evidence):
        if visit not in seen:
            seen.add(visit)
            yield visit
        if len(seen) >= MAX_VISITS:
            return


def _asked_before(evidence: Evidence) -> Iterator[Visit]:
    """Terms in the address of the page that a message to the same site comes from: they were asked there.

    Pages that change without a document being asked for show their address in ``Referer`` only. Nothing in
    it is new to the site itself.
    """
    fields = load().fields_by_name
    for batch in evidence.tables["messages"].batches():
        rows, _, values = named(batch, {"referer"})
        asked = pc.match_substring(values, "?")
        hosts = batch["host"].take(rows.filter(asked))
        pairs = dict.fromkeys(zip(values.filter(asked).to_pylist(), hosts.to_pylist(), strict=True))
        for page, host in pairs:
            try:
                parts = urlsplit(page)
                home = site(parts.hostname or "")
            except ValueError:
                continue
            if not host or not parts.hostname or home != site(host) or len(parts.query) >= 8192:
                continue
            engine = load().search_engine(parts.hostname, parts.path)
            for name, term in parse_qsl(parts.query, max_num_fields=100):
                data = term.strip().encode("utf-8", "replace")
                searched = any(field.datum == "search-query" for field in fields.get(name.lower(), ()))
                if (searched or (engine and name in engine.parameters)) and len(data) >= MIN_TERM:
                    yield Visit("search-query", data, home)


def _documents(evidence: Evidence) -> Iterator[str | None]:
    """URLs of GET requests for documents. Batch by batch and column by column: headers are large."""
    messages = evidence.tables["messages"]
    # One search in the whole column: every search begins with an index of all that were answered.
    numbers = pa.chunked_array((batch["message"] for batch in messages.batches()), pa.int64())
    answered = pc.is_in(numbers, _answered_with_html(evidence)).combine_chunks()
    seen = 0
    for batch in messages.batches():
        with_html = answered.slice(seen, len(batch))
        seen += len(batch)
        get = pc.and_(pc.equal(batch["method"], "GET"), pc.equal(batch["direction"], "up"))
        get = pc.fill_null(get, False)
        # Making Python values of headers is dear: only of those rows of which one may say "document".
        asked = batch.select(["url", "header_names", "header_values"])
        likely = pc.and_(get, pc.or_(with_html, _with_value(batch["header_values"], "document")))
        asked, with_html = asked.filter(likely), with_html.filter(likely)
        rows = zip(asked["url"].to_pylist(), with_html.to_pylist(), _telling(asked), strict=True)
        for url, is_html, headers in rows:
            destination = headers.get("sec-fetch-dest")
            if destination == "document" or (is_html and destination is None and not _in_page(headers)):
                yield url


def _telling(batch: pa.RecordBatch) -> list[dict[str, str]]:
    """Of each row the header fields, by lower-case name, that tell what was asked for."""
    found: list[dict[str, str]] = [{} for _ in range(batch.num_rows)]
    for row, name, value in zip(*(each.to_pylist() for each in named(batch, TELLING)), strict=True):
        found[row][name] = value
    return found


def _with_value(lists: pa.ListArray, value: str) -> pa.BooleanArray:
    """True for each list that holds this value."""
    rows = pc.list_parent_indices(lists).filter(pc.equal(pc.list_flatten(lists), value))
    return pc.is_in(ordinals(len(lists), rows.type), rows)


def _answered_with_html(evidence: Evidence) -> pa.Array:
    """Requests that were answered with HTML."""
    found = [pa.array([], pa.int64())]
    for batch in evidence.tables["messages"].batches():
        html = pc.fill_null(pc.starts_with(batch["content_type"], "text/html"), False)
        found.append(batch["answers"].filter(pc.and_(html, pc.equal(batch["direction"], "down"))))
    return pa.concat_arrays(found)


def _in_page(headers: dict[str, str]) -> bool:
    """True for HTML that a page fetched for itself: fragments, frames, beacons."""
    return (
        headers.get("x-requested-with", "").lower() == "xmlhttprequest"
        or headers.get("sec-fetch-mode", "navigate") != "navigate"
        or headers.get("sec-fetch-dest", "document") in EMBEDDED
        or "text/html" not in headers.get("accept", "text/html")
    )


def _visits(address: str | None, terms: frozenset[bytes]) -> Iterator[Visit]:
    url = urldefrag(address or "").url
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return
    if not host or parts.scheme not in ("http", "https"):
        return
    home = site(host)
    yield Visit("browsing-history/url", url.encode(), home)
    engine = load().search_engine(host, parts.path)
    names = engine.parameters if engine else ()
    for name, term in parse_qsl(parts.query, max_num_fields=100) if len(parts.query) < 8192 else ():
        data = term.strip().encode("utf-8", "replace")
        if (name in names and len(data) >= MIN_TERM) or data in terms:
            yield Visit("search-query", data, home)
