"""Names that a phone asks an HTTP server for, instead of a name server (HTTPDNS).

A request to a bare address with a name in its query, as clouds offer it to apps: Alibaba Cloud
(``/ACCOUNT/d?host=NAME``), Tencent Cloud (``/d?dn=NAME``). Blockers and logs of the network's own name server
do not see such questions.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.attribute.host import normal
from waakzaam.attribute.suffix import registrable
from waakzaam.knowledge import load

PATH = re.compile(r"(/\d+)?/(sign_)?(d|resolve|httpdns|dns-query|httpdns_[a-z]+)/?", re.IGNORECASE)
"""Paths of such requests."""
FIELDS = frozenset({"host", "hosts", "dn", "domain", "name"})
"""Fields of the query that hold names, separated by commas."""
_TO_AN_ADDRESS = r"^https?://(\d{1,3}(\.\d{1,3}){3}|\[[0-9A-Fa-f:.]+\])(:\d+)?/"


class Lookup(NamedTuple):
    """A name that was asked for.

    ``resolver``: the address that was asked. ``beside``: what else the question told, in words.
    """

    name: str
    resolver: str
    beside: tuple[str, ...]
    times: int
    last: datetime | None
    evidence: str
    frame: int

    @property
    def sentence(self) -> str:
        """Say how it is known."""
        return (
            f"Its address was asked for at {self.resolver} by HTTP instead of DNS (HTTPDNS; {self.evidence}, "
            f"packet or entry {self.frame}); whether anything was sent to it is not recorded."
            f"{self.told_beside}"
        )

    @property
    def told_beside(self) -> str:
        """Say what else the question told; empty if nothing that is known."""
        return f" The question also has fields for: {', '.join(self.beside)}." if self.beside else ""


def http_lookups(messages: pa.Table) -> tuple[Lookup, ...]:
    """Find names that were asked for by HTTP.

    Args:
        messages: table ``messages``.

    Returns:
        One row for each name, in the order in which they were first asked for.
    """
    found: dict[str, Lookup] = {}
    for batch in messages.select(["evidence", "direction", "url", "time", "frame"]).to_batches():
        asks = pc.and_(
            pc.equal(batch["direction"], "up"),
            pc.fill_null(pc.match_substring_regex(batch["url"], _TO_AN_ADDRESS), False),
        )
        for row in batch.filter(asks).to_pylist():
            for resolver, name, beside in _asked(row["url"]):
                before = found.get(name)
                last = max(
                    (each for each in (before.last if before else None, row["time"]) if each), default=None
                )
                if before:
                    found[name] = before._replace(times=before.times + 1, last=last)
                else:
                    found[name] = Lookup(name, resolver, beside, 1, last, row["evidence"], row["frame"])
    return tuple(found.values())


def _asked(url: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The address that is asked, each name, and what else is told."""
    try:
        parts = urlsplit(url)
        resolver = str(ipaddress.ip_address(parts.hostname or ""))
        _ = parts.port  # malformed ones are found when they are asked for
        pairs = parse_qsl(parts.query)
    except ValueError:
        return
    if not PATH.fullmatch(parts.path):
        return
    beside = tuple(_beside(pairs))
    for field, value in pairs:
        for name in value.split(",") if field.lower() in FIELDS else ():
            host = normal(name)
            if "." in host and registrable(host) and not host.replace(".", "").isdecimal():
                yield resolver, host, beside


def _beside(pairs: list[tuple[str, str]]) -> Iterator[str]:
    """Fields of a question whose names say which datum they hold; a placeholder is said to be one."""
    facts = load()
    for name, value in pairs:
        for field in facts.fields_by_name.get(name.lower(), ())[:1]:
            label = facts.data[field.datum].label
            yield label if field.fits(value) else f"{label} (with a value that tells none: {value[:40]!r})"
