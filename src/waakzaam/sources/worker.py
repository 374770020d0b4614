"""The child process that opens hostile bytes: evidence on standard input, frames on standard output.

It imports nothing heavy, sets its own limits before it looks at the first byte, and never sees a path.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any

MOST_KEY_BYTES = 64 << 20
"""Bytes of one key file that are read: some 300,000 sessions."""


def _limit(job: dict[str, Any]) -> None:
    """Limit memory (address space, bytes), processor time (seconds) and core dumps of this process."""
    memory, seconds = int(job["memory"]), int(job["seconds"])
    for kind, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + 5),
    ):
        # A limit that the person already set (`ulimit`) may be lowered, never raised.
        _, highest = resource.getrlimit(kind)
        if highest != resource.RLIM_INFINITY:
            soft, hard = min(soft, highest), min(hard, highest)
        resource.setrlimit(kind, (soft, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _order(job: dict[str, Any]) -> Any:
    from waakzaam.sources.order import Order

    keys = []
    for number in job["keys"]:
        with os.fdopen(number, "rb") as file:
            keys.append(file.read(MOST_KEY_BYTES))
    return Order(
        bodies=job["bodies"],
        peel=job["peel"],
        answers=job["answers"],
        only=job["only"],
        keys=tuple(keys),
        until=job["until"],
    )


def main() -> int:
    """Run the job in ``argv[1]`` (JSON); exit code 0 done, 3 format not recognised, 4 not readable."""
    job = json.loads(sys.argv[1])
    # Whatever was inherited: this is how the parent asks to stop.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _limit(job)
    from waakzaam import _core

    if job["work"] is not None:
        return _did(lambda: _core.unlock_closed(job["work"]))
    from waakzaam.sources import HEAD_BYTES, SOURCES, choose

    head = _core.plain_head(os.pread(0, HEAD_BYTES, 0), HEAD_BYTES)
    if job.get("source"):
        source, failed = next((s for s in SOURCES if s.name == job["source"]), None), list[str]()
    else:
        source, failed = choose(head)
    told = {"source": source.name if source else None, "failed": failed, "head": head[:16].hex()}
    _core.frame("source", json.dumps(told).encode())
    if source is None:
        return 3
    reader = source
    return _did(lambda: reader.read(_order(job)))


def _did(work: Callable[[], None]) -> int:
    """Do the work and say that it is done; how it ended otherwise is the exit code."""
    from waakzaam import _core

    try:
        work()
    except ValueError as error:
        _core.frame("error", str(error).encode())
        return 4
    except MemoryError:
        return 5
    except OSError:
        return 6  # the parent is gone
    except KeyboardInterrupt:
        return 7  # stopped before there was anything to stop
    _core.frame("end", b"")
    return 0


if __name__ == "__main__":
    sys.stdout.flush()
    os._exit(main())
