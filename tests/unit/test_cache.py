"""The cache: what it gives is what would have been worked out, whatever state it is in."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import tomli

from waakzaam import cache

TEXT = 'day = 2026-11-22\n[[row]]\nname = "é\\u0000"\nnumber = 3\nflag = true\nlist = ["a", "b"]\n'
TIME = "moment = 2026-11-22T10:00:00Z\n"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "waakzaam"


@pytest.mark.parametrize("text", [TEXT, TIME, ""])
def test_it_gives_what_the_parser_gives(text: str) -> None:
    for _ in range(3):
        assert cache.toml(text) == tomllib.loads(text)


def test_a_damaged_file_is_made_again(place: Path) -> None:
    cache.toml(TEXT)
    (file,) = place.iterdir()
    for damage in (b"", b"[]", b"{", b'{"day": {"\\u0000date": "never"}}', b"\xff", b"[" * 100_000):
        file.write_bytes(damage)
        assert cache.toml(TEXT) == tomllib.loads(TEXT)
        assert file.read_bytes() != damage


def test_a_folder_that_cannot_be_written_does_no_harm(place: Path) -> None:
    place.parent.mkdir()
    place.write_text("a file is in the way")
    assert cache.toml(TEXT) == tomllib.loads(TEXT)


def test_a_mistake_is_told_as_by_the_parser(place: Path) -> None:
    for _ in range(2):
        with pytest.raises(tomli.TOMLDecodeError):
            cache.toml("a = ")
    assert not place.exists()


def test_no_home_folder_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("no home")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    assert cache.folder() is None
    assert cache.toml(TEXT) == tomllib.loads(TEXT)
