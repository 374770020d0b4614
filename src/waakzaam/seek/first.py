"""First sightings: what of the described phone is already seen while a long capture is still being read.

A hint for who waits, no finding: who was told, and whether that party is the site itself, is decided when all
is read. Pages and search terms are left out, because everybody tells them to the site itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import pyarrow as pa

from waakzaam import _core
from waakzaam.seek.links import batch_bytes

First = Callable[[str, str], None]
"""Called with (datum, form) when a value is seen for the first time."""
LEFT_OUT = ("browsing-history/", "search-query")


class FirstSightings:
    """Seeks declared values in what is peeled, batch by batch; tells each datum once. Safe for threads."""

    def __init__(self, known: Iterable[tuple[str, str]], tell: First) -> None:
        """Seek ``known`` (datum, value) and call ``tell``."""
        self._data = [
            (datum, value.encode()) for datum, value in known if not datum.startswith(LEFT_OUT) and value
        ]
        self._seeker = _core.Seeker([(at, *each) for at, each in enumerate(self._data)])
        self._told: set[int] = set()
        self._tell = tell
        self._lock = threading.Lock()

    def look(self, values: pa.RecordBatch) -> None:
        """Look into a batch of table ``values``."""
        if len(self._told) == len(self._data):
            return
        payload, _ = self._seeker.seek(batch_bytes(values))
        hits = pa.ipc.open_stream(pa.py_buffer(payload)).read_all()
        for known, form in zip(hits["known"].to_pylist(), hits["form"].to_pylist(), strict=True):
            with self._lock:
                new = known not in self._told
                self._told.add(known)
            if new:
                self._tell(self._data[known][0], form)
