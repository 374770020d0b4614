"""Generated samples in every kind of wrapping: what is inside is found and ranked first, and replays."""

from __future__ import annotations

import pytest
from tests.helpers.layered import KINDS, candidates, samples
from tests.helpers.ranked import is_first

from waakzaam.peel import Opener, replay

SEED, EACH = 2021, 4
RARE = ("base64>sm4-cbc>json", "base64>3des-cbc>json", "base64>xxtea>json")
"""Ciphers that come last: with thousands of candidates the work of a value ends before them."""
FEWER = 300


def _opener(count: int) -> Opener:
    _, listed = candidates(SEED, count)
    return Opener([(f"constants:{number}", text.encode()) for number, text in enumerate(listed, 1)])


@pytest.fixture(scope="module")
def opener() -> Opener:
    return _opener(5000)


@pytest.fixture(scope="module")
def opener_of_fewer() -> Opener:
    return _opener(FEWER)


@pytest.mark.parametrize("kind", KINDS)
def test_every_sample_of_a_kind_is_opened(kind: str, opener: Opener, opener_of_fewer: Opener) -> None:
    keys, _ = candidates(SEED)
    chosen = [sample for sample in samples(SEED, EACH * len(KINDS), keys) if sample.kind == kind]
    assert len(chosen) == EACH
    for sample in chosen:
        opened = (opener_of_fewer if kind in RARE else opener).open(sample.data)
        assert is_first(sample.data, opened, sample.canary), sample.data[:60]
        leaf = next(leaf for leaf in opened.leaves if leaf.value == sample.canary)
        steps = [layer for layer, _ in leaf.steps], [selector for _, selector in leaf.steps]
        assert replay(sample.data, *steps)[-1] == sample.canary


def test_a_seed_gives_the_same_samples() -> None:
    keys, listed = candidates(SEED)
    assert (keys, listed) == candidates(SEED)
    again = list(samples(SEED, 50, keys))
    assert again == list(samples(SEED, 50, keys))
    assert again != list(samples(SEED + 1, 50, keys))
    assert candidates(SEED + 1)[0] != keys


def test_without_the_keys_nothing_that_needs_one_is_opened() -> None:
    keys, _ = candidates(SEED)
    keyed = {
        kind
        for kind in KINDS
        if any(cipher in kind for cipher in ("aes", "rc4", "chacha", "sm4", "des", "xxtea"))
        and "beside" not in kind
    }
    opener = Opener([(f"constants:{n}", text.encode()) for n, text in enumerate(candidates(SEED + 1)[1])])
    for sample in samples(SEED, len(KINDS), keys):
        if sample.kind in keyed:
            opened = opener.open(sample.data)
            assert all(not leaf.proofs for leaf in opened.leaves), sample.kind
