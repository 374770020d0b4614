"""What the child of ``unlock`` gives, as rows: of the peel tables, and of what stayed closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pyarrow as pa

from waakzaam.peel.closed import Group, Target
from waakzaam.sources.evidence import Evidence
from waakzaam.sources.jail import Confinement, Ended
from waakzaam.tables import CONTENTS, LEAVES, PATHS, VALUES
from waakzaam.tables_of_unlock import PROOFS

FIRST = 1 << 30
"""Numbers of contents, paths and values from here on are given here: no reader comes so far."""
LIMITED = "of {times} closed values; the first: {place}"

Row = dict[str, Any]


class Rows:
    """Results by closed value; a second run over the same fields takes the place of the first."""

    def __init__(self) -> None:
        self.opened: dict[tuple[int, int, int], tuple[Target, list[Row]]] = {}
        self._proofs: dict[int, list[Row]] = {}
        self._shut: dict[int, tuple[Group, list[Target]]] = {}
        self._formats: dict[int, Counter[tuple[str, str, str, str | None, str]]] = {}
        self._weaknesses: list[tuple[Group, list[Target], Row]] = []
        self._limits: list[tuple[Target, str, int, int]] = []
        self._problems: list[tuple[Target, str, str]] = []
        self._units = 0

    @property
    def opened_groups(self) -> set[int]:
        """Ids of the fields of which a value was opened."""
        return {id(target.group) for target, _ in self.opened.values()}

    def forget(self, groups: Collection[int]) -> None:
        """Drop what was found in these fields."""
        self.opened = {key: each for key, each in self.opened.items() if key[0] not in groups}
        self._shut = {group: each for group, each in self._shut.items() if group not in groups}
        self._formats = {group: each for group, each in self._formats.items() if group not in groups}
        self._weaknesses = [each for each in self._weaknesses if id(each[0]) not in groups]

    def take(self, targets: Sequence[Target], tables: dict[str, pa.Table]) -> None:
        """Take the tables that the child gave for these values."""

        def rows(name: str) -> list[Row]:
            return tables[name].to_pylist() if name in tables else []

        for row in rows("proofs"):
            self._proofs.setdefault(self._units + row.pop("content"), []).append(row)
        for row in rows("unlocked"):
            target = targets[row["target"]]
            row["unit"] += self._units
            key = (id(target.group), target.path, target.value)
            self.opened.setdefault(key, (target, []))[1].append(row)
        for row in rows("shut"):
            target = targets[row["target"]]
            self._shut.setdefault(id(target.group), (target.group, []))[1].append(target)
        for row in rows("formats"):
            target = targets[row["target"]]
            told = (row["id"], row["name"], row["vendor"], row["disguise"], row["text"])
            self._formats.setdefault(id(target.group), Counter())[told] += 1
        for row in rows("weaknesses"):
            # Values of one field in several files are compared together, but proven in one file each. Packets
            # of an unknown protocol have headers, and what is equal in them says nothing.
            about = [targets[number] for number in row["targets"]]
            if len({each.group.evidence.id for each in about}) == 1 and not about[0].group.raw:
                self._weaknesses.append((about[0].group, about, row))
        for row in rows("limits"):
            self._limits.append((targets[row["target"]], row["what"], row["limit"], row["times"]))
        for row in rows("problems"):
            self._problems.append((targets[row["target"]], "malformed", row["text"]))
        self._units = max(self._proofs, default=0) + 1

    def ended(self, targets: Sequence[Target], item: Ended, confinement: Confinement) -> None:
        """The child did not come to its end: what it was to open stays closed."""
        first = targets[0]
        if item.how in ("memory", "time", "silence"):
            limit = confinement.memory if item.how == "memory" else confinement.seconds
            self._limits.append((first, "memory" if item.how == "memory" else "time", limit, len(targets)))
        text = (
            f"Closed values could not be tried: the process that opens them ended ({item.how} {item.detail})"
        )
        self._problems.append((first, "crash", f"{text.strip()}."))

    def add_to(self, evidence: Sequence[Evidence]) -> None:
        """Put what came out into the peel tables of the evidence, and what was met into its other tables."""
        for each in evidence:
            mine = [found for found in self.opened.values() if found[0].group.evidence is each]
            if mine:
                self._add(each, mine)
        told: dict[tuple[str, str], int] = {}
        for target, code, text in self._problems:
            key = (target.group.evidence.id, text)
            told[key] = told.get(key, 0) + 1
            if told[key] == 1:
                target.group.evidence.add_problem(code, text, self._where(target))
        for target, what, limit, times in self._limits:
            where = LIMITED.format(times=times, place=self._where(target))
            target.group.evidence.add_limit(what, limit, where)

    def _where(self, target: Target) -> str:
        return f"message {target.message}: {target.group.place}"

    def _add(self, evidence: Evidence, found: Iterable[tuple[Target, list[Row]]]) -> None:
        number = FIRST
        paths: dict[tuple[Any, ...], int] = {}
        values: dict[bytes, int] = {}
        contents: dict[int, int] = {}
        rows: dict[str, list[Row]] = {
            name: [] for name in ("contents", "paths", "values", "leaves", "proofs")
        }
        chains = _chains(evidence, {target.path for target, _ in found})
        messages = _messages(evidence, {(target.path, target.value) for target, _ in found})
        for target, leaves in found:
            part, layers, selectors = chains[target.path]
            for leaf in leaves:
                content = contents.get(leaf["unit"])
                if content is None:
                    contents[leaf["unit"]] = content = number = number + 1
                    rows["contents"] += [
                        {"message": message, "content": content}
                        for message in messages[target.path, target.value]
                    ]
                    for proof in self._proofs.get(leaf["unit"], ()):
                        step = proof["step"] + len(layers)
                        rows["proofs"].append(
                            {**proof, "evidence": evidence.id, "content": content, "step": step}
                        )
                chain = (part, (*layers, *leaf["layers"]), (*selectors, *leaf["selectors"]))
                if chain not in paths:
                    paths[chain] = number = number + 1
                    rows["paths"].append(
                        {"path": number, "part": part, "layers": chain[1], "selectors": chain[2]}
                        | {"name": leaf["name"]}
                    )
                data = leaf["bytes"]
                if data not in values:
                    values[data] = number = number + 1
                    rows["values"].append({"value": number, "bytes": data})
                rows["leaves"].append({"content": content, "path": paths[chain], "value": values[data]})
        schemas = {
            "contents": CONTENTS, "paths": PATHS, "values": VALUES, "leaves": LEAVES, "proofs": PROOFS,
        }  # fmt: skip
        for name, schema in schemas.items():
            evidence.tables[name].add(pa.RecordBatch.from_pylist(rows[name], schema=schema))

    def opaque(self) -> list[Row]:
        """Rows of table ``opaque``: fields that stayed closed, those of known formats first."""
        rows = []
        for key, (group, targets) in self._shut.items():
            known = self._formats.get(key, Counter()).most_common(1)
            name, title, vendor, disguise, text = known[0][0] if known else (None,) * 5
            rows.append(
                {
                    "evidence": group.evidence.id, "host": group.host or None, "url_path": group.path,
                    "place": group.place, "values": len(targets), "messages": group.messages,
                    "left_out": group.left_out, "disguise": disguise or "opaque", "format": name,
                    "format_name": title, "vendor": vendor, "text": text or None,
                }
            )  # fmt: skip
        rows.sort(key=lambda row: row["format"] is None)
        return rows

    def weaknesses(self) -> list[Row]:
        """Rows of table ``weaknesses``: what closed values tell by themselves."""
        rows = []
        for number, (group, targets, told) in enumerate(self._weaknesses, 1):
            chains = _chains(group.evidence, {target.path for target in targets})
            digits = [told["digits"]] if told["digits"] else []
            _, layers, _ = chains[targets[0].path]
            rows.append(
                {
                    "weakness": f"W{number}", "evidence": group.evidence.id, "host": group.host or None,
                    "app": None, "app_basis": None, "transport": group.transport,
                    "url_path": group.path, "place": group.place,
                    "kind": told["kind"], "block": told["block"] or None, "count": told["count"],
                    "of": told["of"], "log2_chance": told["log2_chance"], "part": group.part,
                    "layers": [*layers, *digits],
                    "selectors": [
                        selector
                        for target in targets
                        for selector in (*chains[target.path][2], *([""] if digits else []))
                    ],
                    "message": targets[0].message, "messages": [target.message for target in targets],
                }
            )  # fmt: skip
        return rows


def _chains(evidence: Evidence, wanted: Collection[int]) -> dict[int, tuple[str, list[str], list[str]]]:
    """Part, layers and selectors of these paths."""
    import pyarrow.compute as pc

    table = evidence.table("paths")
    rows = table.filter(pc.is_in(table["path"], pa.array(wanted, pa.int64()))).to_pylist()
    return {row["path"]: (row["part"], row["layers"], row["selectors"]) for row in rows}


def _messages(evidence: Evidence, wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], list[int]]:
    """The messages that hold these values at these paths."""
    import pyarrow.compute as pc

    ids = pa.array({value for _, value in wanted}, pa.int64())
    pairs: dict[int, list[tuple[int, int]]] = {}
    for batch in evidence.tables["leaves"].batches():
        rows = batch.filter(pc.is_in(batch["value"], ids))
        for row in rows.to_pylist():
            if (row["path"], row["value"]) in wanted:
                pairs.setdefault(row["content"], []).append((row["path"], row["value"]))
    found: dict[tuple[int, int], dict[int, None]] = {pair: {} for pair in wanted}
    contents = pa.array(pairs, pa.int64())
    for batch in evidence.tables["contents"].batches():
        for row in batch.filter(pc.is_in(batch["content"], contents)).to_pylist():
            for pair in pairs[row["content"]]:
                found[pair][row["message"]] = None
    return {pair: list(messages) for pair, messages in found.items()}
