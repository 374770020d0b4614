"""From an audit to what the renderers are given."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam import __version__
from waakzaam.audit import Audit
from waakzaam.errors import WaakzaamError
from waakzaam.explain import Explained, explain
from waakzaam.knowledge import load
from waakzaam.knowledge.corrections import corrections as address
from waakzaam.knowledge.model import UNCONFIRMED, Case
from waakzaam.peel.chain import kind_of
from waakzaam.peel.keys import marks, masked
from waakzaam.report.model import CaseFacts, ChainView, Report, StepView

CHAINS_OF_A_FINDING = 3
"""Sightings of each finding whose chain is shown in full."""
RECONSTRUCTION_BY = "the makers of waakzaam"
"""Who made the bundled reconstructions; only they name a case in the phone description."""
SECRET = 4
"""Shorter values are words that stand everywhere."""
SHOWN = 2
"""Bytes of a value that stay visible in the preview of a step."""
PREVIEW = 400
"""Characters of a step kept for the renderers, which cut further."""
NOT_CHECKED = ("answers", "ciphers", "packages")
"""What this version never looks at: keys of the catalogue (``not_checked.*``)."""


def compose(
    audit: Audit,
    *,
    with_chains: bool = False,
    case_path: Path | None = None,
    corrections: str | None = None,
) -> Report:
    """Put an audit into the form that renderers take.

    Args:
        audit: its tables are not changed.
        with_chains: read the evidence again and compute the chains that pages show.
        case_path: where the case is kept, if another place than the usual one.
        corrections: where to ask for a correction; default: what ``corrections.toml`` says.

    Raises:
        WaakzaamError: there is no such place, or it is no address.
    """
    phone = audit.phone
    described = {
        "brand": phone.brand,
        "maker": _maker(phone.brand),
        "model": phone.model,
        "os": phone.os,
        "build": phone.build,
        "patch_level": phone.patch_level,
        "profile": audit.profile,
    }
    told = audit.tables["findings"]["cases"].to_pylist()
    wanted = list(dict.fromkeys(case for cases in told for case in cases or ()))
    if phone.reconstruction_of and phone.reconstruction_of not in wanted:
        wanted.append(phone.reconstruction_of)
    facts = load()
    cases = facts.cases
    return Report(
        tables=audit.tables,
        made_at=audit.made_at,
        version=__version__,
        phone=described,
        cases=tuple(_case(cases[name]) for name in wanted if name in cases),
        reconstruction_of=phone.reconstruction_of,
        reconstruction_by=RECONSTRUCTION_BY if phone.reconstruction_of else None,
        not_checked=NOT_CHECKED if not audit.answers else NOT_CHECKED[1:],
        chains=_chains(audit) if with_chains else {},
        policy_id=audit.policy.id,
        show_values=audit.show_values,
        command=audit.command,
        facts_as_of=facts.as_of,
        facts_origin=facts.origin,
        case_path=str(case_path) if case_path else None,
        corrections=address(corrections),
    )


def _maker(brand: str | None) -> str | None:
    """Who makes phones of a brand, if the facts tell."""
    if brand is None:
        return None
    wanted = brand.casefold()
    for each in load().organisations.values():
        if wanted in (name.casefold() for name in each.brands):
            return each.name
    return None


def _case(case: Case) -> CaseFacts:
    """What a report tells of a case: nothing that is not confirmed."""
    statements = [each for each in case.statements if each.confidence != UNCONFIRMED]

    def said(*kinds: str) -> Iterable[str]:
        for each in statements:
            if each.kind in kinds:
                when = f" ({each.date.isoformat()})" if each.date else ""
                yield f"{each.by}{when}: {each.text}"

    claims = [each for each in statements if each.kind == "claim as reported"]
    sources = dict.fromkeys([*case.source, *(name for each in statements for name in each.source)])
    return CaseFacts(
        id=case.id,
        title=case.title,
        date=case.date.isoformat(),
        claim_as_reported="\n".join(each.text for each in claims),
        by="; ".join(dict.fromkeys(each.by for each in claims)),
        technical_text="\n".join(said("technical text", "text of law")),
        answer="\n".join(said("answer")),
        others=tuple(said("assessment")),
        scope_limits=tuple(said("scope limit")),
        sources=tuple(load().sources[name].cite() for name in sources),
    )


def _chains(audit: Audit) -> dict[str, ChainView]:
    """Chains of the first sightings of each finding, computed again from the evidence."""
    lists = audit.tables["findings"]["sightings"].to_pylist()
    names = [name for sightings in lists for name in sightings[:CHAINS_OF_A_FINDING]]
    sightings = audit.tables["sightings"]
    rows = sightings.filter(pc.is_in(sightings["sighting"], pa.array(names, pa.string()))).to_pylist()
    secrets = None if audit.show_values else _pattern(audit.values)
    found = {}
    try:
        tables = audit.tables
        for each in explain(rows, tables["evidence"], proofs=tables["proofs"], confinement=audit.confinement):
            found[each.sighting["sighting"]] = _view(each, secrets)
    except WaakzaamError:
        # A file that changed while it was read: the report says less, `explain` will say why.
        return {}
    return found


def _pattern(values: Iterable[bytes]) -> re.Pattern[bytes] | None:
    """Finds every value that may not be shown, the longest first, in any case."""
    listed = sorted({value for value in values if len(value) >= SECRET}, key=len, reverse=True)
    return re.compile(b"|".join(map(re.escape, listed)), re.IGNORECASE) if listed else None


def _view(explained: Explained, secrets: re.Pattern[bytes] | None) -> ChainView:
    selectors = [step.selector for step in explained.steps[1:]]
    if secrets is not None:
        selectors = masked(selectors, marks(explained.proofs))
    steps = tuple(
        StepView(
            layer=step.layer,
            selector=selectors[number - 1] if number else step.selector,
            kind=kind_of(step.layer) if number else "message",
            size=len(step.data),
            preview=_preview(step.data, secrets),
        )
        for number, step in enumerate(explained.steps)
    )
    return ChainView(steps=steps, value_shown=explained.sighting["value_shown"])


def _preview(data: bytes, secrets: re.Pattern[bytes] | None) -> str:
    """The start of some bytes as text, values left out; bytes that are no text as hexadecimal digits."""
    # Look a little further than is shown: a value may begin before the cut and end after it.
    start = data[: 2 * PREVIEW]
    if secrets is not None:
        start = secrets.sub(lambda match: match[0][:SHOWN] + "…".encode(), start)
    start = start[:PREVIEW]
    text = start.decode("utf-8", "replace")
    # The last character may be cut in two, and bytes may be open; more damage means that it is no text.
    if text[:-1].count("\ufffd") > start.count(b"\xff"):
        return start[: PREVIEW // 4].hex(" ")
    return text.removesuffix("\ufffd")
