"""Reading in a child process: a bad file is a row, never an abort.

The child (``waakzaam.sources.worker``) gets the open file as its standard input and answers with
frames. A crash, a limit or a silence of the child becomes a named problem of the evidence; every frame
that came before it is kept.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from waakzaam.stop import Stop

if TYPE_CHECKING:
    import pyarrow as pa

KEEP_MEMORY = {"MALLOC_TRIM_THRESHOLD_": str(1 << 28), "MALLOC_MMAP_THRESHOLD_": str(1 << 28)}
"""For glibc: the worker fills the same megabytes for each batch, and new ones of the kernel are dear."""
F_SETPIPE_SZ = 1031  # Linux; a larger pipe means fewer changes between parent and child
PIPE_BYTES = 1 << 20
MIB = 1 << 20
STOP_LOOKED_FOR = 200
"""Milliseconds after which a request to stop is seen at the latest."""
STOPPED_CODES = (7, -signal.SIGINT)
"""How the child ends that was stopped before it had begun to read."""
STOPPING = 30.0
"""Seconds that the child has to come to an end when it is asked to stop."""
LARGE_FRAME = MIB // 4
"""Bytes from which a frame goes into memory of Arrow's."""
MOST_FRAME = 512 * MIB
"""Bytes of one frame from the child; bodies of a batch are the largest."""


@dataclass(frozen=True)
class Confinement:
    """Limits of one child.

    memory: bytes of address space. seconds: processor time for files up to 1 GiB; larger files get
    proportionally more. silence: seconds without any sign of life.
    """

    memory: int = 512 * MIB
    seconds: int = 600
    silence: int = 120


@dataclass(frozen=True)
class Job:
    """What the child is asked to do. See ``order.py``; ``source``: the format, if it is known.

    ``keys`` are files whose contents open encrypted captures; the child gets them open, too.
    """

    bodies: bool = False
    peel: bool = True
    answers: bool = False
    only: list[int] | None = None
    source: str | None = None
    keys: tuple[Path, ...] = ()
    until: int | None = None
    """Bytes of the file that are read; default: all."""
    work: int | None = None
    """The file holds closed values to unlock with so much work, and is no evidence (``peel/stage.py``)."""


@dataclass(frozen=True)
class Frame:
    """One frame: the name of a table (or ``source``, ``error``, ``progress``, ``end``) and its payload."""

    name: str
    payload: bytearray | pa.Buffer


@dataclass(frozen=True)
class Ended:
    """How the child ended.

    ``how``: ``done``, ``stopped``, ``unrecognised``, ``unreadable``, ``memory``, ``time``, ``silence``,
    ``crash``.
    """

    how: str
    detail: str


class _SilenceError(Exception):
    """The child gave no sign of life."""


class _StoppedError(Exception):
    """The person wants an end at once, or the child did not come to one."""


class _Pipe:
    """Exact reads from the child's standard output, with a deadline for each sign of life."""

    def __init__(self, child: subprocess.Popen[bytes], stream: IO[bytes], silence: int, stop: Stop) -> None:
        self._child = child
        self._fd = stream.fileno()
        self._silence = silence
        self._stop = stop
        self._told: float | None = None
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN | select.POLLHUP)

    def read(self, count: int) -> bytearray | None:
        """``count`` bytes, or None at the end of the stream."""
        data = bytearray(count)
        return data if self._fill(data, count) else None

    def read_large(self, count: int) -> pa.Buffer | None:
        """As ``read``, into memory that is not cleared first, for what is large."""
        import pyarrow as pa  # not every command that has limits reads something

        data = pa.allocate_buffer(count)
        return data if self._fill(data, count) else None

    def _fill(self, data: bytearray | pa.Buffer, count: int) -> bool:
        view = memoryview(data)
        at = 0
        while at < count:
            self._wait()
            got = os.readv(self._fd, [view[at:]])
            if got == 0:
                return False
            at += got
        return True

    def _wait(self) -> None:
        """Wait for a sign of life, and pass on to the child that it shall stop."""
        began = time.monotonic()
        while True:
            now = time.monotonic()
            if self._stop.asked and self._told is None:
                self._told = now
                self._child.send_signal(signal.SIGINT)
            if self._stop.at_once or (self._told is not None and now - self._told > STOPPING):
                raise _StoppedError
            if self._poll.poll(STOP_LOOKED_FOR):
                return
            if now - began > self._silence:
                raise _SilenceError


def run(path: Path, job: Job, confinement: Confinement, stop: Stop | None = None) -> Iterator[Frame | Ended]:
    """Read ``path`` in a child: yields frames as they come, and one :class:`Ended` at the end.

    Raises:
        OSError: the file itself cannot be opened (the caller says so to the person).
    """
    with ExitStack() as files:
        evidence = files.enter_context(path.open("rb"))
        keys = [files.enter_context(key.open("rb")).fileno() for key in job.keys]
        if stop and stop.asked:  # a child might be done before it hears of it
            yield Ended("stopped", "")
            return
        size = os.fstat(evidence.fileno()).st_size
        seconds = int(confinement.seconds * max(1.0, size / (1024 * MIB)))
        order = json.dumps(
            {
                "bodies": job.bodies,
                "peel": job.peel,
                "answers": job.answers,
                "only": job.only,
                "source": job.source,
                "until": job.until,
                "work": job.work,
                "keys": keys,
                "memory": confinement.memory,
                "seconds": seconds,
            }
        )
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            [sys.executable, "-I", "-m", "waakzaam.sources.worker", order],
            stdin=evidence,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            close_fds=True,
            pass_fds=keys,
            process_group=0,  # Ctrl-C of the terminal is for us; we tell the child
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", **KEEP_MEMORY},
        )
    try:
        yield from _frames(child, confinement, time.monotonic(), stop)
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
        for stream in (child.stdout, child.stderr):
            if stream:
                stream.close()


def _frames(
    child: subprocess.Popen[bytes], confinement: Confinement, started: float, stop: Stop | None = None
) -> Iterator[Frame | Ended]:
    stdout, stderr = child.stdout, child.stderr
    if stdout is None or stderr is None:  # cannot happen: both are pipes
        raise RuntimeError("the worker has no pipes")
    with suppress(OSError):
        fcntl.fcntl(stdout.fileno(), F_SETPIPE_SZ, PIPE_BYTES)
    complaints: list[bytes] = []
    listener = threading.Thread(target=_listen, args=(stderr, complaints), daemon=True)
    listener.start()
    stop = stop or Stop()
    pipe = _Pipe(child, stdout, confinement.silence, stop)
    ended = False
    error = ""
    try:
        while (head := pipe.read(1)) is not None:
            name = pipe.read(head[0])
            length = pipe.read(4)
            size = int.from_bytes(length, "little") if length is not None else 0
            if size > MOST_FRAME:  # no reader of ours sends so much: the child is not itself any more
                child.kill()
                child.wait()
                yield Ended("crash", f"it announced {size} bytes at once, more than {MOST_FRAME}")
                return
            payload = None
            if length is not None:
                payload = pipe.read(size) if size < LARGE_FRAME else pipe.read_large(size)
            if name is None or payload is None:
                break
            frame = Frame(name.decode("ascii", "replace"), payload)
            ended = ended or frame.name == "end"
            if frame.name == "error":
                error = bytes(payload).decode("utf-8", "replace")
            yield frame
    except _SilenceError:
        child.kill()
        child.wait()
        yield Ended("silence", f"no answer for {confinement.silence} seconds")
        return
    except _StoppedError:
        child.kill()
        child.wait()
        yield Ended("stopped", "")
        return
    code = child.wait()
    listener.join(timeout=5)
    if stop.asked and code in STOPPED_CODES:
        yield Ended("stopped", "")
        return
    yield _how(code, ended, error, b"".join(complaints), time.monotonic() - started)


def _listen(stream: IO[bytes], complaints: list[bytes]) -> None:
    """Keep the first 16 KiB of what the child says on standard error, and drain the rest."""
    kept = 0
    while chunk := stream.read1(8192) if hasattr(stream, "read1") else stream.read(8192):
        if kept < 16384:
            complaints.append(chunk)
            kept += len(chunk)


def _how(code: int, ended: bool, error: str, complaints: bytes, seconds: float) -> Ended:
    if code == 0 and ended:
        return Ended("done", "")
    if code == 3:
        return Ended("unrecognised", "")
    if code == 4:
        return Ended("unreadable", error)
    if code == 5 or b"memory allocation of" in complaints or b"MemoryError" in complaints:
        return Ended("memory", "")
    if code == -signal.SIGXCPU or (code == -signal.SIGKILL and seconds > 60):
        return Ended("time", "")
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        return Ended("crash", name)
    last = complaints.decode("utf-8", "replace").strip().splitlines()
    return Ended("crash", last[-1] if last else f"exit code {code}")
