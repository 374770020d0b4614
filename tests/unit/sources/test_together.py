"""Several files at the same time: the same result as one after another, in the order that was given."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.helpers.packets import ANSWER, conversation, pcap, post

from waakzaam.audit import audit
from waakzaam.errors import WaakzaamError
from waakzaam.sources.jail import Job
from waakzaam.sources.together import read_all
from waakzaam.stop import Stop


def captures(folder: Path, count: int) -> list[Path]:
    """Captures of different sizes, the largest first."""
    paths = []
    for number in range(count):
        body = b'{"number":"%d","note":"%s"}' % (number, b"x" * 50_000 * (count - number))
        path = folder / f"{number}.pcap"
        path.write_bytes(pcap(conversation(post(body, host=f"h{number}.example"), ANSWER)))
        paths.append(path)
    return paths


def test_order_and_numbers_are_those_given(tmp_path: Path) -> None:
    paths = captures(tmp_path, 5)
    one, many = (read_all(paths, Job(), workers=workers) for workers in (1, 4))
    for number, (alone, together) in enumerate(zip(one, many, strict=True)):
        assert (together.id, together.path) == (f"E{number + 1}", paths[number])
        assert together.sha256 == alone.sha256
        for name in together.tables:
            assert together.table(name).equals(alone.table(name)), name


def test_an_audit_is_the_same_whatever_runs_together(tmp_path: Path) -> None:
    paths = captures(tmp_path, 3)
    known = [("device-id/android-id", "5e2f8a91c07b43d6")]
    one, many = (audit(paths, known=known, workers=workers) for workers in (1, 3))
    for name, table in one.tables.items():
        assert table.equals(many.tables[name]), name


def test_one_path_that_is_not_there_is_said_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(WaakzaamError, match="no such file"):
        read_all([*captures(tmp_path, 2), tmp_path / "gone"], Job())


def test_stopped_before_it_began(tmp_path: Path) -> None:
    stop = Stop()
    stop.ask()
    for evidence in read_all(captures(tmp_path, 3), Job(), stop=stop):
        assert evidence.status in ("partial", "failed")
        assert evidence.table("problems")["code"].to_pylist() == ["stopped"]
        assert evidence.sha256
