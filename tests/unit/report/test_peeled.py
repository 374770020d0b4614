"""The tree that `waakzaam peel` prints."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waakzaam.peel import Format, Leaf, Opened, Proof, Reading, open_value
from waakzaam.report.peeled import Tree

KEY = Proof(bits=868.4, tried=3891, key="keys.txt:445", derivation="as it is")


def _lines(opened: Opened, **options: object) -> list[str]:
    return list(Tree(opened, 100, **options).lines())  # type: ignore[arg-type]


def test_layers_with_one_thing_inside_stand_on_one_line() -> None:
    around = (("form", "d"), ("base64", ""), ("gzip", ""))
    opened = Opened(
        (
            Leaf((("form", "a"),), "a", b"1"),
            Leaf((*around, ("json", "$.imei")), "imei", b"869836900602677"),
            Leaf((*around, ("json", "$.n")), "n", b"7"),
        )
    )
    assert _lines(opened) == [
        "value: 100 bytes",
        "form",
        "  a  1  [as it is]",
        "  d",
        "    base64 > gzip > json  [encoding]",
        "      $.imei  869836900602677",
        "      $.n     7",
        "",
        "[encoding]: only an encoding: no key is needed to read it.",
    ]


def test_a_keyed_layer_tells_key_origin_and_evidence_once() -> None:
    step = ("aes-128-cbc", "key=00112233445566778899aabbccddeeff,iv=zero,pad=pkcs7")
    leaves = tuple(Leaf((step, ("json", f"$.{name}")), name, b"v", (KEY,)) for name in "ab")
    text = "\n".join(_lines(Opened(leaves, tried=1), candidates=5004, width=60))
    assert text.count("key from: keys.txt:445, as it is") == 1
    assert "evidence: 868 bits (20 are asked), after paying for" in text
    assert "key=00112233445566778899aabbccddeeff,iv=zero,pad=pkcs7" in text.replace("\n  | ", "")
    assert "obfuscated with a key that is at hand" in " ".join(text.split())
    assert "5,004 candidates" in text


def test_a_key_that_nobody_proposed_is_said_to_be_that() -> None:
    leaf = Leaf((("xor", "key=9f"),), None, b"text", (Proof(80.0, 255, "", "as it is"),))
    assert "  | key from: no candidate: all keys of this kind were tried" in _lines(Opened((leaf,)))


def test_what_stayed_closed_its_format_and_limits_are_told() -> None:
    known = Format("x", "A format", "A vendor", "to-recipient", "Only the recipient has the key.")
    opened = Opened(
        (Leaf((("form", "d"),), "d", b"\x8f" * 64),),
        closed=(0,),
        formats=((0, known),),
        limits=tuple((name, 40, "value | form:d") for name in ("a", "b", "c", "d", "e", "f")),
        problems=("gzip ends early; what is there was read.",),
        tried=1,
    )
    text = "\n".join(_lines(opened))
    assert "[encrypted to the recipient]" in text
    assert "Known format: A format (A vendor). Only the recipient has the key." in text
    assert "closed: value | form:d (64 bytes)" in text
    assert "Limit reached at value | form:d: a, b, c, d and 2 more (40)." in text
    assert "gzip ends early" in text


def test_other_readings_are_told() -> None:
    group = (Reading((("base64", ""),), "msgpack", 31.0), Reading((("base64", ""),), "cbor", 24.0))
    opened = Opened((Leaf((("base64", ""), ("msgpack", "$.a")), "a", b"1"),))
    assert "Read as msgpack (31 bits) at value | base64; it could also be: cbor (24 bits)." in _lines(
        opened, readings=[group]
    )


@pytest.mark.parametrize("value", [b"\x1b[31mred", "\u202eabc".encode(), b"\xff\x00\x1b"])
def test_nothing_rewrites_the_terminal(value: bytes) -> None:
    text = "\n".join(_lines(Opened((Leaf((("form", "\x1b[2J"),), None, value),))))
    assert "\x1b" not in text
    assert "\u202e" not in text


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode), st.integers(40, 120))
def test_lines_keep_to_the_width(data: bytes, width: int) -> None:
    lines = list(Tree(open_value(data), len(data), width=width).lines())
    assert lines[0] == f"value: {len(data):,} bytes"
    # The name of a field may push its value over; nothing else does.
    assert all(len(line) <= width + 40 for line in lines)
