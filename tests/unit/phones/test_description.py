from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waakzaam.errors import WaakzaamError
from waakzaam.phones.description import parse_known, read_phone

GOOD = """
brand = "Xiaomi"
profile = "professional"
reconstruction_of = "some-case"
[known]
android_id = "0123456789abcdef"
visited = ["https://a.example/", "https://b.example/"]
names = "Jan"
other = [{ datum = "identifier/loyalty-card", value = "4711" }]
[session]
incognito = true
[apps]
needed = ["com.example.app"]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "phone.toml"
    path.write_text(text)
    return path


def test_a_description_is_read(tmp_path: Path) -> None:
    phone = read_phone(write(tmp_path, GOOD))
    assert phone.brand == "Xiaomi"
    assert phone.profile == "professional"
    assert phone.incognito
    assert phone.needed == ("com.example.app",)
    assert phone.reconstruction_of == "some-case"
    assert phone.known == (
        ("device-id/android-id", "0123456789abcdef"),
        ("browsing-history/url", "https://a.example/"),
        ("browsing-history/url", "https://b.example/"),
        ("person/name", "Jan"),
        ("identifier/loyalty-card", "4711"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("brand = 1", "brand must be text"),
        ("colour = 'red'", "unknown key 'colour'"),
        ("[known]\nimai = '1'", "unknown key known.imai"),
        ("[known]\nimei = 123", "known.imei must be text"),
        ("[known]\nother = ['x']", "known.other must be a list of tables"),
        ("[known]\nother = [{ value = 'x' }]", "lacks 'datum'"),
        ("profile = 'secret'", "expected one of private, professional, sensitive"),
        ("known = 'x'", "known must be a table"),
        ("brand = ", "is not valid TOML"),
        ("[session]\nincognitoo = true", "unknown key session.incognitoo; expected incognito"),
        ("[session]\nincognito = 'yes'", "session.incognito must be true or false"),
        ("[session]\nincognito = 1", "session.incognito must be true or false"),
        ("[apps]\nneed = ['a.b']", "unknown key apps.need; expected needed"),
        ("[apps]\nneeded = [1]", "apps.needed must be text"),
        ("session = true", "session must be a table"),
        ("[[apps]]\nneeded = 'x'", "apps must be a table"),
        ("[known]\nimei = [['1']]", "known.imei must be text"),
        ("x = " + "[" * 100_000, "nested too deeply"),
    ],
)
def test_a_mistake_is_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(WaakzaamError, match=said) as error:
        read_phone(write(tmp_path, text))
    assert "\n" not in str(error.value)
    assert "phone.toml" in str(error.value)


def test_a_missing_or_binary_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(WaakzaamError, match="cannot be read"):
        read_phone(tmp_path / "none.toml")
    (tmp_path / "noise.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(WaakzaamError, match="not UTF-8"):
        read_phone(tmp_path / "noise.toml")


@given(st.text())
def test_any_text_is_read_or_refused_clearly(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        read_phone(path)
    except WaakzaamError as error:
        assert str(path) in str(error)  # noqa: PT017 - any text may also be right


def test_values_from_the_command_line() -> None:
    assert parse_known("imei=490154203237518") == ("device-id/imei", "490154203237518")
    assert parse_known("identifier/card=a=b") == ("identifier/card", "a=b")
    assert parse_known("search-query=x") == ("search-query", "x")
    with pytest.raises(WaakzaamError, match="--known imai=…: unknown key; expected one of imei"):
        parse_known("imai=490154203237518")
    for bad in ("imei", "imei=", "=x"):
        with pytest.raises(WaakzaamError, match="KEY=VALUE"):
            parse_known(bad)
