"""waakzaam beside tshark 4, for every capture and every protocol both know.

tshark has two ways to reassemble TCP, and neither is right for every file: by default it loses messages
whose segments came out of order; with ``tcp.reassemble_out_of_order`` it loses what follows a gap. Per file
and kind the better of the two is the oracle. Run as a script, it prints a table:
``python tests/oracles/tshark.py FOLDER…``
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.oracles.explained import reason
from tests.oracles.ours import by_waakzaam, decode_rules, read_opened
from tests.oracles.pdml import by_tshark
from tests.oracles.seen import KINDS, Item

SUFFIXES = (".pcap", ".pcapng", ".gz", ".1")


@dataclass(frozen=True)
class Row:
    """One kind in one file: how many we see, how many tshark sees both ways, and what differs."""

    file: str
    kind: str
    ours: int
    off: int
    on: int
    lost: Counter[Item]
    more: Counter[Item]

    @property
    def reason(self) -> str:
        """Why the two differ, as far as it is known; empty where they are equal."""
        return reason(self.file, self.kind) if self.lost or self.more else ""

    @property
    def verdict(self) -> str:
        """``equal``; ``more``: all of tshark's and others; ``differs``: some of tshark's are not ours."""
        return "differs" if self.lost else "more" if self.more else "equal"


def compare(path: Path) -> list[Row]:
    """Everything that either side sees in a capture, with the keys that lie beside it."""
    evidence = read_opened(path, bodies=True)
    ours, rules = by_waakzaam(evidence), decode_rules(evidence)
    off, on = ([by_tshark(path, reorder=reorder, decode=rule) for rule in rules] for reorder in (False, True))
    rows = []
    for kind in KINDS:
        plain, ordered = (max((run.items[kind] for run in runs), key=Counter.total) for runs in (off, on))
        oracle = max(ordered, plain, key=Counter.total)
        own = ours.settle(oracle, kind)
        if own or oracle:
            totals = own.total(), plain.total(), ordered.total()
            file = f"{path.parent.name}/{path.name}"
            rows.append(Row(file, kind, *totals, lost=oracle - own, more=own - oracle))
    return rows


def captures(folder: Path) -> list[Path]:
    """The captures of a folder and those below it."""
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())


def shown(items: Counter[Item]) -> str:
    """The first few items."""
    return "; ".join(" ".join(item)[:60] for item in list(items)[:3]).replace("|", "\\|")


def main(folders: list[str]) -> None:
    """Print one line per capture and kind."""
    print("| file | kind | waakzaam | tshark | tshark, reordering | verdict | reason |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for folder in folders:
        for path in captures(Path(folder)) if Path(folder).is_dir() else [Path(folder)]:
            for row in compare(path):
                why = row.reason or f"only tshark: {shown(row.lost)}; only waakzaam: {shown(row.more)}"
                why = why if row.verdict != "equal" else "–"
                counts = f"{row.ours} | {row.off} | {row.on}"
                print(f"| {row.file} | {row.kind} | {counts} | {row.verdict} | {why} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
