"""Progress on a terminal, silence in a pipe."""

from __future__ import annotations

import sys
import time
from types import TracebackType


class Progress:
    """Shows file, share read and time left on standard error, at most ten times a second."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._started: dict[str, float] = {}
        self._shown = 0.0
        self._dirty = False

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
        now = time.monotonic()
        started = self._started.setdefault(path, now)
        if not self._terminal or now - self._shown < 0.1:
            return
        self._shown, self._dirty = now, True
        share = min(1.0, read / size) if size else 1.0
        left = (now - started) * (1 - share) / share if share > 0.01 else 0.0
        name = path if len(path) <= 40 else f"…{path[-39:]}"
        safe = "".join(letter if letter.isprintable() else "?" for letter in name)
        sys.stderr.write(f"\r\x1b[K{safe}  {share:4.0%}  {left:4.0f} s left")
        sys.stderr.flush()

    def done(self) -> None:
        """Erase the line."""
        if self._dirty:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._dirty = False
