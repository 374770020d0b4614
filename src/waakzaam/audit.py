"""The main job: from evidence to findings and advice. A driver around the stages, not a stage."""

from __future__ import annotations

from collections.abc import Sequence
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
from waakzaam.errors import WaakzaamError
from waakzaam.peel.candidates import read_candidates
from waakzaam.peel.stage import unlock
from waakzaam.phones.description import Phone
from waakzaam.seek import Known, collect_known, identifiers, private_in, sight
from waakzaam.seek.known import of_the_device
from waakzaam.sources.candidates import NAME as CANDIDATES
from waakzaam.sources.evidence import READ, STOPPED, Evidence, Progress, Watch
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
    keys: Sequence[Path] = (),
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
        keys: files of keys, whatever they look like: key logs of TLS, or candidates to try on closed values.
        profile: ``private``, ``professional`` or ``sensitive``; default: what the phone description says.
        policy: default: ``vsse-2021``.
        answers: look into what servers sent, too.
        show_values: show values in full.
        confinement: limits of the reading process.
        progress: called while reading, from several threads.
        stop: ends the reading early; the audit goes on with what was read.
        watch: sees every batch as it is read, from several threads.
        workers: files read at the same time; default: as many as there are processors.
        command: how it was called, for the report.

    Raises:
        WaakzaamError: a path that cannot be opened. Everything else is a row of ``problems``.
    """
    phone = phone or Phone()
    profile = profile or phone.profile
    policy = policy or load_policy()
    paths = [*paths, *keys]
    job = Job(answers=answers, keys=tuple(path for path in paths if is_key_file(path)))
    formats = {path: CANDIDATES for path in keys if path not in job.keys}
    for path in formats:
        read_candidates(path)  # a person named it: what is wrong with it ends the audit before it begins
    evidence = read_all(
        paths, job, confinement=confinement, progress=progress, stop=stop, watch=watch, workers=workers,
        formats=formats,
    )  # fmt: skip
    declared = [*phone.known, *known]
    values, unlocked = _unlock(evidence, declared, confinement)
    tables = {
        name: _all(evidence, name)
        for name in ("messages", "connections", "names", "accesses", "announcements", "problems", "limits")
    }
    tables["evidence"] = pa.concat_tables([each.row() for each in evidence])
    tables |= unlocked
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
    tables["findings"] = find(
        tables["sightings"],
        private_in(evidence),
        incognito=phone.incognito,
        proofs=tables["proofs"],
        weaknesses=tables["weaknesses"],
    )
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


def _unlock(
    evidence: Sequence[Evidence],
    declared: Sequence[tuple[str, str]],
    confinement: Confinement | None,
) -> tuple[list[Known], dict[str, pa.Table]]:
    """Open closed values; what is known then, and tables ``proofs``, ``opaque`` and ``weaknesses``."""
    keys = [key for each in evidence if each.format == CANDIDATES for key in _candidates(each)]
    values = collect_known(declared, evidence)
    stopped = any(STOPPED in each.table("problems")["code"].to_pylist() for each in evidence)
    known = of_the_device(values)
    unlocked = unlock(evidence, keys=keys, known=known, confinement=confinement, begin=not stopped)
    if unlocked.opened_values:  # what was inside may name more
        values = collect_known(declared, evidence)
    return values, unlocked.tables


def _candidates(evidence: Evidence) -> list[tuple[str, bytes]]:
    """The keys in a file that looks like one of keys; what is wrong with it is a row."""
    try:
        return read_candidates(evidence.path)
    except WaakzaamError as error:
        evidence.add_problem("unreadable", f"{error}.", "file", "failed")
        return []


def _name_apps(tables: dict[str, pa.Table], evidence: Sequence[Evidence]) -> None:
    """Put into messages, connections and sightings which app they are of, and how that is known."""
    limited = {each.id: each.apps[0] for each in evidence if len(each.apps) == 1}
    formats = {each.id: each.format for each in evidence}
    named = name_apps(tables["messages"], tables["connections"], formats, limited)
    tables["messages"], tables["connections"] = named.messages, named.connections
    for name in ("sightings", "weaknesses"):
        tables[name] = name_in_sightings(tables[name], named.messages)
    tables["limits"] = pa.concat_tables([tables["limits"], named.limits()])


def _all(evidence: Sequence[Evidence], name: str) -> pa.Table:
    return pa.concat_tables([READ[name].empty_table(), *(each.table(name) for each in evidence)])
