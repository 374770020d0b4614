"""What a reader sees, worked out once for the terminal and the HTML report.

A view holds sentences and words, not tables; strings from evidence in it are still as they came, and the
renderer that shows them escapes them.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, overload

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.report.accesses import AccessShown, summarise
from waakzaam.report.coverage import Coverage, measure
from waakzaam.report.devices import DeviceShown, shown
from waakzaam.report.flows import Flow, summed
from waakzaam.report.hidden import Hidden, hidden, with_keys
from waakzaam.report.ledger import LedgerRow, Worth, ledger, worth
from waakzaam.report.model import CaseFacts, Report, StepView
from waakzaam.report.owners import Owners, owners
from waakzaam.report.text import Text
from waakzaam.report.transfers import TransferShown
from waakzaam.report.transfers import shown as transfers_shown
from waakzaam.report.words import SEVERITIES, Words
from waakzaam.report.world_map import WorldMap, draw

CHAINS_SHOWN = 3
"""Chains shown for one finding; each has another path."""

PREVIEW_SHORT = 16
"""Characters of a step that are shown when values are not: enough to see what kind of text it is."""

PREVIEW_LONG = 240
"""Characters of a step that are shown when values are shown."""

REASONS_SHOWN = 4
"""Reasons named beside the findings; all are listed further below."""

Row = dict[str, Any]


@dataclass(frozen=True)
class StepShown:
    """One step of a chain in words."""

    name: str
    kind: str
    kind_key: str
    size: str
    preview: str


@dataclass(frozen=True)
class ChainShown:
    """A chain in words, and the sighting it belongs to."""

    sighting: str
    path: str
    steps: tuple[StepShown, ...]
    value: str


@dataclass(frozen=True)
class FindingShown:
    """A finding in words."""

    id: str
    severity: str
    title: str
    rule: Mapping[str, str]  # shows, why, how_found, does_not_show, where the catalogue has them
    recipient: str | None
    app: str | None
    data: tuple[str, ...]
    protection: str
    often: str
    path: str | None  # of the first sighting, in the notation of chains
    keys: tuple[str, ...]  # where its keys come from, a sentence each
    value: str | None
    confidence: str | None
    why_severity: str | None
    chains: tuple[ChainShown, ...]
    more_chains: int
    references: tuple[str, ...]
    cases: tuple[CaseFacts, ...]
    not_checked: tuple[str, ...]
    command: str


@dataclass(frozen=True)
class View:
    """The report in words."""

    evidence: tuple[Row, ...]
    summary: tuple[str, ...]
    coverage: Coverage
    worth: Worth
    closed: str | None  # why the rest stayed closed, in one sentence
    ledger: tuple[LedgerRow, ...]
    flows: tuple[Flow, ...]
    identifiers: tuple[Row, ...]
    accesses: tuple[AccessShown, ...]
    devices: tuple[DeviceShown, ...]
    transfers: tuple[TransferShown, ...]
    map: WorldMap | None
    findings: tuple[FindingShown, ...]
    recipients: Sequence[Row]
    recipients_with_data: int
    owners: Owners
    problems: tuple[Row, ...]
    limits: tuple[Row, ...]
    not_checked: tuple[str, ...]
    hidden: Hidden
    advice: tuple[Row, ...]
    phone: str
    banner: tuple[str, ...]


def build(report: Report, text: Text) -> View:
    """Work out what a reader sees of ``report`` in the language of ``text``."""
    words = Words(text)
    coverage = measure(report)
    flows = summed(report, words)
    transfers = transfers_shown(report, words)
    findings = _findings(report, words)
    recipients, with_data = _recipients(report, {flow.recipient for flow in flows})
    problems = tuple(report.table("problems").to_pylist())
    limits = tuple(report.table("limits").to_pylist())
    evidence = tuple(report.table("evidence").to_pylist())
    return View(
        evidence=evidence,
        summary=_summary(evidence, coverage, findings, len(problems), len(limits), words),
        coverage=coverage,
        worth=worth(coverage, words),
        closed=_closed(coverage, words),
        ledger=ledger(report),
        flows=flows,
        identifiers=tuple(report.table("identifiers").to_pylist()),
        accesses=summarise(report),
        devices=shown(report),
        transfers=transfers,
        map=draw(transfers),
        findings=findings,
        recipients=recipients,
        recipients_with_data=with_data,
        owners=owners(report),
        problems=problems,
        limits=limits,
        not_checked=_not_checked(report, coverage, words),
        hidden=hidden(report, words),
        advice=_advice(report),
        phone=_phone(report, words),
        banner=_banner(report, words),
    )


def _period(rows: tuple[Row, ...], words: Words) -> str | None:
    firsts = [row["first"] for row in rows if row["first"] is not None]
    lasts = [row["last"] for row in rows if row["last"] is not None]
    return words.period(min(firsts, default=None), max(lasts, default=None))


def _summary(
    evidence: tuple[Row, ...],
    coverage: Coverage,
    findings: tuple[FindingShown, ...],
    problems: int,
    limits: int,
    words: Words,
) -> tuple[str, ...]:
    t = words.t
    said = []
    period = _period(evidence, words)
    if not evidence:
        said.append(t("summary.no_files"))
    elif period is None:
        said.append(t("summary.files", count=len(evidence)))
    else:
        said.append(t("summary.files_period", count=len(evidence), period=period))
    if coverage.messages:
        said.append(t("summary.messages", count=coverage.messages))
    if coverage.hosts:
        said.append(t("summary.recipients", count=coverage.hosts))
    if coverage.names:
        said.append(t("summary.names", count=coverage.names))
    if coverage.connections:
        said.append(_coverage(coverage, words))
    if coverage.lookups:
        said.append(t("summary.lookups", count=coverage.lookups))
    if findings:
        said += _what_was_found(findings, words)
    elif not coverage.messages:
        said.append(t("summary.no_messages"))
    else:
        said.append(t("summary.no_findings"))
        said.append(
            t(
                "summary.no_findings_limit"
                if coverage.closed or coverage.names
                else "summary.no_findings_all_opened"
            )
        )
    if problems:
        said.append(t("summary.problems", count=problems))
    if limits:
        said.append(t("summary.limits", count=limits))
    return tuple(said)


def _coverage(coverage: Coverage, words: Words) -> str:
    if coverage.closed == 0:
        key = "summary.coverage_one_opened" if coverage.opened == 1 else "summary.coverage_all_opened"
    else:
        key = "summary.coverage" if coverage.opened else "summary.coverage_none_opened"
    number = words.text.number
    return words.t(
        key,
        total=number(coverage.connections),
        opened=number(coverage.opened),
        opened_bytes=words.size(coverage.opened_bytes_up),
        closed=number(coverage.closed),
        closed_bytes=words.amount(coverage.closed_bytes_up),
    )


def _closed(coverage: Coverage, words: Words) -> str | None:
    """Say for which reasons connections stayed closed, the most frequent first."""
    reasons = [
        words.t("worth.reason", count=each.connections, why=words.reason(each.why))
        for each in coverage.reasons[:REASONS_SHOWN]
    ]
    return words.t("worth.closed", reasons=words.join(reasons)) if reasons else None


def _what_was_found(findings: tuple[FindingShown, ...], words: Words) -> list[str]:
    t = words.t
    counts = [(word, sum(each.severity == word for each in findings)) for word in SEVERITIES]
    parts = [
        t("summary.severity_count", number=words.text.number(count), severity=t(f"severity.{word}"))
        for word, count in counts
        if count
    ]
    said = [t("summary.findings", count=len(findings), severities=words.join(parts))]
    by_recipient: dict[str | None, list[str]] = {}
    for each in findings:
        by_recipient.setdefault(each.recipient, []).extend(each.data)
    named = list(by_recipient.items())
    for recipient, data in named[:3]:
        kinds = words.join(dict.fromkeys(data))
        said.append(t("summary.seen", recipient=words.host(recipient, 60), data=kinds))
    if len(named) > 3:
        said.append(t("summary.seen_more", count=len(named) - 3))
    return said


def _findings(report: Report, words: Words) -> tuple[FindingShown, ...]:
    table = report.table("findings")
    rows = table.to_pylist()
    wanted = {name for row in rows for name in row["sightings"] or ()}
    sightings = report.table("sightings")
    chosen = sightings.filter(pc.is_in(sightings.column("sighting"), pa.array(sorted(wanted), pa.string())))
    by_id = {row["sighting"]: row for row in with_keys(report, chosen, words)}
    rank = {word: position for position, word in enumerate(SEVERITIES)}
    rows.sort(key=lambda row: rank.get(row["severity"], len(rank)))
    return tuple(_finding(report, row, by_id, words) for row in rows)


def _finding(report: Report, row: Row, sightings: Mapping[str, Row], words: Words) -> FindingShown:
    text = words.text
    recipient = words.host(row["recipient"], 80)
    rule = f"rule.{row['rule']}"
    mine = [sightings[name] for name in row["sightings"] or () if name in sightings]
    total = row["sightings_total"] if row["sightings_total"] is not None else len(row["sightings"] or ())
    chains = _chains(report, mine, words)
    title_key = f"{rule}.title"
    title = text.t(title_key, recipient=recipient) if title_key in text else row["title"]
    return FindingShown(
        id=row["finding"] or "",
        severity=row["severity"] if row["severity"] in SEVERITIES else "note",
        title=title or row["rule"] or text.t("unknown"),
        rule={
            part: text.t(f"{rule}.{part}", recipient=recipient)
            for part in ("shows", "why", "how_found", "does_not_show")
            if f"{rule}.{part}" in text
        },
        recipient=row["recipient"],
        app=None if row["app"] is None else words.app(row["app"], (row["app_basis"] or "").split("; ")),
        data=tuple(dict.fromkeys(words.datum(each) for each in row["data"] or ())),
        protection=words.protection(
            row["transport"], row["disguise"], (layer for each in mine for layer in each["layers"] or ())
        ),
        often=_often(mine, total, words),
        path=mine[0]["path"] if mine else None,
        keys=tuple(mine[0]["keys"]) if mine else (),
        value=mine[0]["value_shown"] if mine else None,
        confidence=None if row["confidence"] is None else text.name("confidence", row["confidence"]),
        why_severity=words.severity_reasons(row["why_severity"]),
        chains=chains,
        more_chains=max(total - len(chains), 0),
        references=tuple(row["references"] or ()),
        cases=tuple(case for name in row["cases"] or () if (case := report.case(name)) is not None),
        not_checked=tuple(words.not_checked(each) for each in row["not_checked"] or ()),
        command=f"waakzaam explain {row['finding']}{_case_option(report)}",
    )


def _case_option(report: Report) -> str:
    """Return what names the case on a command line; nothing for the case that is looked in anyway."""
    return f" --case {shlex.quote(report.case_path)}" if report.case_path else ""


def _often(sightings: list[Row], total: int, words: Words) -> str:
    times: list[datetime] = [row["time"] for row in sightings if row["time"] is not None]
    period = words.period(min(times, default=None), max(times, default=None))
    # The ids of a finding may be only the first of many; a period of those would be wrong for all.
    if period is None or len(sightings) < total:
        return words.t("findings.seen", count=total)
    return words.t("findings.seen_period", count=total, period=period)


def _chains(report: Report, sightings: list[Row], words: Words) -> tuple[ChainShown, ...]:
    shown: dict[str, ChainShown] = {}
    for row in sightings:
        chain = report.chains.get(row["sighting"])
        path = row["path"] or ""
        if chain is None or path in shown:
            continue
        steps = tuple(_step(step, report.show_values, words) for step in chain.steps)
        shown[path] = ChainShown(row["sighting"], path, steps, words.cut(chain.value_shown))
        if len(shown) == CHAINS_SHOWN:
            break
    return tuple(shown.values())


def _step(step: StepView, show_values: bool, words: Words) -> StepShown:
    name = words.layer(step.layer)
    if step.selector:
        name = words.t("layer.inside", layer=name, selector=words.cut(step.selector, 120))
    # A step holds the value too, so it is shortened with it. Without the tail: the middle of a cut text
    # says where the value sits.
    most = PREVIEW_LONG if show_values else PREVIEW_SHORT
    preview = step.preview if len(step.preview) <= most else step.preview[:most] + "…"
    kind = words.text.name("kind", step.kind)
    return StepShown(name, kind, step.kind, words.size(step.size), preview)


class Rows(Sequence[Row]):
    """Rows of a table in some order, made when they are looked at: pages show the first of very many."""

    def __init__(self, table: pa.Table, order: Sequence[int]) -> None:
        self._table, self._order = table, order

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        wanted = self._order[place] if isinstance(place, slice) else [self._order[place]]
        rows: list[Row] = self._table.take(pa.array(wanted, pa.int64())).to_pylist()
        return rows if isinstance(place, slice) else rows[0]


def _recipients(report: Report, with_data: set[str | None]) -> tuple[Rows, int]:
    found = set(report.table("findings").column("recipient").to_pylist())
    table = report.table("recipients")
    hosts, sizes = table.column("host").to_pylist(), table.column("bytes_up").to_pylist()

    def order(place: int) -> tuple[bool, bool, int, str]:
        host = hosts[place]
        return (host not in found, host not in with_data, -(sizes[place] or 0), host or "")

    rows = Rows(table, sorted(range(len(hosts)), key=order))
    return rows, sum(host in found or host in with_data for host in hosts)


def _not_checked(report: Report, coverage: Coverage, words: Words) -> tuple[str, ...]:
    said = [words.not_checked(each) for each in report.not_checked]
    for each in coverage.reasons:
        why, size = words.reason(each.why), words.amount(each.bytes_up)
        said.append(words.t("not_checked.closed", count=each.connections, why=why, size=size))
    said += [words.t(f"not_checked.{each}") for each in ("values", "use", "always")]
    return tuple(dict.fromkeys(said))


def _advice(report: Report) -> tuple[Row, ...]:
    profile = report.phone.get("profile")
    rows = report.table("advice").to_pylist()
    return tuple(row for row in rows if profile is None or row["profile"] in (None, profile))


def _phone(report: Report, words: Words) -> str:
    phone = report.phone
    device = " ".join(value for key in ("brand", "model") if (value := phone.get(key)))
    parts = [device] if device else []
    maker = phone.get("maker")
    if maker and maker != phone.get("brand"):
        parts.append(words.t("phone.maker", value=maker))
    parts += [
        words.t(f"phone.{key}", value=value)
        for key in ("os", "build", "patch_level")
        if (value := phone.get(key))
    ]
    if not parts:
        return words.t("phone.not_described")
    return words.t("phone.described", what=words.cut(words.join(parts)))


def _banner(report: Report, words: Words) -> tuple[str, ...]:
    if report.reconstruction_of is None:
        return ()
    by = report.reconstruction_by
    first = words.t("banner.reconstruction", by=by) if by else words.t("banner.reconstruction_unnamed")
    case = report.case(report.reconstruction_of)
    if case is None:
        return (first,)
    return (first, words.t("banner.case", title=case.title, date=case.date))
