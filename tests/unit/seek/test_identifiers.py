from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from waakzaam.audit import audit


def identifiers(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = audit([path], show_values=True).tables["identifiers"].to_pylist()
    return rows


def test_plain_and_hashed_forms_are_one_identifier(examples: Path) -> None:
    (one,) = identifiers(examples / "hashed-identifier/capture.har")
    assert one["datum"] == "device-id/android-id"
    assert len(one["forms"]) == 3
    plain, md5, sha1 = one["forms"]
    assert plain == "plain"
    assert md5.startswith("md5(")
    assert sha1.startswith("sha1(")
    assert len(one["hosts"]) == 3
    assert one["messages"] == 3
    assert one["confidence"] == "high"


def test_other_digests_are_not_linked(examples: Path) -> None:
    found = identifiers(examples / "hashed-identifier/negative-twin.har")
    (plain,) = [one for one in found if one["datum"] == "device-id/android-id"]
    assert plain["forms"] == ["plain"]
    assert len(plain["hosts"]) == 1
    assert plain["confidence"] == "low"
    assert not any("(" in form for one in found for form in one["forms"])


@pytest.mark.parametrize(
    ("value", "linked"),
    [("guest-4711-aa", True), ("jan.peeters@example.org", True), ("screen_opened", False)],
)
def test_names_of_events_are_no_identifiers(tmp_path: Path, value: str, linked: bool) -> None:
    """Analytics send the name of an event beside its digest; that singles nobody out."""
    import hashlib
    import json

    digest = hashlib.md5(value.encode()).hexdigest()
    request = {
        "method": "POST",
        "url": "https://collect.meten.example/e",
        "httpVersion": "HTTP/1.1",
        "headers": [{"name": "Content-Type", "value": "application/json"}],
        "postData": {"mimeType": "application/json", "text": json.dumps({"what": value, "what_md5": digest})},
    }
    entry = {"startedDateTime": "2026-01-01T00:00:00Z", "request": request, "response": {"status": 204}}
    path = tmp_path / "one.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}), "utf-8")
    assert [one["value_shown"] for one in identifiers(path)] == ([value] if linked else [])
