"""A case as Arrow streams in one file: written in a fiftieth of the time a database takes.

Every audit keeps its result for ``waakzaam explain``, and most are never asked about; a database that nobody
queries costs more time than the findings themselves.

Layout: ``MAGIC``, one Arrow IPC stream for each table, a directory (JSON: ``about``; ``tables`` with name
and length in bytes in the order of the streams; ``crc32`` of everything before the directory), the length of
the directory (8 bytes, little-endian), ``MAGIC``.
"""

from __future__ import annotations

import json
import mmap
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import pyarrow as pa

from waakzaam.spill import in_pieces

SUFFIX = ".arrow"
MAGIC = b"WZCASE1\n"
WORD = 8


def write(path: Path, tables: Mapping[str, pa.Table], about: Mapping[str, str]) -> None:
    """Write the tables of a case to a new file.

    Raises:
        OSError: the file system cannot.
    """
    lengths = []
    with path.open("wb") as file:
        file.write(MAGIC)
        for name, table in tables.items():
            start = file.tell()
            _write(file, table)
            lengths.append((name, file.tell() - start))
        told = {"about": about, "tables": lengths, "crc32": _sum(path, file)}
        directory = json.dumps(told).encode()
        file.write(directory + len(directory).to_bytes(WORD, "little") + MAGIC)


def _sum(path: Path, file: IO[bytes]) -> int:
    """Give the CRC-32 of what was written so far: damage must not look like a result."""
    file.flush()
    with path.open("rb") as written, mmap.mmap(written.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return zlib.crc32(data)


def _write(file: IO[bytes], table: pa.Table) -> None:
    # Threads cost more than what they would compress at the same time.
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with pa.ipc.new_stream(file, table.schema, options=options) as writer:
        for batch in in_pieces(table):
            writer.write_batch(batch)


def read(path: Path) -> dict[str, pa.Table]:
    """Give the tables of a case.

    Raises:
        ValueError, ArrowException: the file is damaged.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    end = len(data) - len(MAGIC) - WORD
    if end < len(MAGIC) or data[:WORD] != MAGIC or data[end + WORD :] != MAGIC:
        raise ValueError("the file was cut")
    start = end - int.from_bytes(data[end : end + WORD], "little")
    if start < len(MAGIC):
        raise ValueError("its directory is damaged")
    tables = {}
    at = len(MAGIC)
    directory = json.loads(bytes(data[start:end]))
    if directory["crc32"] != zlib.crc32(data[:start]):
        raise ValueError("its contents are not those that were written")
    for name, length in directory["tables"]:
        table = pa.ipc.open_stream(pa.py_buffer(data[at : at + length])).read_all()
        table.validate(full=True)
        tables[str(name)] = table
        at += length
    return tables


def is_case(path: Path) -> bool:
    """Say whether a file is a case of this form."""
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False
