"""The trackers of a real first run: what brute force finds is found, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.oracles import brute_force
from waakzaam.audit import Audit, audit

FIRST_RUN = "flows/har/android-first-run.har"

# Everything else in this capture that has the shape of an identifier, by name, with the reason it is none.
NO_IDENTIFIER = {
    "branch_key": "key of the app, the same on every phone",
    "bugsnag-api-key": "key of the app, the same on every phone",
    "apikey": "key of the app, the same on every phone",
    "git_sha": "version of the app",
    "fb_mobile_pckg_fp": "fingerprint of the app's package, the same on every phone",
    "_eventname_md5": "digest of the name of an event",
    "session_id": "number of one session",
    "_session_id": "number of one session",
    "session.id": "number of one session",
    "sessions.id": "number of one session",
    "device_type": "model of the phone",
    "threads.name": "name of a thread",
    "stacktrace.file": "place in the program",
    "stacktrace.method": "place in the program",
}


@pytest.fixture(scope="module")
def sent(shared: Path) -> list[brute_force.Sent]:
    return brute_force.sent(shared / FIRST_RUN)


@pytest.fixture(scope="module")
def result(shared: Path) -> Audit:
    return audit([shared / FIRST_RUN], show_values=True)


@pytest.mark.shared
def test_transmissions_are_those_of_brute_force(sent: list[brute_force.Sent], result: Audit) -> None:
    wanted = {(each.entry, each.host, each.name, each.value) for each in brute_force.identifiers(sent)}
    found = {
        (row["frame"], row["host"], name_of(row["selectors"]), row["value_shown"])
        for row in result.tables["sightings"].to_pylist()
    }
    assert found == wanted
    assert len(wanted) == 30


@pytest.mark.shared
def test_findings_are_about_the_values_that_last(sent: list[brute_force.Sent], result: Audit) -> None:
    lasting = brute_force.lasting(sent)
    wanted = {(each.host, each.value) for each in brute_force.identifiers(sent) if each.value in lasting}
    values = {row["sighting"]: row["value_shown"] for row in result.tables["sightings"].to_pylist()}
    findings = result.tables["findings"].to_pylist()
    assert {(row["recipient"], values[each]) for row in findings for each in row["sightings"]} == wanted
    # `hardware_id` of Branch is new in each message: shown as identifier of low confidence, in no finding.
    assert len({each.value for each in brute_force.identifiers(sent)} - lasting) == 3


@pytest.mark.shared
def test_what_else_looks_like_an_identifier_is_none(sent: list[brute_force.Sent]) -> None:
    taken = set(brute_force.identifiers(sent))
    left = {each for each in brute_force.shaped(sent) if each not in taken}
    names = {each.name if each.name in NO_IDENTIFIER else ".".join(each.names[-2:]).lower() for each in left}
    assert names == set(NO_IDENTIFIER)


def name_of(selectors: list[str]) -> str:
    """The innermost name of a chain: a form field, or the last key of a JSON path."""
    keys: list[str] = re.findall(r"[^.\[\]$']*[^.\[\]$'0-9][^.\[\]$']*", selectors[-1])
    return keys[-1].lower()
