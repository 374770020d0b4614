"""The report as one HTML file: no network, no script, nothing from evidence that is more than text.

The file carries its one style sheet, and a content security policy that allows that style sheet (by its
hash) and nothing else: even markup that slipped through could load and run nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from waakzaam.knowledge import Facts, load
from waakzaam.knowledge.corrections import corrections
from waakzaam.report.company import Companies, companies
from waakzaam.report.escape import escape_terminal
from waakzaam.report.model import Report
from waakzaam.report.text import Text
from waakzaam.report.timeline import Timeline, timeline
from waakzaam.report.view import View, build
from waakzaam.report.words import Words

FLOWS_SHOWN = 200
RECIPIENTS_SHOWN = 500
IDENTIFIERS_SHOWN = 100
ACCESSES_SHOWN = 300
DEVICES_SHOWN = 200
TRANSFERS_SHOWN = 200
FINDINGS_SHOWN = 300
PROBLEMS_SHOWN = 200
LEDGER_SHOWN = 50
HIDDEN_SHOWN = 200
OWNERS_SHOWN = 200
MARKS_SHOWN = 12
"""Rows of each table on the page; the rest is counted there and stands in the JSON report."""

COMPANIES_SHOWN = 60
"""Companies with a section of their own; the others are named."""

SECTIONS = (
    "summary",
    "flows",
    "identifiers",
    "findings",
    "cases",
    "recipients",
    "timeline",
    "owners",
    "transfers",
    "devices",
    "accesses",
    "hidden",
    "limits",
    "not_checked",
    "advice",
    "companies",
    "method",
)
"""The sections in the order of the page; each name is its anchor and its family of texts."""

_MARKS = {"high": "▲", "medium": "◆", "low": "●", "note": "○"}


def reveal(value: object) -> object:
    """Make control, bidirectional and invisible characters visible in whatever a template puts out.

    Markup made by the templates themselves is left alone. Escaping of ``<`` and the like comes after.
    """
    if isinstance(value, Markup | int):
        return value
    if not isinstance(value, str):
        raise TypeError(f"a template may only put out text, not {type(value).__name__}")
    return escape_terminal(value)


@cache
def environment() -> Environment:
    """Return the template environment: escaping always on, unknown names an error."""
    return Environment(
        loader=PackageLoader("waakzaam.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=reveal,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def policy(style: str) -> str:
    """Return the content security policy of a page with that one style sheet (CSP Level 3, hash-source)."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def style_sheet() -> str:
    """Return the one style sheet, as the parser of a browser reads it before it is hashed."""
    path = files("waakzaam.report") / "templates" / "report.css"
    return path.read_text(encoding="utf-8").replace("\r\n", "\n")


def render_html(report: Report, text: Text) -> str:
    """Return the whole page in the language of ``text``."""
    words = Words(text)
    view = build(report, text)
    base = load()
    named = view.owners.named
    shown = timeline(report, view, words)
    about = _companies(view, named[:COMPANIES_SHOWN], base, words)
    style = style_sheet()
    return environment().get_template("report.html.j2").render(
        report=report,
        view=view,
        timeline=shown,
        companies=about,
        about=frozenset(named[:COMPANIES_SHOWN]),
        company_ids=view.owners.companies,
        left_out=[base.organisations[id_].name for id_ in named[COMPANIES_SHOWN:]],
        address=report.corrections or corrections(),
        anchors=frozenset(finding.id for finding in view.findings[:FINDINGS_SHOWN]),
        text=text,
        t=text.t,
        words=words,
        marks=_MARKS,
        sections=_sections(view, shown, about),
        style=Markup(style),  # noqa: S704 (our own file, not evidence)
        policy=policy(style),
        most={
            "flows": FLOWS_SHOWN,
            "recipients": RECIPIENTS_SHOWN,
            "identifiers": IDENTIFIERS_SHOWN,
            "accesses": ACCESSES_SHOWN,
            "devices": DEVICES_SHOWN,
            "transfers": TRANSFERS_SHOWN,
            "findings": FINDINGS_SHOWN,
            "problems": PROBLEMS_SHOWN,
            "ledger": LEDGER_SHOWN,
            "hidden": HIDDEN_SHOWN,
            "owners": OWNERS_SHOWN,
            "marks": MARKS_SHOWN,
        },
    )  # fmt: skip


def _companies(view: View, ids: Sequence[str], base: Facts, words: Words) -> Companies | None:
    """Tell of the companies that the report names, as of the day of the latest traffic."""
    if not ids:
        return None
    days = [date.fromisoformat(each.day) for each in view.owners.owned if each.day]
    chosen = [base.organisations[id_] for id_ in ids]
    return companies(chosen, max(days, default=base.as_of), base, words, together=True)


def _sections(view: View, shown: Timeline | None, about: Companies | None) -> tuple[str, ...]:
    """Leave out the sections that would be empty and whose emptiness says nothing."""
    told: dict[str, object] = {
        "identifiers": view.identifiers,
        "timeline": shown,
        "owners": view.owners.owned or view.owners.without,
        "accesses": view.accesses,
        "devices": view.devices,
        "transfers": view.transfers,
        "hidden": view.hidden.fields or view.hidden.others,
        "companies": about,
    }
    return tuple(name for name in SECTIONS if name not in told or told[name])
