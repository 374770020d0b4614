"""A table that grows batch by batch and moves to a temporary file when it gets large."""

from __future__ import annotations

import mmap
import tempfile
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

HELD_BYTES = 56 << 20
"""Bytes of all tables together kept in memory; more goes to unnamed files that die with the process."""
PASSED_BYTES = 16 << 20
"""Bytes of a mapped file that are looked at before their memory is given back."""

_SPILLS: weakref.WeakSet[Spill] = weakref.WeakSet()
_MAPPED: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()
_LOCK = threading.Lock()
"""Several files are read at the same time; what they hold is counted together."""


def let_go() -> None:
    """Give back the memory of all pages that were read from temporary files.

    The tables stay as they are: what is looked at again is mapped again. Without this, a pass over a large
    table keeps all of it in memory.
    """
    for mapped in list(_MAPPED):
        mapped.madvise(mmap.MADV_DONTNEED)


def in_pieces(table: pa.Table, size: int = PASSED_BYTES) -> Iterator[pa.RecordBatch]:
    """The batches of a table that may be mapped; what was read is given back every ``size`` bytes."""
    seen = 0
    for batch in table.to_batches():
        yield batch
        seen += batch.nbytes
        if seen > size:
            let_go()
            seen = 0


class Spill:
    """Batches of one schema, in order; in memory while small, else in an unnamed temporary file."""

    def __init__(self, schema: pa.Schema) -> None:
        self.schema = schema
        self.rows = 0
        self.size = 0
        """Bytes of all batches."""
        self._held: list[pa.RecordBatch] = []
        self._held_bytes = 0
        self._file: tempfile._TemporaryFileWrapper[bytes] | None = None
        self._writer: pa.RecordBatchStreamWriter | None = None
        with _LOCK:
            _SPILLS.add(self)

    def add(self, batch: pa.RecordBatch) -> None:
        """Add one batch of this schema."""
        with _LOCK:
            self.rows += batch.num_rows
            self.size += batch.nbytes
            self._held.append(batch)
            self._held_bytes += batch.nbytes
            if sum(each._held_bytes for each in _SPILLS) > HELD_BYTES:
                max(_SPILLS, key=lambda each: each._held_bytes)._write()

    def _write(self) -> None:
        if self._writer is None:
            self._file = tempfile.NamedTemporaryFile(prefix="waakzaam-", suffix=".arrow")  # noqa: SIM115
            self._writer = pa.ipc.new_stream(self._file, self.schema)
        for batch in self._held:
            self._writer.write_batch(batch)
        self._held, self._held_bytes = [], 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All batches in the order they came; those on disk are mapped, and let go as they are passed."""
        if self._file is not None:
            self._file.flush()
            mapped = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
            _MAPPED.add(mapped)
            # The stream has no end mark yet: read as many batches as were written.
            reader = pa.ipc.open_stream(pa.py_buffer(mapped))
            seen = 0
            while True:
                try:
                    batch = reader.read_next_batch()
                except (StopIteration, pa.ArrowInvalid):
                    break
                yield batch
                seen += batch.nbytes
                if seen > PASSED_BYTES:
                    mapped.madvise(mmap.MADV_DONTNEED)
                    seen = 0
        yield from self._held

    def table(self) -> pa.Table:
        """Everything as one table."""
        return pa.Table.from_batches(list(self.batches()), schema=self.schema)

    def __len__(self) -> int:
        return self.rows


class Written(Spill):
    """Batches of one schema that go to a file (Arrow IPC) as they come; none is held."""

    def __init__(self, schema: pa.Schema, path: Path) -> None:
        """``path``: the file; its folder is made when the first batch comes."""
        super().__init__(schema)
        self._path = path
        self._open: pa.RecordBatchFileWriter | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Write one batch of this schema.

        Raises:
            OSError: it cannot be written.
        """
        self.rows += batch.num_rows
        self.size += batch.nbytes
        self._begun().write_batch(batch)

    def close(self) -> None:
        """Make the file whole; a table without rows becomes a file, too.

        Raises:
            OSError: it cannot be written.
        """
        self._begun().close()

    def discard(self) -> None:
        """Remove the file: nobody could read it without its end."""
        if self._open is not None:
            self._path.unlink(missing_ok=True)

    def _begun(self) -> pa.RecordBatchFileWriter:
        if self._open is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._open = pa.ipc.new_file(str(self._path), self.schema)
        return self._open

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All batches in the order they came, once the file is whole."""
        with pa.memory_map(str(self._path)) as mapped:
            reader = pa.ipc.open_file(mapped)
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)
