"""What belongs to the site that was asked, and is no news to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from waakzaam.seek import collect_known, sight
from waakzaam.sources.evidence import read_evidence

PAGE = "https://www.videos.example/results?search_query=quiet+harbour"


def entry(url: str, referer: str, body: str) -> dict[str, Any]:
    """A request of a page that runs in a browser."""
    return {
        "startedDateTime": "2026-01-01T00:00:00Z",
        "request": {
            "method": "POST",
            "url": url,
            "httpVersion": "h2",
            "headers": [{"name": "Referer", "value": referer}],
            "postData": {"mimeType": "application/json", "text": body},
        },
        "response": {"status": 204, "headers": [], "content": {"size": 0}},
    }


def test_terms_in_the_address_of_the_page_belong_to_its_site(tmp_path: Path) -> None:
    body = json.dumps({"search_query": "quiet harbour"})
    path = tmp_path / "search.har"
    entries = [
        entry("https://www.videos.example/log", PAGE, body),
        entry("https://collect.other.example/log", "https://www.videos.example/", body),
    ]
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    evidence = read_evidence(1, path)
    found = sight(collect_known([], [evidence]), [evidence]).to_pylist()
    assert {(row["datum"], row["host"]) for row in found} == {("search-query", "collect.other.example")}


def test_another_site_does_not_become_the_one_that_was_asked(tmp_path: Path) -> None:
    path = tmp_path / "search.har"
    body = json.dumps({"search_query": "quiet harbour"})
    entries = [entry("https://collect.other.example/log", PAGE, body)]
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}))
    evidence = read_evidence(1, path)
    found = sight(collect_known([], [evidence]), [evidence]).to_pylist()
    assert {row["host"] for row in found} == {"collect.other.example"}
