"""The quick reader of plain TOML never reads a text differently from ``tomllib``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waakzaam.plain_toml import plain

FACTS = sorted((Path(__file__).parents[2] / "src" / "waakzaam" / "knowledge").glob("*.toml"))


def read(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


@pytest.mark.parametrize("path", FACTS, ids=lambda path: path.name)
def test_every_file_of_facts_is_plain(path: Path) -> None:
    """One that is not is read all the same, but slowly: keep the facts plain."""
    text = path.read_text("utf-8")
    assert plain(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        'a = "x"\na = "y"',
        "[a]\n[a]",
        '[[a]]\nb = ["x"]\n[[a.b]]',
        'a = ["x"]\n[[a]]',
        "[a]\n[[a]]",
        "[[a]]\n[a]",
        "a = 2021-13-01",
        "a = 00",
        'a = ["x" "y"]',
        'a = [\n  "x"\n  "y"\n]',
        'a = [\n  "x",',
        'a = "x" y',
        "a = truex",
        'a = "x\x01"',
        "# \x01",
        'a = """\nb = "x"',
    ],
)
def test_what_is_no_toml_is_left_to_the_parser(text: str) -> None:
    assert read(text) is None
    assert plain(text) is None


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('a = "x" # why', {"a": "x"}),
        ("a = '''\nb = \"x\"'''", {"a": 'b = "x"'}),
        ('a = """\nb = "x"\n"""', {"a": 'b = "x"\n'}),
        ('a.b = "x"\na.c = "y"', {"a": {"b": "x", "c": "y"}}),
        ("[[a.b]]", {"a": {"b": [{}]}}),
        ("[a.b]\nc = 1", {"a": {"b": {"c": 1}}}),
        ('a = [ "x",\n# why\n"y" ]', {"a": ["x", "y"]}),
        ("a = 1\r\nb = 2", {"a": 1, "b": 2}),
    ],
)
def test_more_than_plain_is_left_to_the_parser_too(text: str, values: dict[str, Any]) -> None:
    assert tomllib.loads(text) == values
    assert plain(text) in (None, values)


PIECES = st.sampled_from(
    [
        *("a", "b-1", " = ", "=", "[", "]", "[[", "]]", ".", ",", ", ", '"', "'", '"x"', "'x'", '"\\u00e9"'),
        *(
            '""',
            '"""',
            "\n",
            "\n",
            "#",
            " ",
            "\t",
            "\\",
            "true",
            "false",
            "0",
            "12",
            "-1",
            "1.5",
            "2026-11-30",
        ),
        *("2026-11", "{", "}", "\x7f", "\u0085", "é", "\r"),
    ]
)
LINES = st.sampled_from(
    [
        *(
            "[a]",
            "[[a]]",
            "[[a.b]]",
            "[[b]]",
            "[b]",
            'c = "x"',
            "d = 'y\\'",
            "e = []",
            "f = [",
            '  "x", "y",',
        ),
        *('  "z"', "]", "g = 2026-02-29", "h = 7", "i = true", "# why", "", 'j = "x\\n"', 'a = ["x"]'),
        "k = 1979-05-27T07:32:00Z",
    ]
)


@given(st.one_of(st.lists(PIECES, max_size=14).map("".join), st.lists(LINES, max_size=9).map("\n".join)))
def test_never_differs(text: str) -> None:
    """Where it reads a text, the parser reads the same; it may leave any text to the parser."""
    values = plain(text)
    assert values is None or values == read(text)
