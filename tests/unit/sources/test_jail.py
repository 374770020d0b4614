"""A bad file is a row, never an abort: whatever the child does, the parent goes on and says what happened."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from waakzaam.sources import jail
from waakzaam.sources.jail import Confinement, Ended, Frame, Job

FRAME = (
    "import sys, os, signal, time, resource\n"
    "def frame(name, data):\n"
    "    os.write(1, bytes([len(name)]) + name.encode() + len(data).to_bytes(4, 'little') + data)\n"
)


def child(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", FRAME + code],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def outcome(code: str, silence: int = 20) -> tuple[list[Frame], Ended]:
    items = list(jail._frames(child(code), Confinement(silence=silence), time.monotonic()))
    end = items[-1]
    assert isinstance(end, Ended)
    return [item for item in items[:-1] if isinstance(item, Frame)], end


def test_frames_arrive_whole_and_in_order() -> None:
    frames, end = outcome("frame('a', b'1'); frame('b', b'2' * 3_000_000); frame('end', b'')")
    assert [(frame.name, len(frame.payload)) for frame in frames] == [("a", 1), ("b", 3_000_000), ("end", 0)]
    assert end.how == "done"


@pytest.mark.parametrize(
    ("code", "how", "detail"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "crash", "SIGSEGV"),
        ("os.kill(os.getpid(), signal.SIGABRT)", "crash", "SIGABRT"),
        ("os.write(2, b'memory allocation of 9 bytes failed'); os.abort()", "memory", ""),
        ("resource.setrlimit(resource.RLIMIT_AS, (1 << 28,) * 2); b'x' * (1 << 30)", "memory", ""),
        ("resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass", "time", ""),
        ("os.write(1, b'\\x05half')", "crash", ""),
        ("raise SystemExit(7)", "crash", "7"),
        ("os._exit(3)", "unrecognised", ""),
        ("frame('error', b'byte 5: no'); os._exit(4)", "unreadable", "byte 5: no"),
        ("pass", "crash", ""),
        ("os.write(1, b'\\x01x\\xff\\xff\\xff\\xff'); time.sleep(60)", "crash", "announced 4294967295 bytes"),
    ],
)
def test_how_a_child_ended_is_named_and_its_frames_are_kept(code: str, how: str, detail: str) -> None:
    frames, end = outcome("frame('kept', b'x')\n" + code)
    assert frames[0].name == "kept"
    assert end.how == how
    assert detail in end.detail


def test_a_silent_child_is_stopped() -> None:
    started = time.monotonic()
    frames, end = outcome("frame('kept', b'x'); time.sleep(60)", silence=1)
    assert end.how == "silence"
    assert frames[0].name == "kept"
    assert time.monotonic() - started < 20


def test_a_child_that_talks_on_standard_error_does_not_block() -> None:
    _, end = outcome("os.write(2, b'x' * 1_000_000); frame('end', b'')")
    assert end.how == "done"


def test_a_parent_that_stops_listening_leaves_no_child(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_text('{"log":{"entries":[]}}')
    items = jail.run(path, Job(), Confinement())
    next(items)
    items.close()
    # No child of this test is left: waiting for any child fails at once.
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
