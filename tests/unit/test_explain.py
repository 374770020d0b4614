"""Explain: the same value from the same bytes, and nothing from changed ones."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest
from tests.helpers.command import clear_lines, here
from tests.helpers.hostile import entry, har
from tests.helpers.packets import ANSWER, conversation, pcap, pcapng, post

from waakzaam import case
from waakzaam.errors import WaakzaamError
from waakzaam.explain import explain, rows_for

ANDROID_ID = "5e2f8a91c07b43d6"
FORM = "application/x-www-form-urlencoded"
LAYERS = ["body", "form:data_list", "base64", "gzip", "json:$[0].properties.android_id"]
Capture = pytest.CaptureFixture[str]


def hidden() -> bytes:
    """A form whose field is base64 of gzip of JSON."""
    packed = gzip.compress(json.dumps([{"properties": {"android_id": ANDROID_ID}}]).encode(), mtime=0)
    return f"v=1&data_list={quote(base64.b64encode(packed).decode(), safe='')}".encode()


PACKETS = conversation(post(hidden(), kind=FORM), ANSWER, segment=40)
EVIDENCE: dict[str, Callable[[], bytes]] = {
    "har": lambda: har(entry(url="https://other.example/"), entry(body=hidden().decode())).encode(),
    "pcap": lambda: pcap(PACKETS),
    "pcapng": lambda: pcapng(PACKETS),
    "har.gz": lambda: gzip.compress(EVIDENCE["har"](), mtime=0),
    "pcap.gz": lambda: gzip.compress(EVIDENCE["pcap"](), mtime=0),
}


@pytest.fixture(params=EVIDENCE)
def evidence(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """One piece of evidence of each format."""
    path = tmp_path / f"evidence.{request.param}"
    path.write_bytes(EVIDENCE[request.param]())
    return path


@pytest.fixture
def simple(tmp_path: Path, capsys: Capture) -> Path:
    """A HAR that was audited; the case is the last one."""
    path = tmp_path / "evidence.har"
    path.write_bytes(EVIDENCE["har"]())
    assert here(capsys, "audit", path).code == 0
    return path


def test_every_format_leads_to_the_same_value_and_no_changed_byte_does(
    evidence: Path, capsys: Capture
) -> None:
    audited = here(capsys, "audit", evidence)
    assert audited.code == 0
    assert ANDROID_ID not in audited.out
    explained = here(capsys, "explain", "F1")
    assert explained.code == 0
    assert f"value     {ANDROID_ID}" in explained.out
    assert [line.split()[1] for line in explained.out.splitlines() if line[:4].strip().isdigit()] == LAYERS
    assert here(capsys, "explain", "s1").out == explained.out
    whole = evidence.read_bytes()
    for at in (0, len(whole) // 2, len(whole) - 1):
        evidence.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        ran = here(capsys, "explain", "F1")
        (line,) = clear_lines(ran)
        assert ran.code == 2
        assert "is not the evidence that was audited" in line
        assert "SHA-256" in line
        assert str(evidence) in line
        assert ran.out == ""


def test_a_byte_more_or_less_is_refused(simple: Path, capsys: Capture) -> None:
    whole = simple.read_bytes()
    for changed in (whole[:-1], whole + b"\n", b""):
        simple.write_bytes(changed)
        ran = here(capsys, "explain", "F1")
        assert ran.code == 2
        assert "is not the evidence that was audited" in clear_lines(ran)[0]


def test_evidence_that_was_moved(simple: Path, capsys: Capture, tmp_path: Path) -> None:
    moved = simple.rename(tmp_path / "elsewhere.har")
    ran = here(capsys, "explain", "F1")
    (line,) = clear_lines(ran)
    assert ran.code == 2
    assert "evidence E1 cannot be opened any more" in line
    assert "no such file" in line
    assert "--evidence" in line
    found = here(capsys, "explain", "F1", "--evidence", moved)
    assert found.code == 0
    assert str(moved) in found.out
    assert str(simple) not in found.out


def test_a_copy_that_was_changed_is_refused(simple: Path, capsys: Capture, tmp_path: Path) -> None:
    moved = simple.rename(tmp_path / "elsewhere.har")
    moved.write_bytes(moved.read_bytes().replace(b"200", b"201"))
    ran = here(capsys, "explain", "F1", "--evidence", moved)
    (line,) = clear_lines(ran)
    assert ran.code == 2
    assert "is not evidence of this case" in line
    assert str(moved) in line


def test_standard_input_can_be_explained_from_its_file(
    simple: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with simple.open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert here(capsys, "audit", "-").code == 0
    ran = here(capsys, "explain", "F1")
    assert ran.code == 2
    assert "came from standard input" in clear_lines(ran)[0]
    assert here(capsys, "explain", "F1", "--evidence", simple).code == 0


def test_an_id_that_is_not_there(simple: Path, capsys: Capture) -> None:
    tables = case.load(case.default_path())
    for wrong in ("F99", "S99", "F", "S", "", "1", "\x1b[31m", "F1 "):
        with pytest.raises(WaakzaamError, match="the case has no such"):
            rows_for(wrong, tables)
    ran = here(capsys, "explain", "\x1b[31m")
    (line,) = clear_lines(ran)
    assert ran.code == 2
    assert "the case has no such finding; it has F1" in line


def test_the_case_of_another_audit_needs_its_own_evidence(
    simple: Path, capsys: Capture, tmp_path: Path
) -> None:
    other = tmp_path / "other.har"
    other.write_text(har(entry(url=f"https://third.example/?android_id={ANDROID_ID}")))
    assert here(capsys, "audit", other, "--case", tmp_path / "other.duckdb").code == 0
    other.unlink()
    ran = here(capsys, "explain", "F1", "--case", tmp_path / "other.duckdb", "--evidence", simple)
    assert ran.code == 2
    assert "is not evidence of this case" in clear_lines(ran)[0]


INSIDE = "$[0].properties.android_id"
CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"match_sha256": "0" * 64}, "not proven"),
    ({"leaf_offset": 1}, "not proven"),
    ({"leaf_offset": -3}, "not proven"),
    ({"leaf_length": 0}, "not proven"),
    ({"leaf_length": None}, "not proven"),
    ({"part": "query"}, "not proven"),
    ({"part": None}, "not proven"),
    ({"selectors": ["other", "", "", INSIDE]}, "not proven"),
    ({"selectors": ["data_list", "", "", "$[1].properties.android_id"]}, "not proven"),
    ({"selectors": ["data_list", "", "", "$["]}, "not proven"),
    ({"selectors": ["data_list", None, "", INSIDE]}, "not proven"),
    ({"selectors": ["data_list"]}, "not proven"),
    ({"layers": ["form", "base64", "zlib", "json"]}, "not proven"),
    ({"layers": ["form", "nonsense", "gzip", "json"]}, "not proven"),
    ({"layers": None}, "not proven"),
    ({"message": 0}, "not proven"),
    ({"message": 99}, "holds no message 99"),
    ({"message": None}, "not proven"),
    ({"evidence": "E9"}, "the case is damaged"),
    ({"evidence": None}, "the case is damaged"),
]


def test_a_row_that_was_tampered_with_proves_nothing(simple: Path) -> None:
    tables = case.load(case.default_path())
    (row,) = rows_for("S1", tables)
    (good,) = explain([row], tables["evidence"])
    assert good.match == ANDROID_ID.encode()
    for change, said in CHANGES:
        with pytest.raises(WaakzaamError, match=said) as error:
            explain([row | change], tables["evidence"])
        assert "\n" not in str(error.value), change


def test_a_case_that_was_tampered_with_proves_nothing(simple: Path, capsys: Capture) -> None:
    kept = simple.with_name("kept.duckdb")
    here(capsys, "audit", simple, "--case", kept)
    with duckdb.connect(str(kept)) as store:
        store.execute(f"UPDATE sightings SET match_sha256 = '{'0' * 64}'")
    ran = here(capsys, "explain", "F1", "--case", kept)
    (line,) = clear_lines(ran)
    assert ran.code == 2
    assert "not proven" in line
    assert ANDROID_ID not in ran.out


def test_the_hash_of_the_evidence_in_the_case_is_what_counts(simple: Path, capsys: Capture) -> None:
    kept = simple.with_name("kept.duckdb")
    here(capsys, "audit", simple, "--case", kept)
    with duckdb.connect(str(kept)) as store:
        store.execute(f"UPDATE evidence SET sha256 = '{'0' * 64}'")
    ran = here(capsys, "explain", "F1", "--case", kept)
    assert ran.code == 2
    assert "is not the evidence that was audited" in clear_lines(ran)[0]
