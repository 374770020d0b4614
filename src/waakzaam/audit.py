"""The main job: from evidence to findings and advice. A driver around the stages, not a stage."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from waakzaam.advise.engine import Policy, advise, load_policy
from waakzaam.advise.findings import find
from waakzaam.attribute import attribute
from waakzaam.attribute.app import name_apps, name_in_sightings
from waakzaam.attribute.devices import devices
from waakzaam.attribute.ledger import app_table, not_seen
from waakzaam.attribute.transfers import transfers
from waakzaam.phones.description import Phone
from waakzaam.seek import collect_known, identifiers, private_in, sight
from waakzaam.sources.evidence import READ, Evidence, Progress, Watch
from waakzaam.sources.jail import Confinement, Job
from waakzaam.sources.keys import is_key_file
from waakzaam.sources.together import read_all
from waakzaam.stop import Stop


@dataclass
class Audit:
    """The result of one audit: tables by name, as ``tables.py`` describes them."""

    tables: dict[str, pa.Table]
    phone: Phone
    policy: Policy
    profile: str
    made_at: datetime
    command: str = ""
    show_values: bool = False
    values: tuple[bytes, ...] = ()
    """Every value that was sought: what no report may show unless it was asked for. Never stored."""
    answers: bool = False
    """What servers sent was looked into, too."""
    confinement: Confinement | None = None


def audit(
    paths: Sequence[Path],
    *,
    phone: Phone | None = None,
    known: Sequence[tuple[str, str]] = (),
    profile: str | None = None,
    policy: Policy | None = None,
    answers: bool = False,
    show_values: bool = False,
    confinement: Confinement | None = None,
    progress: Progress | None = None,
    stop: Stop | None = None,
    watch: Watch | None = None,
    workers: int | None = None,
    command: str = "",
) -> Audit:
    """Read evidence, find what left the phone, say to whom it went and what to do about it.

    Args:
        paths: evidence files, any mix of formats; keys among them open every capture.
        phone: the device under test. known: further (datum, value) to seek.
        profile: ``private``, ``professional`` or ``sensitive``; default: what the phone description says.
        policy: default: ``vsse-2021``.
        answers: look into what servers sent, too.
        show_values: show values in full.
        confinement: limits of the reading process.
        progress: called while reading, from several threads.
        stop: ends the reading early, also on Ctrl-C; the audit goes on with what was read.
        watch: sees every batch as it is read, from several threads.
        workers: files read at the same time; default: as many as there are processors.
        command: how it was called, for the report.

    Raises:
        WaakzaamError: a path that cannot be opened. Everything else is a row of ``problems``.
    """
    phone = phone or Phone()
    profile = profile or phone.profile
    policy = policy or load_policy()
    job = Job(answers=answers, keys=tuple(path for path in paths if is_key_file(path)))
    with stop.on_interrupt() if stop else nullcontext():
        evidence = read_all(
            paths, job, confinement=confinement, progress=progress, stop=stop, watch=watch, workers=workers
        )
    tables = {
        name: _all(evidence, name)
        for name in ("messages", "connections", "names", "accesses", "announcements", "problems", "limits")
    }
    tables["evidence"] = pa.concat_tables([each.row() for each in evidence])
    values = collect_known([*phone.known, *known], evidence)
    tables["sightings"] = sight(values, evidence, show_values=show_values)
    tables["identifiers"] = identifiers(tables["sightings"])
    _name_apps(tables, evidence)
    tables["recipients"] = attribute(tables["messages"], tables["connections"], tables["names"])
    tables["transfers"] = transfers(tables["recipients"])
    tables["devices"] = devices(tables["announcements"], tables["connections"], tables["messages"])
    tables["apps"] = app_table(tables["messages"], tables["connections"], tables["accesses"])
    tables["not_seen"] = not_seen(
        *(tables[name] for name in ("connections", "messages", "problems", "limits"))
    )
    tables["findings"] = find(tables["sightings"], private_in(evidence), incognito=phone.incognito)
    described = {"brand": phone.brand, "model": phone.model, "os": phone.os}
    tables["advice"] = advise(tables["findings"], tables["recipients"], profile, policy, described)
    return Audit(
        tables=tables,
        phone=phone,
        policy=policy,
        profile=profile,
        made_at=datetime.now(UTC),
        command=command,
        show_values=show_values,
        values=tuple(each.value for each in values),
        answers=answers,
        confinement=confinement,
    )


def _name_apps(tables: dict[str, pa.Table], evidence: Sequence[Evidence]) -> None:
    """Put into messages, connections and sightings which app they are of, and how that is known."""
    limited = {each.id: each.apps[0] for each in evidence if len(each.apps) == 1}
    formats = {each.id: each.format for each in evidence}
    named = name_apps(tables["messages"], tables["connections"], formats, limited)
    tables["messages"], tables["connections"] = named.messages, named.connections
    tables["sightings"] = name_in_sightings(tables["sightings"], named.messages)
    tables["limits"] = pa.concat_tables([tables["limits"], named.limits()])


def _all(evidence: Sequence[Evidence], name: str) -> pa.Table:
    return pa.concat_tables([READ[name].empty_table(), *(each.table(name) for each in evidence)])
