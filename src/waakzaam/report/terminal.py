"""The report for a terminal: 80 columns, colour only where it is wanted, nothing from evidence in the raw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TextIO

from waakzaam.report.escape import escape_terminal
from waakzaam.report.layout import columns, indented, width_of, wrap
from waakzaam.report.ledger import LedgerRow
from waakzaam.report.model import Report
from waakzaam.report.owners import Node
from waakzaam.report.text import Text
from waakzaam.report.view import FindingShown, View, build
from waakzaam.report.words import Words

RECIPIENTS_SHOWN = 20
"""Hosts in the table when no data were seen going to more of them."""

ACCESSES_SHOWN = 20
"""Rows of the table of accesses; the HTML and JSON reports have more."""
OWNERS_SHOWN = 12
"""Top owners; the HTML report has more, with dates and sources of each step."""
TRANSFERS_SHOWN = 12
"""Rows of the table of countries; the HTML and JSON reports have more, with laws and questions."""
DEVICES_SHOWN = 12
"""Rows of the table of devices; the HTML and JSON reports have more."""

HIDDEN_SHOWN = 8
"""Fields that stayed closed and of which something is known; the HTML and JSON reports have more."""

LEDGER_SHOWN = 8
"""Rows of the ledger; the HTML and JSON reports have more."""

BAR = 40
"""Characters of the bar that shows how much was opened."""

LINES_SHOWN = 10
"""Problems and limits that are listed; the rest is counted."""

HOST_WIDTH = 60
"""Characters of a host in the terminal; the HTML and JSON reports have more."""

_BOLD, _DIM, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[0m"
_SEVERITY = {"high": "\x1b[1;35m", "medium": "\x1b[1;36m", "low": "\x1b[1m", "note": "\x1b[2m"}


def wants_colour(out: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether to colour: only a terminal that is not dumb, never if NO_COLOR is set (no-color.org)."""
    if environ.get("NO_COLOR") or environ.get("TERM") == "dumb":
        return False
    return out.isatty()


def render_terminal(report: Report, text: Text, *, width: int = 80, colour: bool = False) -> str:
    """Return the report as lines of at most ``width`` columns, ending in a newline."""
    return _Page(report, build(report, text), Words(text), max(width, 40), colour).render()


class _Page:
    """Gathers the lines. Every string passes `_line`, which escapes what evidence may have put into it."""

    def __init__(self, report: Report, view: View, words: Words, width: int, colour: bool) -> None:
        self.report, self.view, self.words = report, view, words
        self.t, self.width, self.colour = words.t, width, colour
        self.lines: list[str] = []

    def render(self) -> str:
        self.head()
        self.examined()
        self.summary()
        self.findings()
        self.recipients()
        self.owners()
        self.transfers()
        self.devices()
        self.accesses()
        self.hidden()
        self.open_ends()
        self.advice()
        self.repeat()
        return "\n".join(self.lines) + "\n"

    # How a line is written.

    def style(self, line: str, code: str) -> str:
        return f"{code}{line}{_OFF}" if self.colour and line else line

    def put(self, text: str, *, first: str = "", rest: str | None = None, code: str = "") -> None:
        for line in indented(escape_terminal(text), self.width, first=first, rest=rest):
            self.lines.append(self.style(line, code) if code else line)

    def title(self, key: str) -> None:
        heading = self.t(key)
        self.lines.append("")
        self.put(heading.upper(), code=_BOLD)

    def pairs(self, rows: list[tuple[str, str]], indent: str = "    ") -> None:
        label = max((width_of(name) for name, _ in rows), default=0)
        for name, value in rows:
            self.put(value, first=f"{indent}{name}{' ' * (label - width_of(name) + 2)}")

    def table(self, rows: list[list[str]], least: list[int]) -> None:
        clean = [[escape_terminal(cell) for cell in row] for row in rows]
        for number, lines in enumerate(columns(clean, self.width - 2, least)):
            self.lines += [self.style("  " + line, _BOLD if number == 0 else "") for line in lines]

    def host(self, value: str | None) -> str:
        # Escaped before it is cut: an escape is longer than the character it stands for.
        return self.words.host(None if value is None else escape_terminal(value), HOST_WIDTH)

    # The parts, in the order in which they are read.

    def head(self) -> None:
        self.put(self.t("document.title"), code=_BOLD)
        made = self.words.moment(self.report.made_at)
        self.put(self.t("document.subtitle", version=self.report.version, made_at=made), code=_DIM)
        for sentence in self.view.banner:
            self.put(sentence, first="  ! " if sentence == self.view.banner[0] else "    ", code=_BOLD)

    def examined(self) -> None:
        self.title("evidence.title")
        self.put(self.view.phone, first="  ")
        if not self.view.evidence:
            self.put(self.t("evidence.none"), first="  ")
        for row in self.view.evidence:
            self.put(self.words.cut(row["path"] or self.t("unknown")), first=f"  {row['evidence'] or '-'}  ")
            facts = [
                row["format"] or self.t("evidence.unrecognised"),
                self.words.size(row["size"]),
                self.words.period(row["first"], row["last"]),
                self.t("evidence.status_line", how=self.words.text.name("status", row["status"])),
            ]
            self.put(self.words.join(fact for fact in facts if fact), first="      ")
            if row["sha256"]:
                self.put(row["sha256"], first=f"      {self.t('evidence.sha256')} ", rest="      ", code=_DIM)

    def summary(self) -> None:
        self.title("summary.title")
        self.put(self.t("format.sentence_separator").join(self.view.summary), first="  ")

    def findings(self) -> None:
        self.title("findings.title")
        if not self.view.findings:
            said = self.t(f"verdict.{self.view.worth.band}", percent=self.view.worth.percent)
            self.put(said, first="  ", code=_BOLD)
        self.worth()
        if self.view.findings:
            self.lines.append("")
        for number, finding in enumerate(self.view.findings):
            if number:
                self.lines.append("")
            self.finding(finding)

    def worth(self) -> None:
        """What the findings rest on: a bar, a sentence, and the ledger by evidence and app."""
        worth = self.view.worth
        if worth.percent is not None:
            filled = BAR * worth.percent // 100 or (1 if worth.percent else 0)
            self.put(f"[{'#' * filled}{'.' * (BAR - filled)}]", first="  ")
            self.put(worth.sentence, first="  ")
        if self.view.closed:
            self.put(self.view.closed, first="  ")
        rows = self.view.ledger
        if not rows:
            return
        self.lines.append("")
        head = [self.t(f"ledger.{key}") for key in ("app", "evidence", "opened", "closed", "sent", "share")]
        self.table([head, *(self.ledger_row(row) for row in rows[:LEDGER_SHOWN])], [20, 4, 6, 6, 7, 8])
        if len(rows) > LEDGER_SHOWN:
            self.put(self.t("ledger.more", count=len(rows) - LEDGER_SHOWN), first="  ")

    def ledger_row(self, row: LedgerRow) -> list[str]:
        number = self.words.text.number
        share = self.t("unknown") if row.percent is None else self.t("ledger.percent", percent=row.percent)
        app = self.words.app(row.app and escape_terminal(row.app), row.basis)
        return [
            app,
            row.evidence or "-",
            number(row.opened),
            number(row.closed),
            self.words.size(row.bytes_up),
            share,
        ]

    def finding(self, finding: FindingShown) -> None:
        mark = f"[{self.t(f'severity.{finding.severity}')}]"
        code = _SEVERITY[finding.severity]
        self.put(finding.title, first=f"  {finding.id}  {mark} ", rest="      ", code=code)
        rows = [(self.t("findings.recipient"), self.host(finding.recipient))]
        if finding.app:
            rows.append((self.t("findings.app"), finding.app))
        rows += [
            *([(self.t("findings.data"), self.words.join(finding.data))] if finding.data else []),
            (self.t("findings.protection"), finding.protection),
            *([(self.t("findings.often"), finding.often)] if finding.data else []),
        ]
        if finding.confidence:
            rows.append((self.t("findings.confidence"), finding.confidence))
        if finding.why_severity:
            rows.append((self.t("findings.why_severity"), finding.why_severity))
        if finding.path:
            rows.append((self.t("findings.chain"), finding.path))
        rows += [(self.t("findings.key"), each) for each in finding.keys]
        if finding.value:
            key = "findings.value" if self.report.show_values else "findings.value_short"
            rows.append((self.t(key), self.words.cut(finding.value)))
        rows += [(self.t("findings.cases"), f"{case.title} ({case.date})") for case in finding.cases]
        rows += [(self.t("findings.not_checked"), each) for each in finding.not_checked]
        self.pairs(rows, "      ")

    def recipients(self) -> None:
        self.title("recipients.title")
        rows = self.view.recipients
        if not rows:
            self.put(self.t("recipients.none"), first="  ")
            return
        shown = rows[: max(RECIPIENTS_SHOWN, min(self.view.recipients_with_data, 5 * RECIPIENTS_SHOWN))]
        head = [self.t(f"recipients.{key}") for key in ("host", "organisation_short", "seat", "server")]
        lines = [[self.host(row["host"]), *self.where(row)] for row in shown]
        self.table([head, *lines], [self.width * 3 // 8, 8, 8, 8])
        if len(rows) > len(shown):
            self.put(self.t("recipients.more_other", count=len(rows) - len(shown)), first="  ")
        self.lines.append("")
        self.put(self.t("recipients.intro") + " " + self.t("recipients.place_note"), first="  ", code=_DIM)

    def where(self, row: Mapping[str, Any]) -> list[str]:
        unknown = self.t("unknown")
        places = [self.words.country(code) for code in row["server_countries"] or ()]
        return [
            row["organisation"] or row["owner"] or unknown,
            self.words.seat(row["seat"], row["seat_country"]),
            self.words.join(places) or unknown,
        ]

    def owners(self) -> None:
        """Owners from the top down, one line each, with the hosts of each organisation."""
        tree, without = self.view.owners.tree, self.view.owners.without
        if not tree and not without:
            return
        self.title("owners.title")
        for node in tree[:OWNERS_SHOWN]:
            self.owner(node, 0)
        if len(tree) > OWNERS_SHOWN:
            self.put(self.t("owners.more", count=len(tree) - OWNERS_SHOWN), first="  ")
        for reason, left in without.items():
            named = self.words.some([self.host(each) for each in left.first], 2, left.count)
            self.put(self.t(f"without.{reason}", count=left.count, hosts=named), first="  - ")
        self.lines.append("")
        self.put(self.t("owners.intro"), first="  ", code=_DIM)

    def owner(self, node: Node, depth: int) -> None:
        step = node.step
        if step is None:
            self.put(
                f"{node.name}, {self.t('owners.sits', seat=self.words.where(node.city, node.country))}",
                first="  ",
            )
        else:
            dates = f" ({self.words.stretch(step.start, step.end)})" if step.start or step.end else ""
            hosts = f": {self.words.some([self.host(each) for each in node.hosts], 2)}" if node.hosts else ""
            self.put(f"{node.name}{dates}{hosts}", first=f"  {'  ' * depth}- ", rest=f"  {'  ' * depth}  ")
        for child in node.children.values():
            self.owner(child, depth + 1)

    def transfers(self) -> None:
        rows = self.view.transfers
        if not rows:
            return
        self.title("transfers.title")
        head = [self.t(f"transfers.{key}") for key in ("organisation", "country", "why", "adequacy")]
        lines = [
            [
                self.words.cut(row.organisation or self.t("unknown"), HOST_WIDTH),
                self.words.country(row.country),
                self.words.text.name("transfer_why", row.why),
                self.words.text.name("adequacy", row.adequacy),
            ]
            for row in rows[:TRANSFERS_SHOWN]
        ]
        self.table([head, *lines], [self.width // 4, 12, 10, 14])
        if len(rows) > TRANSFERS_SHOWN:
            self.put(self.t("transfers.more", count=len(rows) - TRANSFERS_SHOWN), first="  ")
        self.lines.append("")
        self.put(self.t("transfers.intro"), first="  ", code=_DIM)

    def devices(self) -> None:
        rows = self.view.devices
        if not rows:
            return
        self.title("devices.title")
        head = [self.t(f"devices.{key}") for key in ("device", "what", "confidence", "called")]
        lines = [
            [
                self.words.cut(" ".join([row.device, *row.names[:1]]), HOST_WIDTH),
                self.words.device(row),
                self.words.text.name("sure", row.confidence),
                self.words.some(row.hosts, 1) if row.hosts else self.t("devices.nothing"),
            ]
            for row in rows[:DEVICES_SHOWN]
        ]
        self.table([head, *lines], [self.width // 4, 14, 8, 12])
        if len(rows) > DEVICES_SHOWN:
            self.put(self.t("devices.more", count=len(rows) - DEVICES_SHOWN), first="  ")
        self.lines.append("")
        self.put(self.t("devices.intro"), first="  ", code=_DIM)

    def accesses(self) -> None:
        rows = self.view.accesses
        if not rows:
            return
        self.title("accesses.title")
        head = [self.t(f"accesses.{key}") for key in ("app", "category", "count", "period")]
        lines = [
            [
                self.words.cut(row.app or self.t("unknown"), HOST_WIDTH),
                self.words.access(row.category),
                self.words.text.number(row.count),
                self.words.period(row.first, row.last) or self.t("unknown"),
            ]
            for row in rows[:ACCESSES_SHOWN]
        ]
        self.table([head, *lines], [self.width // 4, 8, 5, 10])
        if len(rows) > ACCESSES_SHOWN:
            self.put(self.t("accesses.more", count=len(rows) - ACCESSES_SHOWN), first="  ")
        self.lines.append("")
        self.put(self.t("accesses.intro"), first="  ", code=_DIM)

    def hidden(self) -> None:
        fields, others = self.view.hidden.fields, self.view.hidden.others
        if not fields and not others:
            return
        self.title("hidden.title")
        for field in fields[:HIDDEN_SHOWN]:
            where = f"{self.host(field.host)}{self.words.cut(field.url_path, HOST_WIDTH)}"
            self.put(where, first="  - ")
            rows = [
                (self.t("hidden.where"), self.words.cut(field.place)),
                (self.t("hidden.what"), field.name or self.t("hidden.unnamed")),
                (self.t("findings.protection"), self.words.text.name("disguise", field.disguise)),
                *((self.t("hidden.told"), each) for each in field.told),
            ]
            self.pairs(rows, "      ")
        if len(fields) > HIDDEN_SHOWN:
            self.put(self.t("hidden.more", count=len(fields) - HIDDEN_SHOWN), first="  ")
        if others:
            self.put(self.t("hidden.others", count=others), first="  ")

    def open_ends(self) -> None:
        self.title("not_checked.title")
        for each in self.view.not_checked:
            self.put(each, first="  - ")
        for key, rows, line in (
            ("limits.problems", self.view.problems, self.problem),
            ("limits.reached", self.view.limits, self.limit),
        ):
            if not rows:
                continue
            self.title(key)
            for row in rows[:LINES_SHOWN]:
                self.put(self.words.cut(line(row)), first="  - ")
            if len(rows) > LINES_SHOWN:
                self.put(self.t("limits.more", count=len(rows) - LINES_SHOWN), first="  ")

    def problem(self, row: Mapping[str, Any]) -> str:
        what = row["text"] or row["code"] or self.t("unknown")
        count = row["count"] or 1
        times = f" (×{self.words.text.number(count)})" if count > 1 else ""
        return f"{self.words.place(row['evidence'], row['place'])}: {what}{times}"

    def limit(self, row: Mapping[str, Any]) -> str:
        place = self.words.place(row["evidence"], row["place"])
        what = row["what"] or self.t("unknown")
        if row["limit"] is None:
            return self.t("limits.line_bare", what=what, place=place)
        return self.t("limits.line", what=what, limit=self.words.text.number(row["limit"]), place=place)

    def advice(self) -> None:
        self.title("advice.title")
        profile = self.report.phone.get("profile")
        if profile:
            key = "advice.profile" if self.report.policy_id else "advice.no_policy"
            name = self.words.text.name("profile", profile)
            self.put(self.t(key, profile=name, policy=self.report.policy_id), first="  ")
        if not self.view.advice:
            self.put(self.t("advice.none" if self.view.findings else "advice.no_findings"), first="  ")
        for row in self.view.advice:
            self.put(self.words.action(row["action"], row["subject"]), first="  * ", code=_BOLD)
            rows = [
                (self.t("advice.why"), " ".join(row["why"] or ())),
                (self.t("advice.how"), row["how"]),
                (self.t("advice.undo"), row["undo"]),
                (self.t("advice.sources"), "; ".join(row["sources"] or ())),
            ]
            self.pairs([(name, value) for name, value in rows if value], "    ")

    def repeat(self) -> None:
        if not self.view.findings and not self.report.command:
            return
        self.title("repeat.title")
        if self.view.findings:
            self.put(self.t("repeat.explain"), first="  ")
            self.put(self.view.findings[0].command, first="    ")
        if self.report.command:
            self.put(self.t("repeat.again"), first="  ")
            self.command(self.report.command)

    def command(self, command: str) -> None:
        """Write a command so that it can be copied: broken at spaces with a backslash, or not at all."""
        room = self.width - 8
        line = escape_terminal(command)
        if width_of(line) > room and not any(mark in line for mark in "'\"\\") and "  " not in line:
            pieces = wrap(line, room)
            if " ".join(pieces) == line:
                self.lines += ["    " + " \\\n      ".join(pieces)]
                return
        self.lines.append("    " + line)
