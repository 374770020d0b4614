"""Evidence made to exhaust its reader: bounded memory, bounded time, and a limit that is named.

Memory is that of the command and the reader together, resident, sampled a hundred times a second. Seconds
are generous, so that a slow machine does not fail: what is held is that nothing runs away.
"""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.command import Ran, clear_lines, waakzaam
from tests.helpers.hostile import GIB, bomb_in_form, entry, gzip_of_zeros, har, har_around
from tests.helpers.packets import PHONE, conversation, ipv4, pcap, tcp

MOST_MEMORY = 512 << 20
BEGIN = '{"log":{"version":"1.2","creator":{"name":"by hand","version":"1"},"entries":['
TINY = '{"request":{"method":"GET","url":"https://a.example/?q=1"}},'
DEPTH = 100_000


def audited(path: Path, most_seconds: float = 60) -> tuple[Ran, dict[str, Any]]:
    """Audit a file within memory and time; what was said is readable."""
    ran = waakzaam("audit", path, "--json", path.parent / "report.json", timeout=2 * most_seconds)
    report = json.loads((path.parent / "report.json").read_text())
    print(f"{path.name}: {ran.seconds:.1f} s, {ran.peak >> 20} MiB, exit code {ran.code}")
    clear_lines(ran)
    assert ran.code in (0, 2)
    assert 0 < ran.peak <= MOST_MEMORY
    assert ran.seconds <= most_seconds
    return ran, report


def limits(report: dict[str, Any]) -> set[str]:
    return {limit["what"] for limit in report["limits"]}


@pytest.mark.parametrize("nested", [1, 2, 3])
def test_ten_gigabytes_in_gzip_in_base64_in_a_form(nested: int, tmp_path: Path) -> None:
    path = tmp_path / f"bomb{nested}.har"
    bomb_in_form(path, 10 * GIB, nested)
    assert path.stat().st_size < 20 << 20
    ran, report = audited(path, 30)
    assert ran.code == 0
    (limit,) = report["limits"]
    assert limit["what"] in ("output bytes", "ratio")
    assert limit["where"] == "message 0: body | form:data | base64" + " | gzip" * nested
    assert report["evidence"][0]["status"] == "partial"


def test_many_bombs_in_one_message(tmp_path: Path) -> None:
    path = tmp_path / "bombs.har"
    bomb_in_form(path, 60 << 20)
    field = json.loads(path.read_text())["log"]["entries"][0]["request"]["postData"]["text"].partition(
        "data="
    )[2]
    body = "&".join(f"d{number}={field}" for number in range(20))
    path.write_text(har(entry(body=body), entry(body=body)))
    _, report = audited(path, 30)
    assert "part bytes" in limits(report)


def test_the_evidence_itself_as_a_bomb_of_no_known_format(tmp_path: Path) -> None:
    path = tmp_path / "zeros.gz"
    path.write_bytes(gzip_of_zeros(10 * GIB))
    ran, report = audited(path, 30)
    assert ran.code == 2
    assert report["evidence"][0]["status"] == "failed"
    path.write_bytes(gzip.compress(path.read_bytes()))
    ran, report = audited(path, 30)
    assert ran.code == 2
    assert report["evidence"][0]["status"] == "failed"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "begin"), [("har", BEGIN.encode()), ("pcap", pcap([]))], ids=["har", "pcap"]
)
def test_the_evidence_itself_as_a_bomb(name: str, begin: bytes, tmp_path: Path) -> None:
    """Two gigabytes; ten take five times as long and no more memory."""
    path = tmp_path / f"bomb.{name}.gz"
    path.write_bytes(gzip_of_zeros(2 * GIB, begin))
    ran, report = audited(path, 60)
    assert ran.code == 2
    assert report["evidence"][0]["status"] in ("partial", "failed")
    assert {problem["code"] for problem in report["evidence"][0]["problems"]} & {
        "file-truncated",
        "file-malformed",
    }


def test_more_time_than_allowed_is_a_named_limit(tmp_path: Path) -> None:
    path = tmp_path / "bomb.har.gz"
    path.write_bytes(gzip_of_zeros(10 * GIB, BEGIN.encode()))
    ran = waakzaam("audit", path, "--json", tmp_path / "report.json", "--seconds", "1")
    report = json.loads((tmp_path / "report.json").read_text())
    assert ran.code == 2
    assert limits(report) == {"time"}
    (line,) = clear_lines(ran)
    assert "took too long" in line
    assert "--seconds" in line
    assert ran.peak <= MOST_MEMORY
    assert ran.seconds < 20


DEEP = {
    "the file": "[" * DEPTH + "]" * DEPTH,
    "the file, open": '{"log":' * DEPTH,
    "entries": '{"log":{"entries":' + "[" * DEPTH + "]" * DEPTH + "}}",
    "an entry": '{"log":{"entries":[{"request":' + '{"a":' * DEPTH + "1" + "}" * DEPTH + "}]}}",
    "a body": har(entry(body="[" * DEPTH + "]" * DEPTH, kind="application/json")),
    "a body of objects": har(entry(body='{"a":' * DEPTH + "1" + "}" * DEPTH, kind="application/json")),
    "JSON in JSON": har(entry(body=json.dumps(["[" * DEPTH]), kind="application/json")),
}


@pytest.mark.parametrize("name", DEEP)
def test_json_that_is_nested_a_hundred_thousand_deep(name: str, tmp_path: Path) -> None:
    path = tmp_path / "deep.har"
    path.write_text(DEEP[name])
    ran, report = audited(path, 20)
    told = limits(report) | {problem["code"] for problem in report["evidence"][0]["problems"]}
    if name != "JSON in JSON":  # text that is no JSON is text
        assert told
    assert ran.code == 2 or report["recipients"]


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["x" * 1000, "\\u0041\\n" * 125], ids=["plain", "escaped"])
def test_one_string_of_300_megabytes(piece: str, tmp_path: Path) -> None:
    path = tmp_path / "string.har"
    before, after = har(entry(body="@@@")).split("@@@")
    har_around(path, before, piece, 300_000_000 // len(piece), after)
    ran, report = audited(path)
    path.unlink()
    assert ran.code == 2
    assert limits(report) == {"entry bytes"}


@pytest.mark.slow
def test_the_largest_entry_that_is_held(tmp_path: Path) -> None:
    path = tmp_path / "entry.har"
    before, after = har(entry(body="@@@", kind="application/json")).split("@@@")
    har_around(path, before + "[", '\\"x\\",', 20_000_000, "1]" + after)
    ran, _ = audited(path)
    path.unlink()
    assert ran.code == 0


@pytest.mark.slow
def test_a_million_entries(tmp_path: Path) -> None:
    path = tmp_path / "many.har"
    har_around(path, BEGIN, TINY, 1_000_000, '{"request":{"method":"GET","url":"https://b.example/"}}]}}')
    ran, report = audited(path)
    path.unlink()
    assert ran.code == 0
    assert {each["host"]: each["messages"] for each in report["recipients"]} == {
        "a.example": 1_000_000,
        "b.example": 1,
    }


@pytest.mark.slow
def test_more_connections_than_can_be_held(tmp_path: Path) -> None:
    path = tmp_path / "syns.pcap"
    opening = (
        tcp(b"", number, 0, 2, up=True, client=1 + number % 65_535, port=1 + number // 65_535)
        for number in range(300_000)
    )
    path.write_bytes(pcap(opening))
    _, report = audited(path)
    path.unlink()
    assert "open connections" in limits(report)


def test_memory_that_strangers_ask_for_in_packets(tmp_path: Path) -> None:
    """Holes that never close, bodies that never end, fragments that never meet."""
    holes = [
        packet
        for client in range(200)
        for packet in (
            tcp(b"", 1, 0, 2, up=True, client=1000 + client),
            *(tcp(bytes(60_000), 2 + 60_000 * n, 0, 24, up=True, client=1000 + client) for n in range(1, 9)),
        )
    ]
    head = b"POST / HTTP/1.1\r\nHost: c.example\r\nContent-Length: 99999999999\r\n\r\n"
    endless = conversation(head + bytes(80 << 20), b"", segment=60_000)[:-2]
    fragments = [
        ipv4(bytes(1400), 17, source=PHONE, ident=number & 0xFFFF, offset=number >> 16 << 3, more=True)
        for number in range(70_000)
    ]
    path = tmp_path / "hungry.pcap"
    path.write_bytes(pcap([*holes, *endless, *fragments], snap=1 << 18))
    ran, report = audited(path)
    path.unlink()
    assert ran.code == 0
    assert "body bytes" in limits(report)
    assert "gap" in {problem["code"] for problem in report["evidence"][0]["problems"]}


def test_noise_of_every_size_is_refused(tmp_path: Path) -> None:
    """Seeded noise behind the first bytes of each format: read or refused, never a crash."""
    from waakzaam.sources.evidence import read_evidence

    seeded = random.Random(20_261_122)
    starts = [
        b"",
        BEGIN.encode(),
        pcap([]),
        bytes.fromhex("0a0d0d0a1c0000004d3c2b1a"),
        b"\x1f\x8b\x08",
        b"(\xb5/\xfd",
    ]
    path = tmp_path / "noise"
    for number in range(60):
        path.write_bytes(starts[number % len(starts)] + seeded.randbytes(seeded.randrange(1, 4000)))
        evidence = read_evidence(1, path)
        codes = set(evidence.table("problems")["code"].to_pylist())
        assert codes, number
        assert not codes & {"crash", "limit"}, number


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["flows/mitmproxy/successful_log.har", "captures/http/sajal.pcap", "captures/phone/doh.pcapng"]
)
def test_a_real_capture_cut_anywhere_is_read_as_far_as_it_goes(
    name: str, shared: Path, tmp_path: Path
) -> None:
    from waakzaam.sources.evidence import read_evidence
    from waakzaam.sources.jail import Job

    source = shared / name
    if not source.is_file():
        pytest.skip(f"{name} is not among the captures")
    data = source.read_bytes()
    path = tmp_path / "cut"
    counts = []
    for size in range(100, len(data), max(100, len(data) // 40)):
        path.write_bytes(data[:size])
        evidence = read_evidence(1, path, Job(peel=False))
        assert not {"crash", "limit"} & set(evidence.table("problems")["code"].to_pylist())
        counts.append(len(evidence.table("messages")))
    assert counts == sorted(counts)
