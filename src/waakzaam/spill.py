"""A table that grows batch by batch and moves to a temporary file when it gets large."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pyarrow as pa

HELD_BYTES = 16 << 20
"""Bytes of one table kept in memory; more goes to a file that has no name and dies with the process."""


class Spill:
    """Batches of one schema, in order; in memory while small, else in an unnamed temporary file."""

    def __init__(self, schema: pa.Schema) -> None:
        self.schema = schema
        self.rows = 0
        self._held: list[pa.RecordBatch] = []
        self._held_bytes = 0
        self._file: tempfile._TemporaryFileWrapper[bytes] | None = None
        self._writer: pa.RecordBatchStreamWriter | None = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Add one batch of this schema."""
        self.rows += batch.num_rows
        self._held.append(batch)
        self._held_bytes += batch.nbytes
        if self._held_bytes > HELD_BYTES:
            self._write()

    def _write(self) -> None:
        if self._writer is None:
            self._file = tempfile.NamedTemporaryFile(prefix="waakzaam-", suffix=".arrow")  # noqa: SIM115
            self._writer = pa.ipc.new_stream(self._file, self.schema)
        for batch in self._held:
            self._writer.write_batch(batch)
        self._held, self._held_bytes = [], 0

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All batches in the order they came; those on disk are mapped, not loaded."""
        if self._file is not None:
            self._file.flush()
            with pa.memory_map(self._file.name) as mapped:
                # The stream has no end mark yet: read as many batches as were written.
                reader = pa.ipc.open_stream(mapped)
                while True:
                    try:
                        yield reader.read_next_batch()
                    except (StopIteration, pa.ArrowInvalid):
                        break
        yield from self._held

    def table(self) -> pa.Table:
        """Everything as one table."""
        return pa.Table.from_batches(list(self.batches()), schema=self.schema)

    def __len__(self) -> int:
        return self.rows
