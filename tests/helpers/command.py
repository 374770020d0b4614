"""Runs the command as a person does, and measures what it took."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from waakzaam.cli import main

TRACES = ("Traceback", "mistake of the program", "panicked at", "RUST_BACKTRACE")


@dataclass(frozen=True)
class Ran:
    """How one command went. ``peak``: bytes of memory of the command and its children together."""

    code: int
    out: str
    err: str
    seconds: float
    peak: int

    @property
    def lines(self) -> list[str]:
        """What was said on standard error."""
        return self.err.splitlines()


def waakzaam(
    *arguments: str | os.PathLike[str],
    stdin: bytes | None = None,
    timeout: float = 120,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> Ran:
    """Run ``waakzaam`` with these arguments; standard output and error are files, not terminals."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as given:
        given.write(stdin or b"")
        given.seek(0)
        started = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "waakzaam", *map(os.fspath, arguments)],
            stdin=given,
            stdout=out,
            stderr=err,
            env={**os.environ, **(env or {})},
            cwd=cwd,
        )
        sampler = _Sampler(process.pid)
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
            process.wait()
            peak = sampler.stop()
        seconds = time.monotonic() - started
        out.seek(0)
        err.seek(0)
        return Ran(
            code, out.read().decode("utf-8", "replace"), err.read().decode("utf-8", "replace"), seconds, peak
        )


def here(capsys: pytest.CaptureFixture[str], *arguments: str | os.PathLike[str]) -> Ran:
    """Run ``waakzaam`` in this process: quicker, and its memory is not told."""
    capsys.readouterr()
    typed, sys.argv = sys.argv, ["waakzaam", *map(os.fspath, arguments)]
    started = time.monotonic()
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    finally:
        sys.argv = typed
    said = capsys.readouterr()
    return Ran(code, said.out, said.err, time.monotonic() - started, 0)


class _Sampler:
    """Adds up the resident memory of a process and its descendants, a hundred times a second."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.01):
            self._peak = max(self._peak, _resident(self._pid))

    def stop(self) -> int:
        """Bytes at the highest moment."""
        self._ended.set()
        self._thread.join()
        return self._peak


def _resident(pid: int) -> int:
    """Bytes of resident memory of a process and its descendants (shared pages counted for each)."""
    total = 0
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        try:
            total += int(Path(f"/proc/{each}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
            children = Path(f"/proc/{each}/task/{each}/children").read_text()
        except (OSError, IndexError):
            continue  # it has just ended
        waiting += [int(child) for child in children.split()]
    return total


def clear_lines(ran: Ran) -> list[str]:
    """What was said on standard error, after making sure that a person can read it.

    Each line begins with the name of the program and holds no control character; nothing shows a program
    that broke.
    """
    whole = ran.out + ran.err
    assert not any(word in whole for word in TRACES), whole
    for line in ran.lines:
        assert line.startswith("waakzaam: "), ran.err
        assert line.isprintable(), ran.err
    return ran.lines
