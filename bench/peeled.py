"""Peel: waakzaam and other tools on the same samples; how fast many values and real messages go."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import peers
from measure import measure
from page import machine, ours, table

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
MB = 10**6
DEPTHS = (3, 5)
LIMIT = 20  # CPU seconds for one sample: Magic has no limit of its own
EACH = 500  # messages of each kind in a batch
BATCH_KINDS = ("form>base64>gzip>json", "json>base64>zlib>json", "percent>base64>gzip>json>base64>json")

ABOUT = """\
# Benchmarks: peel

Written by `python bench/run.py --only peel`; do not edit. Figures of one table come from one run on the same
samples.
"""
HOW = f"""\
The samples are 100 values of 20 kinds of layering that were made for comparing such tools, most around
500 bytes. *Opened*: the value in the innermost layer is in what the tool shows. *First*: it is in what
the tool ranks first; waakzaam follows one reading of each value, and first means that no other reading on
the way has more evidence; a dash: the tool ranks nothing. CPU is that of the samples alone: start-up,
loading and the preparation of keys are not in it. A sample is ended after {LIMIT} CPU seconds; Magic is
measured on the first sample of each kind, because it takes so long, and compared with waakzaam on the
same. Memory is the peak of the whole process. CyberChef's Magic and blackboxprotobuf get the bytes;
Unfurl takes URLs, so it gets the value as a query field of one; of mitmproxy all views are asked but the
hexadecimal and raw ones. Only waakzaam can be given keys; its row without keys is the like-for-like
comparison. In five samples (`json_string_in_json`) the value stands readable in the input. Protocol
Buffers are none of the samples as they stand, so that bbpb sees none.
"""


@dataclass(frozen=True)
class Tool:
    """One tool on all samples."""

    name: str
    rows: list[dict[str, Any]]
    memory: int
    errors: str

    @property
    def cpu(self) -> list[float]:
        """CPU seconds of each sample."""
        return [row["cpu"] for row in self.rows]


def _run(name: str, command: list[str], folder: Path, say: Callable[[str], None]) -> Tool:
    output = folder / f"peel-{name.replace(' ', '-')}"
    measured = measure(command, output)
    lines = output.read_text().splitlines()
    rows = [json.loads(line) for line in lines if line.startswith('{"id"')]
    errors = "" if measured.status == 0 else f"failed ({measured.status}): {measured.errors[:120]}"
    opened = sum(row["opened"] for row in rows)
    say(f"  {name}: {errors or f'{opened} of {len(rows)} opened, {measured.memory / MB:.0f} MB'}")
    return Tool(name, rows, measured.memory, errors)


def _one_of_each(samples: Path) -> list[str]:
    """The first sample of each kind: what takes too long for all of them."""
    lines: dict[str, str] = {}
    for line in samples.read_text().splitlines(keepends=True):
        lines.setdefault(json.loads(line)["cat"], line)
    return list(lines.values())


def _shown(seconds: float) -> str:
    return f"{seconds * 1e3:,.2f}"


def _line(tool: Tool, ours: Tool) -> list[str]:
    if tool.errors or not tool.rows:
        return [tool.name, tool.errors or "told nothing", "", "", "", "", "", "", ""]
    first = [row["first"] for row in tool.rows]
    same = {row["id"] for row in tool.rows}
    own = statistics.fmean(row["cpu"] for row in ours.rows if row["id"] in same)
    mean = statistics.fmean(tool.cpu)
    ended = sum(bool(row.get("ended")) for row in tool.rows)
    return [
        tool.name,
        f"{sum(row['opened'] for row in tool.rows)} of {len(tool.rows)}",
        "–" if first[0] is None else f"{sum(first)}",
        _shown(statistics.median(tool.cpu)),
        _shown(mean),
        _shown(max(tool.cpu)),
        f"{ended}",
        f"{tool.memory / MB:.0f}",
        "" if tool.name.startswith("waakzaam") else f"{mean / own:,.1f}",
    ]


def _kinds(tools: list[Tool]) -> list[str]:
    """Opened by kind, one row per kind of sample."""
    kinds = list(dict.fromkeys(row["id"].partition("#")[0] for tool in tools for row in tool.rows))
    lines = []
    for kind in kinds:
        of = [[row for row in tool.rows if row["id"].partition("#")[0] == kind] for tool in tools]
        lines.append([kind, *(f"{sum(row['opened'] for row in rows)}/{len(rows)}" for rows in of)])
    return table(["kind", *(tool.name for tool in tools)], lines)


def _messages(inputs: Path, say: Callable[[str], None]) -> dict[str, Any] | str:
    """Real messages peeled into the tables of an audit, by the core alone."""
    cargo = shutil.which("cargo")
    if cargo is None:
        return "Real messages are left out: cargo is missing."
    files = [
        str(file)
        for folder in ("captures", "flows/har", "flows/mitmproxy")
        for file in sorted((inputs / folder).rglob("*"))
        if file.suffix in (".pcap", ".pcapng", ".har", ".gz", ".cap")
    ]
    say("  real messages …")
    command = [cargo, "run", "--quiet", "--release", "-p", "waakzaam-core", "--example", "message_speed"]
    done = subprocess.run([*command, "--", *files], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        return f"Real messages: failed: {done.stderr.strip()[-200:]}"
    told: dict[str, Any] = json.loads(done.stdout)
    say(f"    {done.stdout.strip()}")
    return told | {"files": len(files)}


def _batch(folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Generated messages of four to six layers, all different, in one call."""
    sys.path.insert(0, str(ROOT))
    from tests.helpers.layered import KINDS, candidates
    from tests.helpers.layered.telemetry import imei, report

    file = folder / "peel-batch.jsonl"
    keys, _ = candidates(11)
    random = Random(11)
    with file.open("w") as out:
        for kind in BATCH_KINDS * EACH:
            data = KINDS[kind](report(random, imei(random)), random, keys)
            out.write(json.dumps({"hex": data.hex()}) + "\n")
    say("  batch …")
    command = [sys.executable, str(HERE / "peel_ours.py"), "batch", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    say(f"    {done.stdout.strip()}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def peel(inputs: Path, folder: Path, with_peers: bool, say: Callable[[str], None]) -> str:
    """Measure, and return the page.

    Args:
        inputs: folder of shared inputs, with ``peel/samples.jsonl`` and ``peel/keys.txt``.
        folder: for files that are made.
        with_peers: measure the other tools too.
        say: tells how far we are.
    """
    samples, keys = inputs / "peel" / "samples.jsonl", inputs / "peel" / "keys.txt"
    say(samples.name)
    few = folder / "peel-few.jsonl"
    few.write_text("".join(_one_of_each(samples)))
    jobs: list[tuple[str, list[str]]] = []
    notes, versions = [], {}
    if with_peers:
        found = peers.cyberchef(ROOT / "build" / "peers")
        if isinstance(found, str):
            notes.append(found)
        else:
            versions["CyberChef"] = found[1]
            for depth in DEPTHS:
                command = [*found[0], str(few), str(depth), str(LIMIT)]
                jobs.append((f"CyberChef Magic, depth {depth}", command))
        python = peers.peelers(ROOT / "build" / "peers")
        if isinstance(python, str):
            notes.append(python)
        else:
            versions["others"] = python[1]
            for name, tool in (("Unfurl", "unfurl"), ("mitmproxy views", "mitmproxy"), ("bbpb", "bbpb")):
                command = [str(python[0]), str(HERE / "peel_peer.py"), tool, str(samples), str(LIMIT)]
                jobs.append((name, command))
    # CPU time is what is compared, so that all may run at once.
    with ThreadPoolExecutor() as pool:
        others = list(pool.map(lambda job: _run(*job, folder, say), jobs))
    script = [sys.executable, str(HERE / "peel_ours.py"), "values", str(samples)]
    tools = [
        _run("waakzaam", script, folder, say),
        _run("waakzaam, with keys", [*script, str(keys)], folder, say),
        *others,
    ]
    batch = _batch(folder, say)
    messages = _messages(inputs, say)
    head = ["tool", "opened", "first", "CPU ms, median", "mean", "most", "ended", "memory MB"]
    named = "".join(f", {name} {version}" for name, version in versions.items())
    out = [
        ABOUT,
        f"- {machine()}",
        f"- {ours()}{named}",
        "",
        "## Opened",
        "",
        *table([*head, "× waakzaam's mean"], [_line(tool, tools[0]) for tool in tools]),
        "",
        HOW,
        "## By kind",
        "",
        *_kinds(tools),
        "",
        "## Speed",
        "",
        f"- Batch (`waakzaam.peel.Batch`): {batch['values']} different messages of four to six layers,"
        f" {batch['bytes_each']} bytes and {batch['leaves_each']} leaves each on average:"
        f" **{batch['microseconds']} µs** of CPU a message, tables written as Arrow, best of 20 batches.",
    ]
    if isinstance(messages, str):
        notes.append(messages)
    else:
        out.append(
            f"- Real messages: what left the phone in {messages['files']} captures and HAR files,"
            f" {messages['messages']:.0f} messages with {messages['body_bytes'] / MB:.1f} MB of bodies, each"
            " peeled once by the core into the tables of an audit:"
            f" **{messages['per_second']:,.0f} messages a CPU second**, {messages['microseconds']} µs each,"
            " best of five."
        )
    out += ["", *(["## Left out", "", *(f"- {note}" for note in notes), ""] if notes else [])]
    return "\n".join(out)
