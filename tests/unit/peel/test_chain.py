from __future__ import annotations

import base64
import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waakzaam.errors import WaakzaamError
from waakzaam.peel import chain_text, disguise_of, peel, replay


def test_a_chain_is_written_as_documented() -> None:
    text = chain_text(
        "body", ["form", "base64", "gzip", "json"], ["data_list", "", "", "$[0].properties.url"]
    )
    assert text == "body | form:data_list | base64 | gzip | json:$[0].properties.url"


@pytest.mark.parametrize(
    ("layers", "disguise"),
    [
        ([], "none"),
        (["form", "json", "percent"], "none"),
        (["content-encoding(gzip)", "json"], "none"),
        (["form", "base64"], "encoding"),
        (["gzip"], "encoding"),
        (["hex", "zlib", "json"], "encoding"),
    ],
)
def test_structure_is_no_disguise(layers: list[str], disguise: str) -> None:
    assert disguise_of(layers) == disguise


def test_the_documented_stack_is_peeled_and_replayed() -> None:
    inner = json.dumps([{"properties": {"url": "https://example.org/a?b=c"}}]).encode()
    body = b"crc=1&gzip=1&data_list=" + base64.b64encode(gzip.compress(inner)).replace(b"+", b"%2B").replace(
        b"/", b"%2F"
    ).replace(b"=", b"%3D")
    peeled = peel(body, content_type="application/x-www-form-urlencoded")
    leaf = next(each for each in peeled.leaves if each.value == b"https://example.org/a?b=c")
    assert leaf.path("body") == "body | form:data_list | base64 | gzip | json:$[0].properties.url"
    assert leaf.name == "url"
    steps = replay(body, [s[0] for s in leaf.steps], [s[1] for s in leaf.steps])
    assert steps[-1] == leaf.value
    assert steps[2] == inner
    assert peeled.limits == ()


def test_a_chain_that_does_not_hold_is_refused() -> None:
    with pytest.raises(WaakzaamError, match="gzip"):
        replay(b"no gzip here", ["gzip"], [""])
    with pytest.raises(WaakzaamError, match="cannot be computed"):
        replay(b"{}", ["no-such-layer"], [""])


@given(
    st.recursive(
        st.text(max_size=20) | st.integers(),
        lambda inner: st.dictionaries(st.text(max_size=5), inner, max_size=4) | st.lists(inner, max_size=4),
        max_leaves=20,
    )
)
def test_every_leaf_of_any_json_is_found_and_replayed(document: object) -> None:
    data = json.dumps(document).encode()
    for leaf in peel(data, content_type="application/json").leaves:
        steps = replay(data, [s[0] for s in leaf.steps], [s[1] for s in leaf.steps])
        assert (steps[-1] if steps else data) == leaf.value


@given(st.binary(max_size=3000))
def test_any_bytes_are_peeled_without_an_error(data: bytes) -> None:
    assert bool(peel(data).leaves) == bool(data)


def test_random_looking_values_stay_as_they_are() -> None:
    for value in (
        b"5f4dcc3b5aa765d61d8327deb882cf99",
        b"find/early",
        b"dGhpcw",
        b"session0123456789abcdefABCDEF",
    ):
        assert [leaf.value for leaf in peel(value).leaves] == [value]
    noise = zlib.compress(b"x")[2:] + bytes(range(256))
    assert [leaf.value for leaf in peel(noise).leaves] == [noise]
