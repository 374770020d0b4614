"""``make bench``: measures waakzaam and its peers in one run on the same files, and writes the table.

Needs a folder of real captures: ``WAAKZAAM_SHARED_INPUTS``, or ``shared/inputs`` beside the project.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import attribution
import captures
import commands
import cores
import facts
import hars
import keylogs
import large
import peeled
import peers
from measure import Measured, best
from page import Row, write_page

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PHONE = HERE / "phone.toml"
PACKET_CORPORA = {"phone": ("phone", "pcapdroid"), "clear": ("http", "zeek")}
# Of these folders, captures in which nothing is clear HTTP: they would measure something else.
NOT_CLEAR = ("chromium-", "curl-", "firefox-", "quic_", "tls-", "tls12-", "tls13-", "wstunnel-")
# With their keys: `h2` is what phones use (AEAD suites), `tls` has every old suite besides.
H2_CAPTURES = (
    "wireshark/tls12-dsb.pcapng",
    "wireshark/tls12-aes256gcm.pcap",
    "wireshark/tls12-chacha20poly1305.pcap",
    "wireshark/tls13-20-chacha20poly1305.pcap",
    "wireshark/http2-data-reassembly.pcap",
    "wireshark/http2_follow_multistream.pcapng",
    "tls/mikekap-firefox-tls13-facebook-dsb.pcapng",
    "zeek/tls-1.2-stream-keylog.pcap",
    "zeek/tls12-decryption.pcap",
)
TLS_CORPORA = {"h2": H2_CAPTURES, "tls": (*H2_CAPTURES, "tls/lbirchler-dsb-dump.pcapng")}
# So many times the size of the other corpora: our start-up would be a third of the time. `h2` also longer,
# where it counts for less.
TLS_TIMES = (("h2", 2.5), ("h2", 5), ("tls", 2.5))
CONVERTED = 10  # MB, for converters that hold everything in memory
CURVE = (50, 200, 1000, 2000)  # MB
HAR_CORPORA = {
    "app": (36_000, ["har/android-first-run.har"]),
    "browser": (14_000, ["mitmproxy/firefox.har", "mitmproxy/chrome.har", "mitmproxy/safari.har"]),
}
STREAM = (50, 200, 1000)  # MB
MB = 10**6
T = TypeVar("T")


def say(text: str) -> None:
    """Tell how far we are."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def workplace(kept: Path | None) -> Iterator[Path]:
    """Give a folder for the corpora: `kept`, or a temporary one."""
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
    else:
        with TemporaryDirectory(prefix="bench-") as name:
            yield Path(name)


class Bench:
    """One run: the measurements so far and what had to be left out."""

    def __init__(self, inputs: Path, folder: Path, runs: int) -> None:
        """Read captures from `inputs`, write corpora to `folder`, run everything `runs` times."""
        self._inputs = inputs
        self._folder = folder
        self._runs = runs
        self.rows: list[Row] = []
        self.loaded: list[facts.Loaded] = []
        self.notes: list[str] = []

    def _row(
        self,
        corpus: Path,
        tool: str,
        command: list[str],
        *,
        items: int | None = None,
        quiet: bool = False,
        runs: int = 0,
    ) -> Row:
        """Measure one tool; `quiet` sends its output nowhere, otherwise the last line is kept."""
        say(f"  {tool} …")
        output = None if quiet else self._folder / "output"
        measured: Measured = best(command, runs or self._runs, output)
        said = output.read_bytes()[-400:].decode(errors="replace").strip().splitlines()[-1:] if output else []
        row = Row(corpus.stem, tool, measured, corpus.stat().st_size, items, "".join(said))
        figures = f"{measured.cpu:.2f} CPU s, {measured.memory / MB:.0f} MB"
        say(f"    {figures if row.done else row.trouble}")
        self.rows.append(row)
        return row

    def _packet_corpus(self, name: str, size: int) -> Path:
        target = self._folder / f"{name}-{size}.pcap"
        if not target.exists():
            files = sorted(
                file
                for folder in PACKET_CORPORA[name]
                for file in (self._inputs / "captures" / folder).iterdir()
                if file.name.endswith((".pcap", ".pcapng", ".pcap.gz"))
                and not (name == "clear" and file.name.startswith(NOT_CLEAR))
            )
            copy_of, left_out = captures.template(files)
            copies = captures.write(copy_of, target, size * MB)
            used = len(files) - len(left_out)
            say(f"{target.name}: {used} captures, {len(copy_of)} packets, {copies} copies")
            self.notes += [f"{file} is left out of {name}: not an IP link type" for file in left_out]
        return target

    def packets(self, size: int, tshark: str | None) -> None:
        """Measure capture → messages."""
        for name in PACKET_CORPORA:
            corpus = self._packet_corpus(name, size)
            say(corpus.name)
            file = {"FILE": str(corpus), "TABLES": str(self._folder / "tables")}
            self._row(corpus, "waakzaam", commands.filled(commands.OURS_CAPTURE, **file))
            lines = commands.filled(commands.OURS_LINES, **file)
            self._row(corpus, "waakzaam, written as JSON lines", lines, quiet=True)
            for tool, command in commands.TSHARK.items() if tshark else ():
                self._row(corpus, tool, commands.filled(command, TSHARK=str(tshark), **file), quiet=True)

    def _tls_corpus(self, name: str, size: int) -> tuple[Path, Path]:
        """Return the looped captures and the key log that opens every copy of them."""
        folder = self._inputs / "captures"
        files = [folder / file for file in TLS_CORPORA[name]]
        target, keys = self._folder / f"{name}-{size}.pcap", self._folder / f"{name}.keys"
        beside = [file for each in ("wireshark", "zeek") for file in sorted((folder / each).glob("*.keys"))]
        keylogs.write(files, beside, keys)
        if not target.exists():
            copy_of, _ = captures.template(files)
            copies = captures.write(copy_of, target, size * MB)
            say(f"{target.name}: {len(files)} captures, {len(copy_of)} packets, {copies} copies")
        return target, keys

    def tls(self, size: int, tshark: str | None) -> None:
        """Measure encrypted capture → messages."""
        for name, times in TLS_TIMES:
            corpus, keys = self._tls_corpus(name, int(size * times))
            say(corpus.name)
            file = {"FILE": str(corpus), "TABLES": str(self._folder / "tables"), "KEYS": str(keys)}
            self._row(corpus, "waakzaam", commands.filled(commands.OURS_TLS, **file))
            for tool, command in commands.TSHARK_TLS.items() if tshark else ():
                self._row(corpus, tool, commands.filled(command, TSHARK=str(tshark), **file), quiet=True)

    def convert(self, programs: Path | None) -> None:
        """Measure encrypted capture → messages against converters to HAR, on a size that they can take."""
        capture, keys = self._tls_corpus("h2", CONVERTED)
        corpus = capture.with_suffix(".pcapng")
        if not peers.with_secrets(capture, keys, corpus):
            self.notes.append("The converters to HAR are left out: editcap is missing.")
            return
        say(corpus.name)
        file = {"FILE": str(corpus), "TABLES": str(self._folder / "tables")}
        self._row(corpus, "waakzaam", commands.filled(commands.OURS_CAPTURE, **file))
        for tool, command in commands.CONVERTERS.items() if programs else ():
            words = {**file, "BIN": str(programs), "HAR": str(self._folder / "converted.har")}
            self._row(corpus, tool, commands.filled(command, **words), quiet=True)

    def curve(self) -> None:
        """Measure whether cost grows in line with an encrypted capture, and memory not at all."""
        for size in CURVE:
            corpus, keys = self._tls_corpus("h2", size)
            say(f"{corpus.name}, curve")
            file = {"FILE": str(corpus), "TABLES": str(self._folder / "tables"), "KEYS": str(keys)}
            self._row(corpus, "waakzaam, memory", commands.filled(commands.OURS_TLS, **file), runs=1)

    def stream(self) -> None:
        """Measure whether memory grows with the capture."""
        for size in STREAM:
            corpus = self._packet_corpus("phone", size)
            say(f"{corpus.name}, memory")
            command = commands.filled(
                commands.OURS_CAPTURE, FILE=str(corpus), TABLES=str(self._folder / "tables")
            )
            self._row(corpus, "waakzaam, memory", command, runs=1)

    def cores(self) -> None:
        """Measure whether all processors are used."""
        one, keys = self._tls_corpus("h2", 1000)
        small, _ = self._tls_corpus("h2", 200)
        say(f"{one.name}, processors")
        self.notes.append(cores.told(one, small, keys, self._runs))

    def terminal(self) -> None:
        """Measure what a person sees while a large capture is read."""
        corpus = self._packet_corpus("clear", CURVE[-1])
        say(f"{corpus.name}, at a terminal")
        self.notes.append(large.told(corpus, self._folder))

    def knowledge(self) -> None:
        """Measure loading the facts."""
        say("facts")
        self.loaded = facts.measure(self._folder, self._runs)
        attributed = attribution.measure(self._runs)
        self.notes.append(
            f"1,000,000 connections to {attributed.hosts:,} hosts are attributed in {attributed.seconds:.2f} "
            "CPU seconds (`bench/attribution.py`: owners, places, laws and decisions; one core)."
        )

    def hars(self, trackhar: list[str] | None) -> None:
        """Measure HAR → findings."""
        known = tomllib.loads(PHONE.read_text())["known"]
        values = hars.indicators(known)
        indicators = self._folder / "indicators.json"
        indicators.write_text(json.dumps(values))
        same = [value for listed in values.values() for value in listed]
        for name, (count, files) in HAR_CORPORA.items():
            corpus = self._folder / f"{name}.har"
            if not corpus.exists():
                hars.write(hars.entries(self._inputs / "flows" / file for file in files), corpus, count, same)
            say(f"{corpus.name}: {count} entries, {corpus.stat().st_size / MB:.0f} MB")
            ours = commands.filled(commands.OURS_HAR, FILE=str(corpus), PHONE=str(PHONE))
            self._row(corpus, "waakzaam", ours, items=count)
            if trackhar:
                peer = commands.filled(
                    commands.TRACKHAR,
                    NODE=trackhar[0],
                    SCRIPT=str(HERE / "trackhar_peer.mjs"),
                    FILE=str(corpus),
                    INDICATORS=str(indicators),
                    PACKAGE=trackhar[1],
                )
                self._row(corpus, "TrackHAR, indicators", peer, items=count)


def main() -> int:
    """Measure, print, write; return 1 if one of our own commands failed."""
    parser = argparse.ArgumentParser(prog="make bench", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--runs", type=int, default=3, help="best of so many (default 3)")
    parser.add_argument("--size", type=int, default=200, help="MB of each packet corpus (default 200)")
    parts = ["packets", "stream", "tls", "convert", "curve", "cores", "large", "har", "knowledge", "peel"]
    parser.add_argument("--only", choices=parts, action="append", help="only this part")
    parser.add_argument("--no-peers", action="store_true", help="measure waakzaam alone")
    parser.add_argument("--keep", type=Path, help="folder to keep the corpora in, for the next run")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "benchmarks.md")
    parser.add_argument("--peel-output", type=Path, default=ROOT / "docs" / "benchmarks-peel.md")
    options = parser.parse_args()
    parts = options.only or parts

    inputs = Path(os.environ.get("WAAKZAAM_SHARED_INPUTS") or ROOT.parent / "shared" / "inputs")
    if not (inputs / "captures").is_dir():
        say("No captures to measure with: set WAAKZAAM_SHARED_INPUTS to a folder of them and run again.")
        return 2
    with workplace(options.keep) as folder:
        bench = Bench(inputs, folder, options.runs)
        versions: dict[str, str] = {}

        def peer(name: str, found: tuple[T, str] | str) -> T | None:
            if isinstance(found, str):
                say(found)
                bench.notes.append(found)
                return None
            versions[name] = found[1]
            return found[0]

        with_peers = not options.no_peers
        if "peel" in parts:
            text = peeled.peel(inputs, folder, with_peers, say)
            print(text)
            if with_peers:
                options.peel_output.write_text(text)
                say(f"written to {options.peel_output}")
            if parts == ["peel"]:
                return 0
        tshark = (
            peer("tshark", peers.tshark())
            if with_peers and {"packets", "tls", "convert"} & set(parts)
            else None
        )
        if "packets" in parts:
            bench.packets(options.size, tshark)
        if "stream" in parts:
            bench.stream()
        if "tls" in parts:
            bench.tls(options.size, tshark)
        if "convert" in parts:
            found = peers.converters(folder / "peers") if with_peers and tshark else None
            bench.convert(peer("converters", found) if found else None)
        if "curve" in parts:
            bench.curve()
        if "cores" in parts:
            bench.cores()
        if "large" in parts:
            bench.terminal()
        if "har" in parts:
            bench.hars(peer("TrackHAR", peers.trackhar(folder / "peers")) if with_peers else None)
        if "knowledge" in parts:
            bench.knowledge()
        text = write_page(bench.rows, bench.notes, versions, options.runs, bench.loaded)
    print(text)
    ours = [row for row in bench.rows if row.tool.startswith("waakzaam")]
    if all(row.done for row in ours):
        if not options.only and with_peers:
            options.output.parent.mkdir(parents=True, exist_ok=True)
            options.output.write_text(text)
            say(f"written to {options.output}")
        return 0
    say("Not written: waakzaam did not finish everywhere.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
