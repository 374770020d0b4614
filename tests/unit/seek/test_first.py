"""First sightings: each value once, and nothing that everybody tells to the site itself."""

from __future__ import annotations

import hashlib

import pyarrow as pa

from waakzaam.seek.first import FirstSightings
from waakzaam.tables import VALUES

ANDROID_ID = "5e2f8a91c07b43d6"
PAGE = "https://www.dagblad.example/lang/genoeg"


def batch(*texts: bytes) -> pa.RecordBatch:
    columns = {
        "evidence": ["E1"] * len(texts),
        "value": list(range(len(texts))),
        "bytes": list(texts),
    }
    return pa.RecordBatch.from_pydict({name: columns[name] for name in VALUES.names}, schema=VALUES)


def test_each_value_is_told_once_and_in_its_form() -> None:
    told: list[tuple[str, str]] = []
    first = FirstSightings(
        [("device-id/android-id", ANDROID_ID), ("browsing-history/url", PAGE)],
        lambda datum, form: told.append((datum, form)),
    )
    first.look(batch(b"nothing", PAGE.encode()))
    assert told == []
    digest = hashlib.md5(ANDROID_ID.encode(), usedforsecurity=False).hexdigest().encode()
    first.look(batch(digest, ANDROID_ID.encode()))
    first.look(batch(ANDROID_ID.encode()))
    assert [datum for datum, _ in told] == ["device-id/android-id"]
    assert "md5" in told[0][1]


def test_nothing_known_is_nothing_to_seek() -> None:
    FirstSightings([], lambda *_: None).look(batch(b"x"))
