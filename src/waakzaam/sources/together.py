"""Several evidence files at the same time: one confined child each, at most one per processor."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from waakzaam.sources.evidence import Evidence, Progress, Watch, read_evidence, size_of
from waakzaam.sources.jail import Confinement, Job
from waakzaam.stop import Stop


def read_all(
    paths: Sequence[Path],
    job: Job,
    *,
    confinement: Confinement | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
    watch: Watch | None = None,
    workers: int | None = None,
    formats: Mapping[Path, str] | None = None,
) -> list[Evidence]:
    """Read all files; the result is in the order of ``paths`` and the same whatever ``workers`` is.

    Args:
        paths: evidence files. job: what to read of each.
        confinement: limits of each child: ``workers`` times its memory can be in use.
        progress: called while reading, from several threads.
        stop: asked for while reading; what was read until then is kept.
        watch: sees every batch as it comes, from several threads.
        workers: files read at the same time; default: processors this process may use.
        formats: what files are whatever they look like, by the name of the source.

    Raises:
        WaakzaamError: a path that cannot be opened; nothing is read then.
    """
    asked = stop or Stop()
    for path in paths:
        size_of(path)

    def read(number: int, path: Path) -> Evidence:
        told = replace(job, source=(formats or {}).get(path, job.source))
        return read_evidence(number, path, told, confinement, progress, stop=asked, watch=watch)

    most = workers or len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(max(1, min(most, len(paths))), "evidence") as pool:
        futures = [pool.submit(read, number, path) for number, path in enumerate(paths, start=1)]
        try:
            return [future.result() for future in futures]
        except BaseException:
            # One cannot be read, or the person ends it: the others need not go on.
            asked.asked = asked.at_once = True
            pool.shutdown(cancel_futures=True)
            raise
