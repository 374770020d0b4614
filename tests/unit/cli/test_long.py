"""A long capture: progress with the time left, a first sighting at once, an end when somebody wants it."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import pytest
from tests.helpers.command import here
from tests.helpers.long import ANDROID_ID, write_long

COPIES = 300  # some 300 MB
PATIENCE = 60.0  # seconds


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "long.pcap"
    write_long(path, COPIES)
    return path


class Terminal:
    """``waakzaam`` with standard error on a pseudo terminal."""

    def __init__(self, *arguments: str | Path) -> None:
        self._end, theirs = pty.openpty()
        command = [sys.executable, "-m", "waakzaam", *map(os.fspath, arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs)
        os.close(theirs)
        self.text = ""

    def until(self, pattern: str) -> bool:
        """Read until the pattern is there, the program has ended, or patience has."""
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, self.text) and time.monotonic() < deadline:
            if select.select([self._end], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self._end, 65_536).decode()
                except OSError:  # all its writers have gone
                    break
        return re.search(pattern, self.text) is not None

    def rest(self) -> int:
        """Read what is left and return the exit code."""
        self.until("never said")
        code = self.process.wait(PATIENCE)
        os.close(self._end)
        return code

    def interrupt(self) -> None:
        """What Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)


def test_progress_and_first_sighting_come_while_reading(long: Path, tmp_path: Path) -> None:
    shown = Terminal("audit", long, "--known", f"android_id={ANDROID_ID}", "--case", tmp_path / "c.arrow")
    assert shown.until(r"first seen after \d+ s: device-id/android-id")
    assert shown.until(r"long\.pcap +\d+% +\d+ s left")
    assert shown.process.poll() is None, "all this comes before the end"
    assert shown.rest() == 0
    assert ANDROID_ID not in shown.text


def test_an_interrupt_keeps_what_was_read(
    capsys: pytest.CaptureFixture[str], long: Path, tmp_path: Path
) -> None:
    told, kept = tmp_path / "report.json", tmp_path / "case.arrow"
    shown = Terminal("audit", long, "--known", f"android_id={ANDROID_ID}", "--case", kept, "--json", told)
    assert shown.until(r"first seen")
    shown.interrupt()
    assert shown.until(r"stopping: .*Ctrl-C again")
    assert shown.rest() == 2
    report = json.loads(told.read_text())
    (evidence,) = report["evidence"]
    assert evidence["status"] == "partial"
    assert [problem["code"] for problem in evidence["problems"]] == ["stopped"]
    read = int(evidence["problems"][0]["place"].removeprefix("byte "))
    assert 0 < read < long.stat().st_size
    assert evidence["sha256"]
    assert [row["rule"] for row in report["findings"]] == ["persistent-identifier"]
    assert here(capsys, "explain", "F1", "--case", kept).code == 0


def test_the_second_interrupt_ends_at_once(long: Path, tmp_path: Path) -> None:
    shown = Terminal("audit", long, "--known", f"android_id={ANDROID_ID}", "--case", tmp_path / "c.arrow")
    assert shown.until(r"first seen")
    began = time.monotonic()
    shown.interrupt()
    shown.until("stopping")
    shown.interrupt()
    code = shown.rest()
    assert time.monotonic() - began < 20
    # If it had come to its end in between, the interrupt was that of a program that ends.
    assert code in (130, -signal.SIGINT, 2)


@pytest.mark.parametrize(
    "stage", ["waakzaam.audit.sight", "waakzaam.audit.attribute", "waakzaam.cli.audit._write"]
)
@pytest.mark.parametrize("times", [1, 2])
def test_an_interrupt_after_the_reading_loses_nothing_and_a_second_one_ends(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    stage: str,
    times: int,
) -> None:
    capture, told = tmp_path / "short.pcap", tmp_path / "report.json"
    write_long(capture, 1)
    place, _, name = stage.rpartition(".")
    module = import_module(place)
    goes_on = getattr(module, name)

    def interrupted(*arguments: object, **named: object) -> object:
        for _ in range(times):
            signal.raise_signal(signal.SIGINT)
        return goes_on(*arguments, **named)

    monkeypatch.setattr(module, name, interrupted)
    known = ("--known", f"android_id={ANDROID_ID}")
    ran = here(capsys, "audit", capture, *known, "--case", tmp_path / "c.arrow", "--json", told)
    if times == 1:
        assert ran.code == 0
        assert [row["rule"] for row in json.loads(told.read_text())["findings"]] == ["persistent-identifier"]
    else:
        assert ran.code == 130
        assert not told.exists()
