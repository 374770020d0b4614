"""A knowledge base that was fetched is used when it is whole, newer and readable; else the packaged one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from waakzaam import audit
from waakzaam.knowledge import Facts, load, loader, owner_of
from waakzaam.knowledge.feeds.knowledge_base import MARK
from waakzaam.knowledge.feeds.store import Store, version_of
from waakzaam.knowledge.model import UNCONFIRMED
from waakzaam.report.compose import compose

EXAMPLE = Path(__file__).parents[3] / "examples" / "xiaomi-browser-2020"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty store that ``load()`` looks into."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    load.cache_clear()
    yield Store()
    load.cache_clear()


def kept(store: Store, files: dict[str, str], made: str = "2099-01-01") -> bytes:
    """Put a knowledge base into the store, as the command does after it has verified it."""
    data = json.dumps({MARK: 1, "made": made, "files": files}).encode()
    store.keep("knowledge", data, version_of(data, len(files), "file", made))
    return data


def packaged(name: str) -> str:
    return (loader.PACKAGED / name).read_text("utf-8")


def everything() -> dict[str, str]:
    return {
        file.name: packaged(file.name) for kind in ("*.toml", "*.csv") for file in loader.PACKAGED.glob(kind)
    }


def changed() -> dict[str, str]:
    """All files, with another owner of Fairphone."""
    files = everything()
    assert 'owner = "Fairphone B.V."' in files["organisations.toml"]
    files["organisations.toml"] = files["organisations.toml"].replace(
        'owner = "Fairphone B.V."', 'owner = "Somebody Else"'
    )
    return files


def owner() -> str:
    found = owner_of("fairphone")
    assert found is not None
    assert found.confidence != UNCONFIRMED
    return found.owner


def test_nothing_fetched(store: Store) -> None:
    assert store.current("knowledge") is None
    assert load().origin == "packaged"
    assert owner() == "Fairphone B.V."


def test_a_newer_one_is_used_and_said(store: Store) -> None:
    kept(store, changed())
    assert owner() == "Somebody Else"
    version = store.current("knowledge")
    assert version is not None
    assert load().origin == f"fetched, made on 2099-01-01, SHA-256 {version.sha256}"
    load.cache_clear()  # the second start trusts the check of the first
    assert owner() == "Somebody Else"


def test_a_report_says_which_facts_it_rests_on(store: Store) -> None:
    kept(store, changed())
    report = compose(audit.audit([EXAMPLE / "capture.pcapng"]), with_chains=False)
    version = store.current("knowledge")
    assert version is not None
    assert report.facts_origin == f"fetched, made on 2099-01-01, SHA-256 {version.sha256}"
    assert report.facts_as_of == load().as_of


def test_files_that_it_does_not_have_are_the_packaged_ones(store: Store) -> None:
    kept(store, {"organisations.toml": changed()["organisations.toml"], "later.toml": "not = 'known here'"})
    assert owner() == "Somebody Else"
    assert load().laws


def test_one_that_is_not_newer_is_left(store: Store) -> None:
    kept(store, changed(), made="2026-11-22")
    assert owner() == "Fairphone B.V."
    assert "are not newer" in load().origin


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("laws.toml", "[[law", "laws.toml: is not valid TOML"),
        ("brands.csv", "brand,maker\nX,Y\n", "brands.csv, line 2"),
        ("hosting.toml", '[[hosting]]\nprovider = "X"\n', "'suffixes' is missing"),
    ],
)
def test_one_that_cannot_be_read_is_left_whole(store: Store, name: str, text: str, words: str) -> None:
    """Not half of it: what is right in it would not fit the rest."""
    kept(store, changed() | {name: text})
    assert owner() == "Fairphone B.V."
    assert "the fetched ones are not used" in load().origin
    assert words in load().origin
    assert "\n" not in load().origin


def test_damaged_bytes_are_left(store: Store) -> None:
    kept(store, changed())
    version = store.current("knowledge")
    assert version is not None
    path = store.path("knowledge", version)
    path.write_bytes(path.read_bytes().replace(b"Somebody Else", b"Anybody Else!"))
    assert owner() == "Fairphone B.V."
    assert "SHA-256 differs" in load().origin
    path.unlink()
    load.cache_clear()
    assert owner() == "Fairphone B.V."


def test_a_folder_that_is_given_is_taken_as_it_is(store: Store) -> None:
    kept(store, changed())
    found = Facts(loader.PACKAGED).organisations["fairphone"].owned()
    assert found is not None
    assert found.owner == "Fairphone B.V."
    assert load(loader.PACKAGED).origin == "given"
