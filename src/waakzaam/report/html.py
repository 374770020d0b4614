"""The report as one HTML file: no network, no script, nothing from evidence that is more than text.

The file carries its one style sheet, and a content security policy that allows that style sheet (by its
hash) and nothing else: even markup that slipped through could load and run nothing.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from waakzaam.report.escape import escape_terminal
from waakzaam.report.model import Report
from waakzaam.report.text import Text
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
"""Rows of each table on the page; the rest is counted there and stands in the JSON report."""

SECTIONS = (
    "summary",
    "flows",
    "identifiers",
    "findings",
    "cases",
    "recipients",
    "transfers",
    "devices",
    "accesses",
    "hidden",
    "limits",
    "not_checked",
    "advice",
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


def render_html(report: Report, text: Text) -> str:
    """Return the whole page in the language of ``text``."""
    view = build(report, text)
    style = (files("waakzaam.report") / "templates" / "report.css").read_text(encoding="utf-8")
    style = style.replace("\r\n", "\n")  # as the parser of a browser reads it before it is hashed
    return environment().get_template("report.html.j2").render(
        report=report,
        view=view,
        text=text,
        t=text.t,
        words=Words(text),
        marks=_MARKS,
        sections=_sections(view),
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
        },
    )  # fmt: skip


def _sections(view: View) -> tuple[str, ...]:
    """Leave out the sections that would be empty and whose emptiness says nothing."""
    told: dict[str, object] = {
        "identifiers": view.identifiers,
        "accesses": view.accesses,
        "devices": view.devices,
        "transfers": view.transfers,
        "hidden": view.hidden.fields or view.hidden.others,
    }
    return tuple(name for name in SECTIONS if name not in told or told[name])
