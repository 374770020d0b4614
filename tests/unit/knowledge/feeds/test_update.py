"""``waakzaam update`` against a server on this machine that also fails in every way."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.helpers.command import Ran, clear_lines, here
from tests.helpers.misbehaving import Server, serving

from waakzaam.knowledge.feeds.store import Store


def bundle(*hosts: str, modified: str = "2026-01-01T00:00:00Z") -> bytes:
    indicators = [
        {
            "type": "indicator",
            "id": f"indicator--{number}",
            "pattern": f"[domain-name:value='{host}']",
            "modified": modified,
            "valid_from": "2026-01-01T00:00:00Z",
        }
        for number, host in enumerate(hosts)
    ]
    return json.dumps({"type": "bundle", "objects": [{"type": "malware"}, *indicators]}).encode()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        running.pages["/a"] = bundle("one.example", "two.example")
        yield running


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


Capsys = pytest.CaptureFixture[str]


def update(capsys: Capsys, *arguments: str) -> Ran:
    return here(capsys, "update", *arguments)


def test_nothing_is_fetched_unasked(capsys: Capsys, server: Server) -> None:
    ran = update(capsys)
    assert ran.code == 0
    assert "pegasus" in ran.out
    assert "not fetched" in ran.out
    assert not server.asked


def test_first_fetch_then_nothing_new_then_changes(capsys: Capsys, server: Server) -> None:
    first = update(capsys, "pegasus", "--url", server.url("/a"))
    assert first.code == 0, first.err
    digest = hashlib.sha256(server.pages["/a"]).hexdigest()
    assert (
        f"pegasus: 2 entries, made 2026-01-01, {len(server.pages['/a'])} bytes, SHA-256 {digest}" in first.out
    )
    assert "for the first time" in first.out

    second = update(capsys, "pegasus", "--url", server.url("/a"))
    assert "nothing changed" in second.out
    assert "If-None-Match" in server.asked[-1][2]

    server.pages["/a"] = bundle("two.example", "three.example", modified="2026-02-01T00:00:00Z")
    third = update(capsys, "pegasus", "--url", server.url("/a"))
    assert "added 1: [domain-name:value='three.example']" in third.out
    assert "removed 1: [domain-name:value='one.example']" in third.out
    assert digest[:16] not in update(capsys).out

    assert "is in use now" in update(capsys, "pegasus", "--undo").out
    assert digest[:16] in update(capsys).out
    assert update(capsys, "pegasus", "--undo").out == "pegasus: nothing is in use now\n"
    assert "nothing to undo" in clear_lines(update(capsys, "pegasus", "--undo"))[0]


def test_only_the_request_is_sent(capsys: Capsys, server: Server) -> None:
    update(capsys, "pegasus", "--url", server.url("/a"))
    [(method, _, headers)] = server.asked
    assert method == "GET"
    assert headers.keys() == {"Accept-Encoding", "Host", "User-Agent", "Connection"}
    assert headers["User-Agent"] == "waakzaam"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/slow/a", "too slow"),
        ("/drip/a", "too slow"),
        ("/cut/a", "bytes too early"),
        ("/circle", "leads in a circle"),
        ("/far/0", "leads in a circle, or on more than 5 times"),
        ("/to?http://192.0.2.1/a", "not protected on its way"),
        ("/to?file:///etc/hostname", "not protected on its way"),
        ("/garbage", "broke off or is no HTTP"),
        ("/gone/a", "answered 404"),
        ("/html", "is a web page"),
        ("/empty", "is no JSON"),
        ("/text", "is no JSON"),
        ("/list", "no object"),
        ("/deep", "nested too deeply"),
        ("/other", "is no STIX 2 bundle"),
        ("/hollow", "holds no indicator"),
        ("/patternless", "has no pattern"),
    ],
)
def test_what_fails_is_one_line_and_changes_nothing(
    capsys: Capsys, server: Server, path: str, told: str
) -> None:
    server.pages |= {
        "/html": b"<!DOCTYPE html><title>Log in</title>",
        "/text": b"\xff\xfe",
        "/list": b"[]",
        "/deep": b"[" * 200_000,
        "/other": b'{"type": "report", "objects": []}',
        "/hollow": b'{"type": "bundle", "objects": [{"type": "malware"}]}',
        "/patternless": b'{"type": "bundle", "objects": [{"type": "indicator"}]}',
    }
    assert update(capsys, "pegasus", "--url", server.url("/a")).code == 0
    before = Store().versions("pegasus")
    ran = update(capsys, "pegasus", "--url", server.url(path), "--seconds", "1.5")
    assert ran.code == 2
    [line] = clear_lines(ran)
    assert told in line
    assert line.startswith("waakzaam: pegasus: ")
    assert "nothing was changed" in line or "not protected" in line
    assert Store().versions("pegasus") == before
    assert ran.seconds < 10


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://example.org/a", "not protected"),
        ("ftp://example.org/a", "not protected"),
        ("https://user:word@example.org/a", "leave it out"),
        ("https://[/", "is no address"),
        ("https://127.0.0.1:1/a", "cannot be reached"),
    ],
)
def test_addresses_that_are_refused(capsys: Capsys, url: str, told: str) -> None:
    ran = update(capsys, "pegasus", "--url", url)
    assert ran.code == 2
    assert told in clear_lines(ran)[0]


def test_a_server_without_a_certificate_is_refused(capsys: Capsys, server: Server) -> None:
    ran = update(capsys, "pegasus", "--url", server.url("/a").replace("http", "https"))
    assert ran.code == 2
    assert "could not prove who it is" in clear_lines(ran)[0]


def test_a_wrong_digest_is_refused_and_a_right_one_is_taken(capsys: Capsys, server: Server) -> None:
    wrong = update(capsys, "pegasus", "--url", server.url("/a"), "--sha256", "0" * 64)
    assert wrong.code == 2
    assert "not the one that was asked for" in clear_lines(wrong)[0]
    assert Store().current("pegasus") is None
    right = hashlib.sha256(server.pages["/a"]).hexdigest()
    assert update(capsys, "pegasus", "--url", server.url("/a"), "--sha256", right).code == 0


def test_a_large_answer_is_refused_whether_it_says_so_or_not(capsys: Capsys, server: Server) -> None:
    server.pages["/large"] = b" " * ((64 << 20) + 1)
    ran = update(capsys, "pegasus", "--url", server.url("/large"))
    assert "the limit for this feed" in clear_lines(ran)[0]


def test_an_older_version_is_refused(capsys: Capsys, server: Server) -> None:
    update(capsys, "pegasus", "--url", server.url("/a"))
    server.pages["/b"] = bundle("one.example", modified="2025-01-01T00:00:00Z")
    ran = update(capsys, "pegasus", "--url", server.url("/b"))
    assert ran.code == 2
    assert "older than what is at hand" in clear_lines(ran)[0]


def test_a_damaged_version_is_not_used_and_is_fetched_again(capsys: Capsys, server: Server) -> None:
    update(capsys, "pegasus", "--url", server.url("/a"))
    store = Store()
    version = store.current("pegasus")
    assert version
    path = store.path("pegasus", version)
    path.write_bytes(path.read_bytes().replace(b"one", b"eno"))
    with pytest.raises(Exception, match="its SHA-256 differs"):
        store.read("pegasus", version)
    assert update(capsys, "pegasus", "--url", server.url("/a")).code == 0
    assert "If-None-Match" not in server.asked[-1][2]
    assert store.read("pegasus", version) == server.pages["/a"]


def test_one_bad_feed_does_not_stop_the_others(capsys: Capsys, tmp_path: Path) -> None:
    ran = update(capsys, "addresses", "nonsense")
    assert ran.code == 2
    assert "there is no such feed" in clear_lines(ran)[0]
    ran = update(capsys, "addresses", "addresses")
    assert "has no address of its own" in clear_lines(ran)[0]
    ran = update(capsys, "indicators", "--url", "https://example.org")
    assert "one feed at a time" in clear_lines(ran)[0]


def test_names_in_lists_cannot_act_on_a_terminal(capsys: Capsys, server: Server) -> None:
    update(capsys, "pegasus", "--url", server.url("/a"))
    server.pages["/a"] = bundle("\x1b]0;x\x07evil.example", "one.example", "two.example")
    ran = update(capsys, "pegasus", "--url", server.url("/a"))
    assert "\x1b" not in ran.out
    assert "evil.example" in ran.out


def test_a_signed_base_counts_only_with_a_trusted_signature(
    capsys: Capsys, server: Server, tmp_path: Path
) -> None:
    private = tmp_path / "private.pem"
    openssl("genpkey", "-algorithm", "ed25519", "-out", private)
    key = base64.b64encode(openssl("pkey", "-in", private, "-pubout", "-outform", "DER")[-32:]).decode()
    base = tmp_path / "base.json"
    base.write_text('{"waakzaam-knowledge": 1, "made": "2026-11-01", "files": {"laws.toml": "law = []"}}')
    signature = base64.b64encode(openssl("pkeyutl", "-sign", "-inkey", private, "-rawin", "-in", base))
    server.pages |= {"/base": base.read_bytes(), "/base.sig": signature + b"\n"}
    url = server.url("/base")

    assert "no key is trusted yet" in clear_lines(update(capsys, "knowledge", "--url", url))[0]
    other = base64.b64encode(b"\1" * 32).decode()
    stranger = update(capsys, "knowledge", "--url", url, "--key", other)
    assert "is not signed by a key" in clear_lines(stranger)[0]
    short = update(capsys, "knowledge", "--url", url, "--key", "AAAA")
    assert "is not 32 bytes in base64" in clear_lines(short)[0]

    server.pages["/base"] += b" "
    changed = update(capsys, "knowledge", "--url", url, "--key", key)
    assert "is not signed by a key" in clear_lines(changed)[0]
    server.pages["/base"] = base.read_bytes()
    server.pages["/base.sig"] = b"no signature"
    assert "is not 64 bytes" in clear_lines(update(capsys, "knowledge", "--url", url, "--key", key))[0]
    assert Store().current("knowledge") is None

    server.pages["/base.sig"] = signature
    ran = update(capsys, "knowledge", "--url", url, "--key", key)
    assert ran.code == 0, ran.err
    assert "made 2026-11-01" in ran.out
    (tmp_path / "base.json.sig").write_bytes(signature)
    assert update(capsys, "knowledge", "--file", str(base), "--key", key).code == 0


def openssl(*arguments: str | Path) -> bytes:
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True).stdout
