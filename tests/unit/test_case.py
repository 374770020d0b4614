"""The case: private, without contents, and replaced only by a case."""

from __future__ import annotations

import stat
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from tests.helpers.hostile import entry, har

from waakzaam import case
from waakzaam.audit import Audit, audit
from waakzaam.errors import WaakzaamError
from waakzaam.tables import plain

FORMS = pytest.mark.parametrize("name", ["case.duckdb", "case.arrow"])
SECRETS = {
    "url": "planted-in-the-url",
    "field": "planted5in8the91query",
    "header": "planted-in-a-header",
    "body": "planted-in-the-body",
    "known": "490154203237518",
    "password": "planted-password",
}


@pytest.fixture
def made(once: Audit) -> Audit:
    """An audit of a capture with a secret in each place; its tables may be replaced."""
    return replace(once, tables=dict(once.tables))


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """The same, made once."""
    path = tmp_path_factory.mktemp("evidence") / "capture.har"
    body = f'{{"note":"{SECRETS["body"]}","imei":"{SECRETS["known"]}","password":"{SECRETS["password"]}"}}'
    url = f"https://collect.example/{SECRETS['url']}?android_id=5e2f8a91c07b43d6&q={SECRETS['field']}"
    sent = entry(url=url, body=body, kind="application/json")
    sent["request"]["headers"] = [{"name": "Cookie", "value": f"session={SECRETS['header']}"}]
    path.write_text(har(sent))
    return audit([path], known=[("device-id/imei", SECRETS["known"])])


@FORMS
def test_a_case_comes_back_as_it_was(name: str, made: Audit, tmp_path: Path) -> None:
    case.save(made, tmp_path / name)
    tables = case.load(tmp_path / name)
    assert len(made.tables["findings"]) > 0
    for each in case.KEPT:
        wanted = plain(made.tables[each].drop_columns(list(case.LEFT_OUT.get(each, ()))))
        assert tables[each].equals(wanted), each


@FORMS
def test_only_its_owner_may_read_it(name: str, made: Audit, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "down" / name
    case.save(made, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [name]


@FORMS
def test_no_contents_are_in_its_bytes(name: str, made: Audit, tmp_path: Path) -> None:
    path = tmp_path / name
    case.save(made, path)
    raw = path.read_bytes()
    # The host is in the case, so this way of looking finds what is there.
    assert b"collect.example" in raw
    cells = " ".join(str(table.to_pylist()) for table in case.load(path).values())
    assert "collect.example" in cells
    for where, secret in SECRETS.items():
        assert secret.encode() not in raw, where
        assert secret not in cells, where


def test_the_default_place_follows_the_xdg_base_directories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert case.default_path() == tmp_path / "state" / "waakzaam" / "last.arrow"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    home = tmp_path / "home" / ".local" / "state" / "waakzaam" / "last.arrow"
    for ignored in ("", "relative/path"):
        monkeypatch.setenv("XDG_STATE_HOME", ignored)
        assert case.default_path() == home
    monkeypatch.delenv("XDG_STATE_HOME")
    assert case.default_path() == home


@FORMS
def test_a_case_is_replaced_by_a_later_one(name: str, made: Audit, tmp_path: Path) -> None:
    path = tmp_path / name
    case.save(made, path)
    path.chmod(0o644)
    made.tables["findings"] = made.tables["findings"].slice(0, 0)
    case.save(made, path)
    assert len(case.load(path)["findings"]) == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_no_case_is_left_alone(made: Audit, tmp_path: Path) -> None:
    text, database, folder = tmp_path / "text", tmp_path / "other.duckdb", tmp_path / "folder"
    text.write_text("my thesis")
    folder.mkdir()
    with duckdb.connect(str(database)) as other:
        other.execute("CREATE TABLE mine AS SELECT 1 AS x")
    before = database.read_bytes()
    for path in (text, database, folder):
        for attempt in (lambda at: case.save(made, at), case.load, case.check):
            with pytest.raises(WaakzaamError, match="is not a waakzaam case"):
                attempt(path)
    assert text.read_text() == "my thesis"
    assert database.read_bytes() == before


def test_a_place_that_cannot_hold_a_case_is_told_and_nothing_is_left(made: Audit, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path, said in (
        (tmp_path / "file" / "case.duckdb", "cannot be written"),
        (tmp_path / ("a" * 300), "File name too long"),
    ):
        for attempt in (lambda at: case.save(made, at), case.check):
            with pytest.raises(WaakzaamError, match=said):
                attempt(path)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file"]


def test_a_missing_case_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WaakzaamError, match="no such case; run `waakzaam audit"):
        case.load(tmp_path / "none")
    with pytest.raises(WaakzaamError, match="File name too long"):
        case.load(tmp_path / ("a" * 300))


@FORMS
def test_a_damaged_case_is_one_clear_line(name: str, made: Audit, tmp_path: Path) -> None:
    path = tmp_path / name
    case.save(made, path)
    whole = path.read_bytes()
    damaged = tmp_path / "damaged.duckdb"
    for size in (0, 1, 100, 4096, len(whole) // 2):
        damaged.write_bytes(whole[:size])
        with pytest.raises(WaakzaamError) as error:
            case.load(damaged)
        assert "\n" not in str(error.value)
        assert str(damaged) in str(error.value)
    refused = []
    for at in range(0, len(whole), len(whole) // 16):
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        with suppress(WaakzaamError):
            case.load(damaged)
            continue
        refused.append(at)
    assert refused


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE sightings",
        "ALTER TABLE sightings DROP COLUMN path",
        "ALTER TABLE messages ALTER message TYPE VARCHAR USING 'many'",
    ],
)
def test_a_case_of_another_version_is_one_clear_line(change: str, made: Audit, tmp_path: Path) -> None:
    path = tmp_path / "case.duckdb"
    case.save(made, path)
    with duckdb.connect(str(path)) as store:
        store.execute(change)
    with pytest.raises(WaakzaamError, match="run the audit again") as error:
        case.load(path)
    assert "\n" not in str(error.value)


@FORMS
def test_standard_input_keeps_its_name(name: str, made: Audit, tmp_path: Path) -> None:
    table = made.tables["evidence"]
    made.tables["evidence"] = table.set_column(1, table.schema.field("path"), pa.array(["-"], pa.string()))
    case.save(made, tmp_path / name)
    assert case.load(tmp_path / name)["evidence"]["path"].to_pylist() == ["-"]
