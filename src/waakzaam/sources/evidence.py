"""One evidence file → the tables of the sources and of the peel stage."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from waakzaam.errors import WaakzaamError
from waakzaam.sources import SOURCES
from waakzaam.sources.candidates import NAME as CANDIDATES
from waakzaam.sources.jail import Confinement, Ended, Frame, Job, run
from waakzaam.sources.keys import NAME as KEYS
from waakzaam.spill import Spill
from waakzaam.stop import Stop
from waakzaam.tables import EVIDENCE, LIMITS, PROBLEMS, TABLES, without

READ = {
    name: without(TABLES[name], "app_basis")
    for name in (
        "messages", "connections", "names", "accesses", "announcements", "problems", "limits", "contents",
        "paths", "values", "leaves", "closed", "proofs",
    )
}  # fmt: skip
"""Schemas of the tables that are read. How an app is known is said by a later stage."""

Progress = Callable[[str, int, int], None]
"""Called with (path, bytes read so far, bytes in all)."""
Place = Callable[[str, pa.Schema], Spill]
"""Called with the name and the schema of a table; where its rows go."""
Watch = Callable[[str, pa.RecordBatch], None]
"""Called with (name of a table, batch) as soon as it was read."""
STOPPED = "stopped"
"""Code of the problem that a person stopped the reading; its place tells after how many bytes."""


@dataclass
class Evidence:
    """Everything read from one file. Tables have the schemas of ``tables.py``."""

    id: str
    path: Path
    sha256: str | None
    size: int
    format: str | None = None
    status: str = "complete"
    tables: dict[str, Spill] = field(default_factory=dict)
    apps: tuple[str, ...] = ()
    """Apps that the recording was limited to, where the file says so."""

    def table(self, name: str) -> pa.Table:
        """One table as a whole (for ``values`` and ``leaves`` of large captures use ``batches``)."""
        return self.tables[name].table()

    def rows(self, *names: str) -> int:
        """Rows of these tables together."""
        return sum(len(self.tables[name]) for name in names)

    def bytes_held(self, name: str) -> int:
        """Bytes of a table, in memory and on disk."""
        return self.tables[name].size

    def add_problem(self, code: str, text: str, place: str, status: str | None = None) -> None:
        """Add a row to ``problems``; ``status`` replaces the status."""
        row = {"evidence": [self.id], "code": [code], "text": [text], "place": [place], "count": [1]}
        self.tables["problems"].add(pa.RecordBatch.from_pydict(row, schema=PROBLEMS))
        if status:
            self.status = status

    def add_limit(self, what: str, limit: int, place: str = "reader") -> None:
        """Add a row to ``limits``."""
        row = {"evidence": [self.id], "what": [what], "limit": [limit], "place": [place]}
        self.tables["limits"].add(pa.RecordBatch.from_pydict(row, schema=LIMITS))

    def row(self, *, times: bool = True) -> pa.Table:
        """The row of table ``evidence``; without ``times`` it does not tell when the traffic was."""
        first, last = self._times() if times else (None, None)
        columns = {
            "evidence": [self.id],
            "path": [str(self.path)],
            "sha256": [self.sha256],
            "format": [self.format],
            "size": [self.size],
            "first": [first],
            "last": [last],
            "status": [self.status],
        }
        return pa.table(columns, schema=EVIDENCE)

    def _times(self) -> tuple[datetime | None, datetime | None]:
        """When the earliest and the latest row happened."""
        import pyarrow.compute as pc  # takes longer to load than a small file to read

        first = last = None
        for name, early, late in (
            ("messages", "time", "time"), ("connections", "first", "last"), ("accesses", "first", "last"),
        ):  # fmt: skip
            table = self.table(name)
            if len(table):
                low, high = pc.min(table[early]).as_py(), pc.max(table[late]).as_py()
                first = min((t for t in (first, low) if t), default=None)
                last = max((t for t in (last, high) if t), default=None)
        return first, last


def size_of(path: Path) -> int:
    """Size in bytes of a file that can be evidence.

    Raises:
        WaakzaamError: not there, a directory, not a regular file, not readable.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise WaakzaamError(f"{path}: no such file; give the path of a capture") from None
    except OSError as error:
        raise WaakzaamError(
            f"{path}: cannot be opened ({error.strerror}); check the path and its rights"
        ) from None
    if stat.S_ISDIR(mode):
        raise WaakzaamError(f"{path}: is a directory; give the files in it, for example {path}/*.har")
    if not stat.S_ISREG(mode):
        raise WaakzaamError(f"{path}: is not a regular file; save the capture to a file first")
    try:
        with path.open("rb") as file:
            return os.fstat(file.fileno()).st_size
    except OSError as error:
        raise WaakzaamError(f"{path}: cannot be read ({error.strerror}); check who may read it") from None


def digest(path: Path) -> str:
    """SHA-256 (hex) of a file.

    Raises:
        WaakzaamError: see :func:`size_of`.
    """
    size_of(path)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_evidence(
    number: int,
    path: Path,
    job: Job | None = None,
    confinement: Confinement | None = None,
    progress: Progress | None = None,
    *,
    identify: bool = True,
    stop: Stop | None = None,
    watch: Watch | None = None,
    place: Place = lambda _name, schema: Spill(schema),
) -> Evidence:
    """Read one evidence file in a confined child.

    What the child could not read becomes rows of ``problems`` and ``limits``; this function raises only
    when the file itself cannot be opened.

    Args:
        number: place in the list of evidence, from 1; the id is ``E<number>``.
        path: the file.
        job: what to read; default: all tables, no bodies.
        confinement: limits of the child.
        progress: called while reading.
        identify: compute the SHA-256 of the file; without it nothing can be proven later.
        stop: asked for while reading; what was read until then is kept.
        watch: sees every batch as it comes.
        place: says where the rows of each table go; default: memory, then temporary files.

    Raises:
        WaakzaamError: see :func:`size_of`.
    """
    confinement = confinement or Confinement()
    size = size_of(path)
    evidence = Evidence(id=f"E{number}", path=path, sha256=None, size=size)
    evidence.tables = {name: place(name, schema) for name, schema in READ.items()}
    if size == 0:
        evidence.sha256 = digest(path) if identify else None
        evidence.add_problem("empty", "The file is empty: there is nothing to read.", "byte 0", "failed")
        return evidence
    identity = _Identity(path) if identify else None
    heard, stopped = False, False
    ends: list[pa.RecordBatch] = []
    """That the file ends too early: after a stop this is our own doing and no problem of the file."""
    for item in run(path, job or Job(), confinement, stop):
        if isinstance(item, Ended):
            _close(evidence, item, confinement, heard)
        elif item.name in evidence.tables:
            heard = True
            batch = _batch(evidence.id, item, READ[item.name])
            if stop and stop.asked and item.name == "problems":
                import pyarrow.compute as pc

                ours = pc.equal(batch["code"], "file-truncated")
                ends.append(batch.filter(ours))
                batch = batch.filter(pc.invert(ours))
            evidence.tables[item.name].add(batch)
            if watch:
                watch(item.name, batch)
        elif item.name == "apps":
            evidence.apps = tuple(bytes(item.payload).decode("utf-8", "replace").split("\0"))
        elif item.name == STOPPED:
            stopped = True
            _stopped(evidence, int.from_bytes(bytes(item.payload), "little"))
        elif item.name == "source":
            _source(evidence, item)
        elif item.name == "progress" and progress:
            progress(str(path), int.from_bytes(bytes(item.payload), "little"), size)
    for batch in ends if not stopped else ():
        evidence.tables["problems"].add(batch)
    if evidence.status == "complete" and evidence.rows("problems", "limits"):
        something = evidence.rows("messages", "connections", "accesses") or evidence.format in (
            KEYS,
            CANDIDATES,
        )
        evidence.status = "partial" if something else "failed"
    if identity and not (stop and stop.at_once):
        evidence.sha256 = identity.wait()
    return evidence


class _Identity:
    """The SHA-256 of a file, computed while the child reads it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sha256: str | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            self._sha256 = digest(self._path)
        except (WaakzaamError, OSError) as error:
            self._error = error

    def wait(self) -> str | None:
        """The digest, or the error that it met."""
        self._thread.join()
        if self._error:
            raise self._error
        return self._sha256


def _stopped(evidence: Evidence, read: int) -> None:
    text = (
        f"Reading was stopped by the person after {read:,} of {evidence.size:,} bytes; what was read before "
        "is kept. The rest of the file was not looked at."
    )
    evidence.add_problem(STOPPED, text, f"byte {read}", "partial")


def _batch(evidence: str, frame: Frame, schema: pa.Schema) -> pa.RecordBatch:
    batch = pa.ipc.open_stream(pa.py_buffer(frame.payload)).read_next_batch()
    columns = [
        pa.repeat(pa.scalar(evidence), batch.num_rows)
        if name == "evidence"
        else _typed(batch.column(name), schema.field(name).type)
        for name in schema.names
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _typed(column: pa.Array, wanted: pa.DataType) -> pa.Array:
    """The column as the schema has it; casting loads ``pyarrow.compute``, and is hardly ever needed."""
    return column if column.type == wanted else column.cast(wanted)


def _source(evidence: Evidence, frame: Frame) -> None:
    told = json.loads(bytes(frame.payload))
    evidence.format = told["source"]
    for name in told["failed"]:
        evidence.add_problem(
            "recogniser", f"The recogniser of format {name} failed and was skipped.", "first bytes"
        )
    if evidence.format is None:
        wanted = ", ".join(source.title for source in SOURCES)
        text = (
            f"The format is not known here: {_looks(evidence.path, told['head'])}; expected: {wanted}. "
            "`waakzaam formats` tells how to make one."
        )
        evidence.add_problem("unrecognised", text, "byte 0", "failed")


_LOOKS = (
    ("504b0304", "a ZIP archive (also APK, DOCX …)"),
    ("89504e470d0a1a0a", "a PNG picture"),
    ("ffd8ff", "a JPEG picture"),
    ("25504446", "a PDF document"),
    ("7f454c46", "an ELF program"),
    ("53514c69746520666f726d6174203300", "an SQLite database"),
    ("fffe", "text in UTF-16"),
    ("feff", "text in UTF-16"),
    ("fd377a585a00", "an xz archive"),
    ("425a68", "a bzip2 archive"),
    ("377abcaf271c", "a 7z archive"),
)
"""First bytes in hexadecimal → what a person would call it."""


def _looks(path: Path, head: str) -> str:
    """What a file of no known format looks like; ``head``: its first bytes, decompressed, in hexadecimal."""
    if not head:
        with path.open("rb") as file:
            begins = file.read(16).hex()
        return f"the file says that it is compressed, but cannot be decompressed (it begins with {begins})"
    named = next((name for magic, name in _LOOKS if head.startswith(magic)), None)
    if named:
        return f"it looks like {named}"
    start = bytes.fromhex(head)
    if (
        start.isascii()
        and start.decode().replace("\n", " ").replace("\t", " ").replace("\r", " ").isprintable()
    ):
        return f"it is text that begins with {start.decode()!r}"
    return f"it begins with the bytes {head}"


def _close(evidence: Evidence, ended: Ended, confinement: Confinement, heard: bool) -> None:
    """Turn the end of the child into rows."""
    kept = "what was read before is kept" if heard else "nothing could be read"
    status = "partial" if heard else "failed"
    if ended.how in ("done", "unrecognised"):
        return
    if ended.how == "stopped":
        text = f"Reading was stopped by the person; {kept}."
        evidence.add_problem(STOPPED, text, "see text", status)
        return
    if ended.how == "unreadable":
        evidence.add_problem("unreadable", ended.detail, "see text", status)
    elif ended.how == "memory":
        evidence.add_limit("memory", confinement.memory)
        mib = confinement.memory >> 20
        text = f"Reading needed more than {mib} MiB and was stopped; {kept}. Raise it with --memory."
        evidence.add_problem("limit", text, "reader", status)
    elif ended.how in ("time", "silence"):
        evidence.add_limit("time", confinement.seconds if ended.how == "time" else confinement.silence)
        text = f"Reading took too long and was stopped; {kept}. Raise it with --seconds."
        evidence.add_problem("limit", text, "reader", status)
    else:
        text = f"The reader stopped unexpectedly ({ended.detail}); {kept}. Please report what made this file."
        evidence.add_problem("crash", text, "reader", status)
