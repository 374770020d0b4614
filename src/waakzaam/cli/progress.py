"""Progress on a terminal, silence in a pipe."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

SHOWN_EVERY = 0.1
"""Seconds between two changes of the line."""
MOST_NAME = 40
"""Characters of a file's name."""


class Progress:
    """Shows file, share read, time left and what was met on standard error, at most ten times a second.

    Several files may be read at the same time: the line then tells of all together.
    """

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._began = time.monotonic()
        self._files: dict[str, tuple[int, int]] = {}
        self._messages = 0
        self._shown = 0.0
        self._dirty = False
        self._lock = threading.RLock()  # an interrupt comes in the middle of a line

    def __enter__(self) -> Progress:
        """Nothing to prepare."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave a clean line."""
        self.done()

    def __call__(self, path: str, read: int, size: int) -> None:
        """``read`` of ``size`` bytes of ``path`` are read."""
        with self._lock:
            self._files[path] = (read, size)
            now = time.monotonic()
            if self._terminal and now - self._shown >= SHOWN_EVERY:
                self._shown = now
                self._show(now)

    @property
    def shown(self) -> bool:
        """There is a terminal to show anything on."""
        return self._terminal

    def messages(self, count: int) -> None:
        """So many more messages were read."""
        with self._lock:
            self._messages += count

    def first(self, datum: str, form: str) -> None:
        """A value of the described phone is seen for the first time: a line of its own, which stays."""
        written = "" if form == "plain" else f", written as {form}"
        self._line(f"first seen after {time.monotonic() - self._began:.0f} s: {datum}{written}")

    def stopping(self) -> None:
        """The person said enough."""
        self._line("stopping: what was read is looked into; Ctrl-C again ends at once")

    def done(self) -> None:
        """Erase the line."""
        with self._lock:
            if self._dirty:
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()
                self._dirty = False

    def _line(self, text: str) -> None:
        if self._terminal:
            with self._lock:
                self.done()
                sys.stderr.write(f"{_safe(text)}\n")
                sys.stderr.flush()

    def _show(self, now: float) -> None:
        read, size = (sum(each) for each in zip(*self._files.values(), strict=True))
        share = min(1.0, read / size) if size else 1.0
        left = (now - self._began) * (1 - share) / share if share > 0.01 else 0.0
        path = next(reversed(self._files))
        name = path if len(self._files) == 1 else f"{len(self._files)} files"
        name = name if len(name) <= MOST_NAME else f"…{name[-MOST_NAME + 1 :]}"
        told = f"  {self._messages:,} messages" if self._messages else ""
        self._dirty = True
        sys.stderr.write(f"\r\x1b[K{_safe(name)}  {share:4.0%}  {left:4.0f} s left{told}")
        sys.stderr.flush()


def _safe(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
