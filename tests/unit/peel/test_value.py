"""``waakzaam.peel(data)``, and the other readings of ambiguous values."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.helpers.ranked import is_first

import waakzaam
from waakzaam.errors import WaakzaamError
from waakzaam.peel import open_value, readings, replay

SEALED = b"pF+7MkJS+ixc4s0L4xN19jgviHeuPbqHpyaJ2lv2MV9TSA/+P08LTiVhOaS00rb4"
KEY = b"0123456789abcdef"


@pytest.mark.parametrize(
    "program",
    [
        "import waakzaam; opened = waakzaam.peel(b'eyJhIjoiaGVsbG8gd29ybGQifQ==')",
        "from waakzaam import peel; opened = peel(b'eyJhIjoiaGVsbG8gd29ybGQifQ==')",
        "import waakzaam.peel; opened = waakzaam.peel(b'eyJhIjoiaGVsbG8gd29ybGQifQ==')",
        "from waakzaam.peel import Opener; import waakzaam;"
        " opened = waakzaam.peel(b'eyJhIjoiaGVsbG8gd29ybGQifQ==')",
    ],
)
def test_the_package_is_the_function(program: str) -> None:
    """However it was imported before."""
    program += "; print(opened.leaves[0].path('value'), opened.leaves[0].value.decode())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "value | base64 | json:$.a hello world\n", done.stderr


def test_keys_and_the_message_around_are_taken() -> None:
    opened = waakzaam.peel(SEALED, keys=[("k", KEY)])
    assert {leaf.name: leaf.value for leaf in opened.leaves}["imei"] == b"869836900602677"
    known = open_value(
        bytes(range(130, 194)),
        url="https://tracking.intl.miui.com/track/v4",
        headers=[("OT_SID", b"1"), ("OT_protocol", b"3.0")],
    )
    assert known.disguise(0) == "to-recipient"
    assert open_value(b"a=%7B%22b%22%3A1%7D", part="query").leaves[0].steps == (
        ("form", "a"),
        ("json", "$.b"),
    )


def test_a_malformed_url_is_one_line() -> None:
    with pytest.raises(WaakzaamError, match="give an absolute URL"):
        waakzaam.peel(b"x", url="http://[x")


AMBIGUOUS = b"a=hello%20world&b=x%2Fy"
"""A form; all of it is percent-encoded text too, which is told apart only for this test."""


def test_other_readings_stand_beside_the_one_that_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert readings(AMBIGUOUS) == ()
    monkeypatch.setattr("waakzaam.peel.ambiguous.PART_OF", {})
    opened = waakzaam.peel(AMBIGUOUS)
    ((followed, other),) = readings(AMBIGUOUS, opened)
    assert (followed.steps, followed.layer) == ((), opened.leaves[0].steps[0][0])
    assert followed.leaves == ()
    assert other.layer == "percent"
    assert 20 <= other.bits <= followed.bits
    for leaf in other.leaves:
        steps = [layer for layer, _ in leaf.steps], [selector for _, selector in leaf.steps]
        assert replay(AMBIGUOUS, *steps)[-1] == leaf.value


def test_readings_are_looked_for_inside_ciphers_too() -> None:
    opened = waakzaam.peel(SEALED, keys=[("k", KEY)])
    assert readings(SEALED, opened) == ()
    assert is_first(SEALED, opened, b"869836900602677")
    assert not is_first(SEALED, opened, b"no such value")
