"""The bundled example: made again byte for byte, opened by tshark, explained, and not after a change."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.command import here

from waakzaam import case
from waakzaam.errors import WaakzaamError
from waakzaam.explain import explain, rows_for
from waakzaam.sources.evidence import read_evidence
from waakzaam.sources.jail import Job

ROOT = Path(__file__).parents[2]
FOLDER, TOOL = ROOT / "examples" / "xiaomi-browser-2020", ROOT / "tools" / "make_example"
PLAYED = {"capture": "browsing", "negative-twin": "crashes"}
RECIPIENT = "sa.api.intl.miui.com"
Capture = pytest.CaptureFixture[str]


def played(name: str) -> list[tuple[str, str]]:
    """Method and URL of every request that was played, in order."""
    entries = json.loads((TOOL / "played" / f"{PLAYED[name]}.har").read_text("utf-8"))["log"]["entries"]
    return [(entry["request"]["method"], entry["request"]["url"]) for entry in entries]


def test_every_run_writes_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, TOOL / "secured", tmp_path], check=True)
    for name in PLAYED:
        assert (tmp_path / f"{name}.pcapng").read_bytes() == (FOLDER / f"{name}.pcapng").read_bytes()


@pytest.mark.parametrize("name", PLAYED)
def test_all_that_was_played_is_read(name: str) -> None:
    evidence = read_evidence(1, FOLDER / f"{name}.pcapng", Job(peel=False))
    assert evidence.status == "complete"
    messages = evidence.table("messages").to_pylist()
    requests = [(row["method"], row["url"]) for row in messages if row["direction"] == "up"]
    assert sorted(requests) == sorted(played(name))
    assert {row["protocol"] for row in messages} == {"http/1.1", "http/2"}
    closed = [row for row in messages if row["transport"] != "tls"]
    assert {row["url"] for row in closed if row["direction"] == "up"} == {
        "http://verbinding.example/generate_204"
    }


@pytest.mark.tshark
@pytest.mark.parametrize("name", PLAYED)
def test_tshark_opens_the_same_requests(name: str) -> None:
    fields = (
        "http.request.method",
        "http.request.full_uri",
        "http2.headers.method",
        "http2.request.full_uri",
    )
    command = ["tshark", "-n", "-r", str(FOLDER / f"{name}.pcapng"), "-T", "fields"]
    command += ["-Y", "http.request or http2.headers.method"]
    for each in fields:
        command += ["-e", each]
    lines = subprocess.run(
        command, capture_output=True, check=True, text=True, timeout=120
    ).stdout.splitlines()
    columns = [line.split("\t") for line in lines]
    requests = [(row[0] or row[2], row[1] or row[3]) for row in columns]
    assert requests == played(name)


@pytest.mark.tshark
def test_tshark_finds_no_wrong_checksum_and_no_malformed_packet() -> None:
    wrong = "ip.checksum.status == 0 or tcp.checksum.status == 0 or _ws.malformed or tcp.analysis.flags"
    for name in PLAYED:
        command = ["tshark", "-n", "-r", str(FOLDER / f"{name}.pcapng"), "-Y", wrong]
        command += ["-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE"]
        ran = subprocess.run(command, capture_output=True, check=True, text=True, timeout=120)
        assert ran.stdout == ""


def audited(capsys: Capture, name: str, kept: Path) -> dict[str, list[dict[str, object]]]:
    phone = FOLDER / "phone.toml"
    ran = here(capsys, "audit", FOLDER / f"{name}.pcapng", "--phone", phone, "--json", "-", "--case", kept)
    assert ran.code == 0
    report: dict[str, list[dict[str, object]]] = json.loads(ran.out)
    return report


def test_the_case_is_found(capsys: Capture, tmp_path: Path) -> None:
    report = audited(capsys, "capture", tmp_path / "case.arrow")
    found = {(row["rule"], row["recipient"], row["transport"], row["disguise"]) for row in report["findings"]}
    assert found == {
        (rule, RECIPIENT, "tls", "encoding")
        for rule in ("browsing-history", "search-terms", "persistent-identifier")
    }
    layers = [row["layers"] for row in report["sightings"]]
    assert all(each[:4] == ["form", "base64", "gzip", "json"] for each in layers if isinstance(each, list))


def test_the_twin_gives_no_browsing_finding(capsys: Capture, tmp_path: Path) -> None:
    report = audited(capsys, "negative-twin", tmp_path / "case.arrow")
    assert [row["rule"] for row in report["findings"]] == ["persistent-identifier"]


def _place(data: bytes, what: str) -> int:
    """Where a byte of the evidence stands: of a secret, or of the protected record of a report."""
    if what == "secret":
        return data.index(b"CLIENT_TRAFFIC_SECRET_0 ") + 24 + 65
    # The last large segment of the capture is a report.
    return data.rindex(b"\x17\x03\x03\x04") + 40


@pytest.mark.parametrize("what", ["secret", "record"])
def test_a_changed_byte_proves_nothing(capsys: Capture, tmp_path: Path, what: str) -> None:
    kept, copy = tmp_path / "case.arrow", tmp_path / "copy.pcapng"
    audited(capsys, "capture", kept)
    tables = case.load(kept)
    shutil.copy(FOLDER / "capture.pcapng", copy)
    rows = rows_for("F1", tables)
    assert len(explain(rows, tables["evidence"], copies=[copy])) == len(rows)
    changed = bytearray(copy.read_bytes())
    at = _place(bytes(changed), what)
    changed[at] = ord("0") if changed[at] != ord("0") else ord("1")
    copy.write_bytes(changed)
    with pytest.raises(WaakzaamError, match="nothing is proven by a changed file"):
        explain(rows, tables["evidence"], copies=[copy])


SEALED = ROOT / "examples" / "embedded-key"


def sealed(name: str, *more: str, capsys: Capture, tmp_path: Path) -> dict[str, Any]:
    """The JSON report of an audit of the example with an embedded key."""
    report = tmp_path / "report.json"
    files = [SEALED / f"{name}.har", *(SEALED / each for each in more)]
    assert here(capsys, "audit", *files, "--phone", SEALED / "phone.toml", "--json", report).code == 0
    found: dict[str, Any] = json.loads(report.read_text())
    return found


def test_constants_of_an_app_open_what_it_sends(capsys: Capture, tmp_path: Path) -> None:
    report = sealed("capture", "constants.txt", capsys=capsys, tmp_path=tmp_path)
    told = {(row["datum"], row["host"], row["transport"], row["disguise"]) for row in report["sightings"]}
    assert told == {
        ("device-id/imei", "events.kompas.example", "tls", "embedded-key"),
        ("device-id/android-id", "events.kompas.example", "tls", "embedded-key"),
        ("device-id/imei", "crash.kompas.example", "clear", "embedded-key"),
    }
    for row in report["sightings"]:
        (proof,) = row["proofs"]
        assert (proof["source"], proof["key"]) == ("key file", "constants.txt:6")
        assert proof["bits"] >= 20
    hidden = {row["recipient"]: row for row in report["findings"] if row["rule"] == "embedded-key"}
    assert hidden["events.kompas.example"]["severity"] == "low"
    assert hidden["crash.kompas.example"]["severity"] == "medium"
    assert "CWE-319" in hidden["crash.kompas.example"]["references"]
    proven = here(capsys, "explain", "F1")
    assert proven.code == 0
    assert "key: key file, constants.txt:6, as it is;" in proven.out
    assert "356938035643809" in proven.out


def test_without_the_constants_nothing_is_opened(capsys: Capture, tmp_path: Path) -> None:
    report = sealed("capture", capsys=capsys, tmp_path=tmp_path)
    assert report["sightings"] == []
    assert {row["host"] for row in report["opaque"]} == {"events.kompas.example", "crash.kompas.example"}
    assert {row["rule"] for row in report["findings"]} <= {"repeated-ciphertext"}


def test_the_twin_tells_nothing_of_the_phone(capsys: Capture, tmp_path: Path) -> None:
    report = sealed("negative-twin", "constants.txt", capsys=capsys, tmp_path=tmp_path)
    assert report["sightings"] == []
    assert report["findings"] == []
