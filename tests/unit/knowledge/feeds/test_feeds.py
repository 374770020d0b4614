"""Each kind of feed reads its own form and refuses others."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from waakzaam.knowledge.feeds import FEEDS, GROUPS, feed_of
from waakzaam.knowledge.feeds.model import BadFeedError, Content

OUI = (
    "Registry,Assignment,Organization Name,Organization Address\r\n"
    'MA-L,28FBAE,"Example, Inc.","Street 1\nCity"\r\n'
    "MA-L,00A0C9,Other,Street 2\r\n"
)


def read(feed: str, data: bytes) -> Content:
    found = feed_of(feed)
    assert found
    return found.content(data)


def test_ids_are_unique_and_groups_name_feeds() -> None:
    ids = [feed.id for feed in FEEDS]
    assert len(ids) == len(set(ids))
    for names in GROUPS.values():
        assert set(names) <= set(ids)
    assert not GROUPS.keys() & set(ids)


def test_every_address_is_protected() -> None:
    assert all(feed.address is None or feed.address.startswith("https://") for feed in FEEDS)


def test_address_blocks() -> None:
    assert read("oui", OUI.encode("utf-8-sig")).entries == {"28FBAE": "Example, Inc.", "00A0C9": "Other"}


@pytest.mark.parametrize(
    ("feed", "data", "told"),
    [
        ("oui", b"<html>", "does not begin with the columns"),
        ("oui", b"\xff\xff", "no UTF-8"),
        ("oui", OUI.encode() + b"MA-L,XYZXYZ,a,b\r\n", "not in hexadecimal digits"),
        ("oui", OUI.encode() + b"MA-L,00A0,a,b\r\n", "line 4 is no assignment"),
        ("oui", OUI.encode() + b'MA-L,"00A0', "is no CSV file"),
        ("oui", OUI.encode().splitlines(keepends=True)[0], "holds no address block"),
        ("exodus", b'{"trackers": {}}', "has no `trackers`"),
        ("exodus", b'{"trackers": {"1": {"name": "a"}}}', "tracker '1' lacks one of"),
        ("addresses", b"<html>", "is no MMDB file"),
        ("addresses", gzip.compress(b"<html>"), "is no MMDB file"),
        ("addresses", gzip.compress(b"x" * 1000)[:-9], "is damaged"),
        ("addresses", b"junk\xab\xcd\xefMaxMind.com\xe0", "is no MMDB file"),
    ],
)
def test_what_is_something_else_is_refused(feed: str, data: bytes, told: str) -> None:
    with pytest.raises(BadFeedError, match=told):
        read(feed, data)


@pytest.mark.shared
def test_published_lists_are_read_whole(shared: Path) -> None:
    lists = shared / "lists"
    exodus = (lists / "exodus_trackers.json").read_bytes()
    assert len(read("exodus", exodus).entries) == len(json.loads(exodus)["trackers"]) == 432
    for path in (lists / "stix2").glob("*.stix2"):
        objects = json.loads(path.read_bytes())["objects"]
        patterns = {each["pattern"] for each in objects if each["type"] == "indicator"}
        assert read("pegasus", path.read_bytes()).entries.keys() == patterns
