"""Opening closed values: keys that are brought, keys that stand beside, and what must stay closed."""

from __future__ import annotations

import base64
import json
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waakzaam.errors import WaakzaamError
from waakzaam.peel import Opener, Surroundings, open_all, replay
from waakzaam.peel.candidates import read_candidates

# openssl enc -aes-128-cbc -K 30..39 61..66 -iv the same, of SECRET, in base64
SEALED = b"pF+7MkJS+ixc4s0L4xN19jgviHeuPbqHpyaJ2lv2MV9TSA/+P08LTiVhOaS00rb4"
SECRET = {"a": "hello world", "imei": "869836900602677"}
KEY = b"0123456789abcdef"


def test_a_key_that_was_brought_opens_and_the_chain_replays() -> None:
    opened = open_all(SEALED, keys=[("constants.txt:1", b"something else"), ("constants.txt:2", KEY)])
    leaf = opened.leaves[1]
    assert (leaf.name, leaf.value) == ("imei", b"869836900602677")
    assert [layer for layer, _ in leaf.steps] == ["base64", "aes-128-cbc", "json"]
    assert leaf.proofs[0].key == "constants.txt:2"
    assert leaf.proofs[0].bits is not None
    assert leaf.proofs[0].bits >= 20
    assert opened.disguise(1) == "embedded-key"
    assert opened.closed == ()
    assert replay(SEALED, [s[0] for s in leaf.steps], [s[1] for s in leaf.steps])[-1] == leaf.value


def test_a_logged_key_opens_but_says_nothing_of_how_it_was_hidden(tmp_path: Path) -> None:
    file = tmp_path / "hook.jsonl"
    file.write_text(json.dumps({"algorithm": "AES", "key": KEY.decode()}))
    opened = open_all(SEALED, keys=read_candidates(file))
    assert opened.leaves[1].value == b"869836900602677"
    assert opened.disguise(1) == "opaque"


def test_a_key_that_stands_beside_it_opens() -> None:
    body = json.dumps({"k": KEY.decode(), "d": SEALED.decode()}).encode()
    values = {leaf.name: leaf.value for leaf in open_all(body).leaves}
    assert values["imei"] == b"869836900602677"


def test_a_value_of_the_device_is_tried_as_a_key() -> None:
    values = [leaf.value for leaf in open_all(SEALED, known=[("android-id", KEY)]).leaves]
    assert b"869836900602677" in values


def test_without_the_key_it_stays_closed_and_says_so() -> None:
    opened = open_all(SEALED, keys=[("k", b"another constant")])
    assert [leaf.value for leaf in opened.leaves] == [SEALED]
    assert opened.closed == (0,)
    assert opened.disguise(0) == "opaque"
    assert opened.tried == 1


def test_xor_is_worked_out() -> None:
    body = json.dumps([SECRET] * 6).encode()
    hidden = bytes(a ^ b for a, b in zip(body, cycle(b"k3y!"), strict=False))
    opened = open_all(hidden)
    assert b"869836900602677" in [leaf.value for leaf in opened.leaves]
    assert opened.leaves[0].steps[0] == ("xor", "key=6b337921")


def test_what_opened_one_value_of_a_kind_opens_the_next() -> None:
    opener = Opener(keys=[("k", KEY)])
    first, second = (opener.open(SEALED, kind="app host /path") for _ in range(2))
    assert [leaf.value for leaf in first.leaves] == [leaf.value for leaf in second.leaves]


def test_a_kind_that_never_opens_is_left_but_still_told() -> None:
    opener = Opener(keys=[("k", b"another constant")])
    for _ in range(6):
        assert opener.open(SEALED, kind="app host /path").closed == (0,)


def test_a_format_of_which_only_the_recipient_has_the_key() -> None:
    around = Surroundings.of(
        "https://tracking.intl.miui.com/track/v4", [("OT_SID", b"1"), ("OT_protocol", b"3.0")]
    )
    opened = Opener().open(bytes(range(130, 194)), around=around)
    assert opened.formats[0][1].id == "onetrack"
    assert opened.disguise(0) == "to-recipient"


def test_surroundings_read_the_fields_of_a_query() -> None:
    around = Surroundings.of("http://example.be:8080/x?time=16&q=a%20b+c&empty")
    assert (around.host, around.path) == ("example.be", "/x")
    assert around.fields == [("time", b"16"), ("q", b"a b c"), ("empty", b"")]


QUERIES = (
    b"}0\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03192\x010\x012\x02017\x07in-addr\x04arpa\x00\x00\x0c\x00\x01",
    b"JC\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03www\x07example\x03com\x00\x00\x01\x00\x01",
)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("key", [b"T", b"0102030405060708"])
def test_zeros_under_an_exclusive_or_prove_nothing(query: bytes, key: bytes) -> None:
    # Where a structure is zero the key shows, so that any text "opens" it.
    assert all(not leaf.proofs for leaf in open_all(query, keys=[("k", key)]).leaves)


def test_text_under_text_proves_no_more_than_that_both_are_ascii() -> None:
    # An identifier under another key: every key of digits makes printable characters of it.
    hidden = bytes(
        a ^ b for a, b in zip(b"d8c5d86c-2754-4dca-a962-5af5184dbea1", cycle(b"w9Kq"), strict=False)
    )
    keys = [("k", f"{number:08}".encode()) for number in range(0, 10**8, 20_011)]
    assert all(not leaf.proofs for leaf in open_all(base64.b64encode(hidden), keys=keys).leaves)


@settings(max_examples=60, deadline=None)
@given(data=st.binary(min_size=0, max_size=400))
def test_noise_is_never_opened_with_keys(data: bytes) -> None:
    opened = open_all(data, keys=[("k", KEY), ("l", b"com.example.app")])
    assert all(not leaf.proofs for leaf in opened.leaves)


@settings(max_examples=40, deadline=None)
@given(text=st.text(min_size=0, max_size=200))
def test_text_is_never_unlocked(text: str) -> None:
    assert all(not leaf.proofs for leaf in open_all(text.encode(), keys=[("k", KEY)]).leaves)


def test_key_files_are_lines_or_logged_calls(tmp_path: Path) -> None:
    file = tmp_path / "keys.txt"
    logged = {"algorithm": "AES/CBC/PKCS5Padding", "key": "00ff", "iv": "aabb", "length": 16}
    file.write_bytes(b"constant\n\n  spaced  \n" + json.dumps(logged).encode() + b"\n{not json\n\xff\xfe\n")
    assert read_candidates(file) == [
        ("keys.txt:1", b"constant"),
        ("keys.txt:3", b"spaced"),
        ("keys.txt:4, logged", b"00ff"),
        ("keys.txt:4, logged", b"aabb"),
        ("keys.txt:5", b"{not json"),
        ("keys.txt:6", b"\xff\xfe"),
    ]


@pytest.mark.parametrize("content", [None, b"", b"\n\n", b"x" * 600])
def test_bad_key_files_give_one_line(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "keys.txt"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(WaakzaamError, match=r"keys\.txt: .*one key on a line"):
        read_candidates(file)


def test_a_directory_is_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(WaakzaamError, match="cannot be read"):
        read_candidates(tmp_path)
