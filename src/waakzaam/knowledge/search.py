"""Looks facts up by words: the work behind ``waakzaam facts QUERY``."""

from __future__ import annotations

import datetime
import re

from waakzaam.knowledge.loader import Facts, load
from waakzaam.knowledge.record import SUBJECTS, Entry, Record

TOGETHER = ("case", "news", "wire format")
"""Subjects whose statements are shown whole: a claim is never shown without the answer to it."""

__all__ = ["Record", "facts"]


def facts(query: str, at: datetime.date | None = None, folder: Facts | None = None) -> list[Record]:
    """Give every fact that holds all words of the query, in any case and order.

    Where the query as it stands is part of a title ("Data Security Law"), only facts that hold it so.
    A word of one or two letters ("X", "UK") has to stand alone in the fact, not inside another word.
    A word that is a host or a package also finds what covers it. Where one statement of a case matches, all
    of the case are given; where an article of a law matches, the state of the law and the debate about it are
    given too. With ``at`` only what held or had been said on that day; a statement without a day of its own
    counts from the day of its case. An empty query gives everything. What has just this name comes first.
    """
    from waakzaam.knowledge.shown import entries

    words = query.casefold().split()
    name = words[0] if len(words) == 1 and "." in words[0] else None
    base = load() if folder is None else folder
    if len(words) > 1:
        phrase = " ".join(words)
        if any(phrase in entry.record.title.casefold() for entry in entries(base, None)):
            words = [phrase]
    standing = [entry for entry in entries(base, at) if _stood(entry, at)]
    found = [entry.record for entry in standing if _matches(entry, words, name)]
    given = {id(record) for record in found}
    whole = {_group(record) for record in found if record.subject in TOGETHER}
    laws = {record.id for record in found if record.subject == "law"}
    for entry in standing:
        record = entry.record
        beside = record.subject == "law" and record.id in laws and not _is_article(record)
        if id(record) not in given and (_group(record) in whole or beside):
            found.append(record)
    asked = " ".join(query.casefold().split())
    named = {_group(record) for record in found if _is_named(record, asked)}
    found.sort(key=lambda record: (_group(record) not in named, _order(record)))
    return found


def _stood(entry: Entry, at: datetime.date | None) -> bool:
    """Say whether it held, or had been said, on a day."""
    since = entry.record.date or entry.since
    until = entry.record.until
    return at is None or not ((since and since > at) or (until and until <= at))


def _matches(entry: Entry, words: list[str], name: str | None) -> bool:
    record = entry.record
    if name is not None and entry.covers is not None and entry.covers(name):
        return True
    hay = " ".join(
        (record.id, record.title, record.text, record.by or "", record.kind or "", entry.words)
    ).casefold()
    return all(_holds(hay, word) for word in words)


def _holds(hay: str, word: str) -> bool:
    if len(word) < 3 and word.isascii() and word.isalnum():
        return re.search(rf"(?<![^\W_]){word}(?![^\W_])", hay) is not None
    return word in hay


def _group(record: Record) -> tuple[str, str]:
    return record.subject, record.title if record.subject == "news" else record.id


def _is_named(record: Record, asked: str) -> bool:
    """Say whether the query is its whole name, apart from what stands behind it in brackets."""
    return record.title.casefold().partition(" (")[0] == asked


def _is_article(record: Record) -> bool:
    return record.kind not in ("state", "note") and not (record.kind or "").startswith("debate")


def _order(record: Record) -> tuple[int, str, int, bool, datetime.date]:
    """Within a column what is not confirmed comes last."""
    id_ = "" if record.subject == "news" else record.id
    date = record.date or datetime.date.min
    return SUBJECTS.index(record.subject), id_, record.order, record.unconfirmed, date
