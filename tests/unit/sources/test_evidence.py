"""One evidence file: what cannot be opened is said, what cannot be read is a row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.hostile import entry, har
from tests.helpers.packets import ANSWER, conversation, pcap, post, udp

from waakzaam.errors import WaakzaamError
from waakzaam.sources import evidence as module
from waakzaam.sources.evidence import Evidence, digest, read_evidence
from waakzaam.sources.jail import Confinement, Ended, Frame, Job
from waakzaam.tables import EVIDENCE


def problem(read: Evidence) -> dict[str, Any]:
    (row,) = read.table("problems").to_pylist()
    return dict(row)


def test_digest(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert digest(path) == hashlib.sha256(b"abc").hexdigest()
    link = tmp_path / "link"
    link.symlink_to(path)
    assert digest(link) == digest(path)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("none", "no such file"),
        (".", "is a directory"),
        ("/dev/null", "is not a regular file"),
        ("a/b", "cannot be opened"),
    ],
)
def test_what_cannot_be_opened_is_said(path: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    with pytest.raises(WaakzaamError, match=said) as error:
        read_evidence(1, tmp_path / path)
    assert path in str(error.value) or path == "."
    assert "\n" not in str(error.value)


def test_a_file_that_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "closed"
    path.write_text("x")

    def refuse(self: Path, *_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(WaakzaamError, match="cannot be read \\(Permission denied\\); check who may read it"):
        digest(path)


def test_a_good_file_is_complete_and_its_row_tells_all(tmp_path: Path) -> None:
    path = tmp_path / "good.pcap"
    path.write_bytes(pcap(conversation(post(b"{}"), ANSWER)))
    seen: list[tuple[str, int, int]] = []
    read = read_evidence(3, path, progress=lambda *told: seen.append(told))
    row = read.row()
    assert row.schema == EVIDENCE
    assert row.to_pylist()[0] | {"first": None, "last": None} == {
        "evidence": "E3",
        "path": str(path),
        "sha256": digest(path),
        "format": "capture",
        "size": path.stat().st_size,
        "first": None,
        "last": None,
        "status": "complete",
    }
    assert row["first"][0].as_py() < row["last"][0].as_py()
    assert set(read.table("messages")["evidence"].to_pylist()) == {"E3"}
    assert seen[-1] == (str(path), path.stat().st_size, path.stat().st_size)


def test_something_read_is_partial_and_nothing_read_is_failed(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(pcap(conversation(post(b"{}"), ANSWER))[:-3])
    assert read_evidence(1, path).status == "partial"
    path.write_bytes(pcap([udp(b"x", up=True)], link=9999))
    read = read_evidence(1, path)
    assert (read.status, problem(read)["code"]) == ("failed", "unsupported")
    path.write_text('{"log":{"entries":[1]}}')
    assert read_evidence(1, path).status == "failed"
    path.write_text('{"log":{"entries":[]}}')
    assert read_evidence(1, path).status == "complete"


def test_an_empty_file_starts_no_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "run", lambda *_: pytest.fail("a child was started"))
    path = tmp_path / "empty"
    path.touch()
    read = read_evidence(1, path)
    assert (read.status, problem(read)["code"]) == ("failed", "empty")


@pytest.mark.parametrize(
    ("ended", "code", "limit"),
    [
        (Ended("memory", ""), "limit", "memory"),
        (Ended("time", ""), "limit", "time"),
        (Ended("silence", ""), "limit", "time"),
        (Ended("crash", "SIGSEGV"), "crash", None),
        (Ended("unreadable", "byte 5: no"), "unreadable", None),
    ],
)
@pytest.mark.parametrize("heard", [False, True])
def test_how_the_child_ended_is_a_row(
    ended: Ended, code: str, limit: str | None, heard: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.har"
    path.write_text(har(entry()))
    real = list(module.run(path, Job(), Confinement()))
    frames = [item for item in real if isinstance(item, Frame) and (heard or item.name == "source")]

    def told(*_: Any) -> Iterator[Frame | Ended]:
        yield from frames
        yield ended

    monkeypatch.setattr(module, "run", told)
    read = read_evidence(1, path)
    assert problem(read)["code"] == code
    assert read.status == ("partial" if heard else "failed")
    assert len(read.table("messages")) == (2 if heard else 0)
    assert read.table("limits")["what"].to_pylist() == ([limit] if limit else [])


def test_a_recogniser_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.har"
    path.write_text(har(entry()))
    source = Frame("source", bytearray(b'{"source": "har", "failed": ["other"], "head": "7b"}'))
    monkeypatch.setattr(module, "run", lambda *_: iter([source, Ended("done", "")]))
    row = problem(read_evidence(1, path))
    assert row["code"] == "recogniser"
    assert "other" in row["text"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04" + bytes(20), "it looks like a ZIP archive"),
        (b"SQLite format 3\0" + bytes(20), "it looks like an SQLite database"),
        (b"\x7fELF" + bytes(20), "it looks like an ELF program"),
        (b"hello\tworld\n", "it is text that begins with 'hello\\tworld\\n'"),
        (bytes(20), "it begins with the bytes 0000"),
        (b"\x1b[31m", "it begins with the bytes 1b5b"),
        (b"\x1f\x8b\x08", "it begins with 1f8b08"),
    ],
)
def test_what_a_file_of_no_known_format_looks_like(data: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    row = problem(read_evidence(1, path))
    assert row["code"] == "unrecognised"
    assert said in row["text"]
    assert "expected: packet capture (pcap, pcapng), HTTP Archive (HAR)" in row["text"]
    assert "waakzaam formats" in row["text"]
    assert row["text"].isprintable()


def test_a_har_tells_to_which_apps_it_was_limited(tmp_path: Path) -> None:
    log = {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": []}
    for ids in (["com.example.one"], ["com.example.one", "com.example.two"], []):
        har = tmp_path / "limited.har"
        har.write_text(json.dumps({"log": log | {"_tweasel": {"apps": [{"id": each} for each in ids]}}}))
        assert read_evidence(1, har).apps == tuple(ids)
