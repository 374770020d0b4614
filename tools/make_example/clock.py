"""The clock of the staged session.

The driver writes the virtual time of the scene that is about to be played into a small file; the local
server and the recorder read it. So two runs give the same times, and the times inside the messages agree
with the times around them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path


class Clock:
    """Virtual time shared by three processes through one file holding seconds since 1970 (UTC)."""

    def __init__(self, file: Path) -> None:
        """Keep the time in `file`."""
        self._file = file

    def set(self, now: float) -> None:
        """Set the virtual time; replaces the file in one step, so that a reader never sees half of it."""
        half = self._file.with_suffix(".new")
        half.write_text(repr(now))
        half.replace(self._file)

    def now(self) -> float:
        """Return the virtual time in seconds since 1970 (UTC)."""
        return float(self._file.read_text())


def instant(text: str) -> float:
    """Return an ISO 8601 time in UTC (``2020-05-01T08:15:00``) as seconds since 1970."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
