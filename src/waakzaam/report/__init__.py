"""The report stage: a `Report` in; out come words for a terminal, JSON for programs, a page for people.

Nothing here reads evidence or decides anything. Every word a person reads comes from ``locale/``, and every
string that came out of evidence passes through `waakzaam.report.escape` before it is shown. The renderers
are imported on their own (``from waakzaam.report.html import render_html``), so that a run pays only for
those it uses.
"""

from __future__ import annotations

from waakzaam.report.model import CaseFacts, ChainView, Report, StepView
from waakzaam.report.text import Text, available

__all__ = ["CaseFacts", "ChainView", "Report", "StepView", "Text", "available"]
