"""Bad input: one clear line, exit code 2, never a traceback; what could be read is reported."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import random
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.command import Ran, clear_lines, here, waakzaam
from tests.helpers.hostile import entry, har
from tests.helpers.packets import (
    ANSWER,
    block,
    conversation,
    enhanced,
    interface,
    ipv4,
    pcap,
    pcapng,
    post,
    section,
    tcp,
    udp,
)

from waakzaam.sources.evidence import read_evidence
from waakzaam.sources.jail import Job

EXAMPLE = Path(__file__).parents[3] / "examples" / "hashed-identifier" / "capture.har"
PCAP_HEAD = pcap([])
POSTED = conversation(post(b'{"android_id":"5e2f8a91c07b43d6"}'), ANSWER)
Capture = pytest.CaptureFixture[str]


def audited(capsys: Capture, folder: Path, *arguments: str | Path) -> tuple[Ran, dict[str, Any]]:
    """Audit files; the JSON report is read again."""
    ran = here(capsys, "audit", *arguments, "--json", folder / "report.json")
    return ran, json.loads((folder / "report.json").read_text())


def written(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """Files with these contents."""
    for name, data in files.items():
        (folder / name.replace(" ", "-")).write_bytes(data)
    return [folder / name.replace(" ", "-") for name in files]


def problems(report: dict[str, Any]) -> set[str]:
    return {problem["code"] for problem in report["evidence"][0]["problems"]}


def zipped() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("AndroidManifest.xml", "x")
    return data.getvalue()


MANY = range(20_000)
SECTION, ORDER, GIANT = 0x0A0D0D0A, 0x1A2B3C4D, 0xFFFFFFFF
NOISE = random.Random(1).randbytes(100_000)
WRONG = {
    "empty": (b"", "is empty"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(50), "a PNG picture"),
    "zip": (zipped(), "a ZIP archive"),
    "text": (b"hello\nworld\n" * 100, "text that begins with 'hello"),
    "pdf": (b"%PDF-1.7\n" + bytes(50), "a PDF document"),
    "utf-16": (har(entry()).encode("utf-16"), "text in UTF-16"),
    "noise": (NOISE, "begins with the bytes"),
    "noise in gzip": (gzip.compress(NOISE), "begins with the bytes"),
    "damaged gzip": (b"\x1f\x8b\x08" + NOISE, "cannot be decompressed"),
    "damaged zstd": (bytes.fromhex("28b52ffd") + NOISE, "cannot be decompressed"),
    "only a gzip magic": (b"\x1f\x8b\x08", "cannot be decompressed"),
    "a brace": (b"{", "text that begins with '{'"),
    "other JSON": (b'{"a":1}', "text that begins with"),
    "deep JSON": (b"[" * 100_000 + b"]" * 100_000, "text that begins with"),
    "a log that is a number": (b'{"log":1}', "no `log.entries` array"),
    "no entries": (b'{"log":{}}', "no `log.entries` array"),
    "entries that are text": (b'{"log":{"entries":"x"}}', "no `log.entries` array"),
    "half a pcap header": (PCAP_HEAD[:10], "ends within the pcap file header"),
    "unknown link layer": (pcap(POSTED, link=9999), "9999"),
    "a section of no bytes": (struct.pack("<III", SECTION, 0, ORDER), "a block of 0 bytes"),
    "a section of 4 GiB": (
        struct.pack("<III", SECTION, GIANT, ORDER) + bytes(99),
        "a block of 4294967295",
    ),
}


def test_what_cannot_be_read_is_one_line_and_a_row_each(capsys: Capture, tmp_path: Path) -> None:
    paths = written(tmp_path, {name: data for name, (data, _) in WRONG.items()})
    ran, report = audited(capsys, tmp_path, *paths)
    assert ran.code == 2
    for line, path, each, (_, said) in zip(
        clear_lines(ran), paths, report["evidence"], WRONG.values(), strict=True
    ):
        assert str(path) in line
        assert said in line
        assert each["status"] == "failed"
        assert each["problems"]
    assert report["findings"] == []


def record(kept: int, original: int, data: bytes = b"") -> bytes:
    """One record of a pcap whose lengths may lie."""
    return struct.pack("<IIII", 1, 1, kept, original) + data


def dns(question: bytes, flags: int = 0x0100, answers: int = 0) -> bytes:
    return struct.pack(">HHHHHH", 1, flags, 1, answers, 0, 0) + question + b"\0\1\0\1"


def chunked(*bodies: bytes) -> Iterable[bytes]:
    head = b"POST /c HTTP/1.1\r\nHost: c.example\r\nTransfer-Encoding: chunked\r\n\r\n"
    for number, body in enumerate(bodies):
        yield from conversation(head + body, ANSWER, client=40_000 + number)


DAMAGED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a packet of 4 GiB": (lambda: pcap(POSTED) + record(GIANT, GIANT), "file-malformed"),
    "a packet that is not there": (
        lambda: pcap(POSTED) + record(4 << 20, 4 << 20, b"x" * 100),
        "file-truncated",
    ),
    "packets of no bytes": (lambda: pcap(POSTED) + record(0, 0) * 1000, "malformed"),
    "a block of no bytes": (lambda: pcapng(POSTED) + struct.pack("<II", 6, 0) + bytes(20), "file-malformed"),
    "a block of 4 GiB": (lambda: pcapng(POSTED) + struct.pack("<II", 6, GIANT) + bytes(99), "file-malformed"),
    "a packet of an unknown interface": (
        lambda: pcapng(POSTED) + enhanced(POSTED[0], on=GIANT),
        "file-malformed",
    ),
    "a packet larger than its block": (
        lambda: pcapng(POSTED) + block(6, struct.pack("<IIIII", 0, 0, 0, GIANT, 9) + bytes(20)),
        "file-malformed",
    ),
    "too many interfaces": (lambda: pcapng(POSTED) + section() + interface() * 70_000, "file-malformed"),
    "endless fragments": (
        lambda: pcap([*POSTED, *(ipv4(bytes(800), 17, ident=i, more=True) for i in MANY)]),
        "gap",
    ),
    "overlapping fragments": (
        lambda: pcap([*POSTED, *(ipv4(bytes(80), 17, offset=i % 8000 * 8, more=True) for i in MANY)]),
        "gap",
    ),
    "loops in DNS names": (
        lambda: pcap(
            [
                *POSTED,
                udp(dns(b"\xc0\x0c"), up=True),
                udp(dns(b"\x03abc\xc0\x0c"), up=True),
                udp(dns(b"\xc0\xff"), up=True),
                udp(dns(b"".join([b"\x3f" + b"a" * 63] * 20) + b"\0"), up=True),
                udp(dns(b"\xc0\x0c", 0x8180, 65535), up=False),
            ]
        ),
        "malformed",
    ),
    "chunks of any size": (
        lambda: pcap(
            [
                *POSTED,
                *chunked(
                    *(size + b"\r\nabc" for size in (b"f" * 16, b"f" * 40, b"-5", b"7" + b"f" * 15, b"zz"))
                ),
            ]
        ),
        "malformed",
    ),
    "a gap in TCP": (
        lambda: pcap([*POSTED, *(tcp(b"x", n, 0, 24, up=True, client=9) for n in (1, 1 << 31, 9))]),
        "gap",
    ),
    "entries of every type": (
        lambda: (
            b'{"log":{"entries":[1,null,"x",[],{},{"request":1},{"request":{"method":1,"url":2,"headers":3}},'
            b'{"request":{"url":"http://a/","headers":[1,{"name":1}],"postData":[1]},"response":"x","time":"x"},'
            + json.dumps(entry()).encode()
            + b"]}}"
        ),
        "malformed",
    ),
    "an entry that is no JSON": (
        lambda: har(entry(), entry()).replace('"cache": {}', '"cache": oops', 1).encode(),
        "malformed",
    ),
}


def test_what_can_be_read_is_kept_and_the_damage_named(capsys: Capture, tmp_path: Path) -> None:
    paths = written(tmp_path, {name: build() for name, (build, _) in DAMAGED.items()})
    ran, report = audited(capsys, tmp_path, *paths)
    lines = clear_lines(ran)
    assert ran.code == 2
    for each, (name, (_, code)) in zip(report["evidence"], DAMAGED.items(), strict=True):
        # Partial: there are messages of it.
        assert each["status"] == "partial", name
        assert code in {problem["code"] for problem in each["problems"]}, name
        # Strange packets and entries are how the world is; only a file that is not read to its end is damage.
        assert any(each["path"] in line for line in lines) is code.startswith("file-"), name
    (host,) = (each for each in report["recipients"] if each["host"] == "collect.example")
    assert host["messages"] >= len(DAMAGED)


def test_lengths_that_lie_are_not_believed(capsys: Capture, tmp_path: Path) -> None:
    lying = entry(body="abc")
    lying["startedDateTime"] = "2026-13-45T99:99:99Z"
    lying["time"] = -1e308
    lying["request"] |= {"bodySize": 1 << 62, "headersSize": -99}
    lying["request"]["headers"] = [{"name": "Content-Length", "value": "9" * 20}]
    lying["response"] |= {"status": 10**11, "bodySize": -5}
    lying["response"]["content"] = {"size": 1e30, "compression": -1e300, "text": "x"}
    path = tmp_path / "lies.har"
    path.write_text(har(lying))
    ran, report = audited(capsys, tmp_path, path)
    assert ran.code == 0
    assert clear_lines(ran) == []
    assert report["recipients"][0]["bytes_up"] == 3
    many = [
        packet
        for number, length in enumerate([b"18446744073709551615", b"9" * 30, b"-1", b"0x10", b"1, 2"])
        for packet in conversation(
            b"POST / HTTP/1.1\r\nHost: c.example\r\nContent-Length: " + length + b"\r\n\r\nabc",
            b"",
            client=41_000 + number,
        )
    ]
    path.write_bytes(pcap(many))
    ran, report = audited(capsys, tmp_path, path)
    assert clear_lines(ran) == []
    assert report["recipients"][0]["host"] == "c.example"


def wrapped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


TRUNCATED = {
    "har": lambda: har(entry(), entry(body="a=b&c=d")).encode(),
    "pcap": lambda: pcap(POSTED),
    "pcapng": lambda: pcapng(POSTED),
    "har.gz": lambda: wrapped(EXAMPLE.read_bytes()),
    "pcap.gz": lambda: wrapped(pcap(POSTED + chunked_posts())),
}


def chunked_posts() -> list[bytes]:
    return list(chunked(random.Random(2).randbytes(800).hex().encode()))


@pytest.mark.parametrize("name", TRUNCATED)
def test_a_file_cut_at_every_hundredth_byte_keeps_what_came_before(name: str, tmp_path: Path) -> None:
    whole = TRUNCATED[name]()
    path = tmp_path / "cut"
    counts = []
    for size in range(0, len(whole), 100):
        path.write_bytes(whole[:size])
        evidence = read_evidence(1, path)
        codes = set(evidence.table("problems")["code"].to_pylist())
        # A capture that ends after a whole packet is a whole capture.
        assert codes or evidence.format == "capture", size
        assert not codes & {"crash", "limit"}, size
        counts.append(len(evidence.table("messages")))
    assert counts == sorted(counts)
    assert counts[-1] > 0


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "none.har", "no such file"),
        (lambda folder: folder, "is a directory"),
        (lambda folder: EXAMPLE / "inside", "cannot be opened (Not a directory)"),
        (lambda folder: fifo(folder), "is not a regular file"),
        (lambda folder: Path("/dev/zero"), "is not a regular file"),
        (lambda folder: folder / ("a" * 300), "cannot be opened (File name too long)"),
        (lambda folder: link(folder), "cannot be opened (Too many levels of symbolic links)"),
    ],
)
def test_what_is_not_a_file_is_one_clear_line(
    make: Callable[[Path], Path], said: str, capsys: Capture, tmp_path: Path
) -> None:
    path = make(tmp_path)
    for command in ("audit", "messages"):
        ran = here(capsys, command, path)
        (line,) = clear_lines(ran)
        assert ran.code == 2
        assert str(path) in line
        assert said in line
        assert ran.out == ""


def fifo(folder: Path) -> Path:
    os.mkfifo(folder / "fifo")
    return folder / "fifo"


def link(folder: Path) -> Path:
    (folder / "link").symlink_to(folder / "link")
    return folder / "link"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_one_clear_line(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "closed.har"
    path.write_text("{}")
    path.chmod(0)
    ran = here(capsys, "audit", path)
    assert ran.code == 2
    assert "Permission denied" in clear_lines(ran)[0]


def test_control_characters_of_strangers_never_act(capsys: Capture, tmp_path: Path) -> None:
    """Host names, paths and fields with escape sequences, bidirectional controls and zero characters."""
    names = ["e\x1b[31mvil\u202e.example\0", "\u202eelpmaxe.live", "a\nb.example"]
    hostile = [entry(url=f"https://{name}/?android_id=5e2f8a91c07b43d6&%1b[2J=\u202e") for name in names]
    for each in hostile:
        each["request"]["headers"] = [{"name": "X\x1b[2J", "value": "\x1b]0;title\x07"}]
    path = tmp_path / "new\nline\x1b[31m.har"
    path.write_text(har(*hostile))
    page = tmp_path / "page.html"
    ran = here(capsys, "audit", path, "--html", page, "--json", tmp_path / "report.json")
    assert ran.code == 0
    assert clear_lines(ran) == []
    explained = here(capsys, "explain", "F1")
    shown = here(capsys, "messages", path)
    refused = here(capsys, "audit", tmp_path / "no\nfile\x1b[31m")
    clear_lines(refused)
    report = (tmp_path / "report.json").read_text()
    for text in (ran.out, explained.out, shown.out, refused.err, page.read_text(), report):
        assert not set(text) & {"\x1b", "\u202e", "\0", "\x07", "\r"}
    assert json.loads(report)["findings"]
    assert explained.code == 0


def test_names_in_packets_never_act(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "names.pcap"
    asked = b"GET /?android_id=5e2f8a91c07b43d6 HTTP/1.1\r\nHost: e\x1b[31mvil\xe2\x80\xae.example\r\n"
    asked += b"User-Agent: \x1b[2J\r\n\r\n"
    strange = [udp(dns(b"\x05\x1b[31m\x03\xe2\x80\xae\0"), up=True)]
    path.write_bytes(pcap([*conversation(asked, ANSWER), *strange]))
    ran = here(capsys, "audit", path, "--html", tmp_path / "page.html")
    clear_lines(ran)
    assert not set(ran.out + (tmp_path / "page.html").read_text()) & {"\x1b", "\u202e", "\0"}


DEEP = "x = " + "[" * 100_000


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--phone", "brand = [", "is not valid TOML"),
        ("--phone", DEEP, "nested too deeply"),
        ("--phone", b"\xff\xfe", "is not UTF-8"),
        ("--phone", "[session]\nincognitoo = true", "unknown key session.incognitoo"),
        ("--phone", None, "cannot be read (No such file or directory)"),
        ("--policy", "id = 1", "'id' must be a text"),
        ("--policy", "x = [", "is not valid TOML"),
        ("--policy", DEEP, "nested too deeply"),
        ("--policy", b"\xff\xfe", "is not UTF-8"),
        ("--policy", None, "no such policy"),
        ("--case", "this is no database", "exists and is not a waakzaam case"),
        ("--case", b"\0" * 4096 + b"DUCK" * 99, "exists and is not a waakzaam case"),
    ],
)
def test_a_broken_file_beside_the_evidence_is_one_clear_line(
    option: str, text: str | bytes | None, said: str, capsys: Capture, tmp_path: Path
) -> None:
    path = tmp_path / "given"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    ran = here(capsys, "audit", EXAMPLE, option, path)
    (line,) = clear_lines(ran)
    assert ran.code == 2
    assert path.name in line
    assert said in line
    assert ran.out == ""
    if text is not None:
        assert path.read_bytes() == (text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--lang", "xx"], "--lang xx: no texts in the language 'xx'; choose one of: en"),
        (["--lang", "../../en"], "no texts in the language"),
        (["--known", "garbage"], "expected KEY=VALUE"),
        (["--known", "="], "expected KEY=VALUE"),
        (["--known", "imai=490154203237518"], "unknown key; expected one of imei"),
        (["--profile", "secret"], "--profile"),
        (["--memory", "1"], "--memory"),
        (["--memory", "9" * 20], "--memory"),
        (["--seconds", "0"], "--seconds"),
        (["--fail-on", "always"], "--fail-on"),
        (["--nope"], "No such option"),
    ],
)
def test_a_wrong_option_is_one_clear_line(arguments: list[str], said: str, capsys: Capture) -> None:
    ran = here(capsys, "audit", EXAMPLE, *arguments)
    (line,) = clear_lines(ran)
    assert ran.code == 2
    assert said in line
    assert ran.out == ""


@pytest.mark.parametrize("option", ["--json", "--html", "--case"])
@pytest.mark.parametrize("place", ["folder", "nowhere", "inside a file", "full"])
def test_a_place_that_cannot_be_written_is_one_clear_line(
    option: str, place: str, capsys: Capture, tmp_path: Path
) -> None:
    where = {
        "folder": tmp_path,
        "nowhere": Path("/proc/nowhere/file"),
        "inside a file": EXAMPLE / "file",
        "full": Path("/dev/full"),
    }[place]
    ran = here(capsys, "audit", EXAMPLE, option, where)
    (line,) = clear_lines(ran)
    assert ran.code == 2
    assert str(where) in line
    assert list(tmp_path.iterdir()) == []


def test_output_to_a_full_disk_is_one_clear_line() -> None:
    whole = [["audit", str(EXAMPLE)], ["audit", str(EXAMPLE), "--json", "-"], ["messages", str(EXAMPLE)]]
    for arguments in whole:
        with Path("/dev/full").open("wb") as full:
            command = [sys.executable, "-m", "waakzaam", *arguments]
            ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
        assert ended.returncode == 2
        assert ended.stderr.decode().count("\n") == 1
        assert b"No space left on device" in ended.stderr


def test_the_same_evidence_twice_is_two_pieces(capsys: Capture, tmp_path: Path) -> None:
    ran, report = audited(capsys, tmp_path, EXAMPLE, str(EXAMPLE))
    assert (ran.code, clear_lines(ran)) == (0, [])
    assert [each["id"] for each in report["evidence"]] == ["E1", "E2"]
    assert report["evidence"][0]["sha256"] == report["evidence"][1]["sha256"]


@pytest.mark.slow
def test_fifty_files_at_once(capsys: Capture, tmp_path: Path) -> None:
    paths = []
    for number in range(25):
        paths += [tmp_path / f"{number}.har", tmp_path / f"{number}.pcap"]
        paths[-2].write_text(har(entry(url=f"https://h{number}.example/?android_id=5e2f8a91c07b43d6")))
        paths[-1].write_bytes(pcap(POSTED))
    ran = here(capsys, "audit", *paths, "--json", tmp_path / "fifty.json")
    assert (ran.code, clear_lines(ran)) == (0, [])
    fifty = json.loads((tmp_path / "fifty.json").read_text())
    assert len(fifty["evidence"]) == 50
    assert {f"h{number}.example" for number in range(25)} < {each["host"] for each in fifty["recipients"]}


def test_one_bad_file_among_good_ones_costs_nothing(capsys: Capture, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(NOISE)
    ran = here(capsys, "audit", bad, EXAMPLE, "--json", tmp_path / "report.json")
    (line,) = clear_lines(ran)
    report = json.loads((tmp_path / "report.json").read_text())
    assert ran.code == 2
    assert str(bad) in line
    assert [each["status"] for each in report["evidence"]] == ["failed", "complete"]
    assert report["findings"]


def test_codes_that_are_no_damage(capsys: Capture, tmp_path: Path) -> None:
    """Blocked, unanswered and rebuilt exchanges are told, and the audit is a success all the same."""
    blocked, unanswered, rebuilt = entry(), entry(), entry()
    blocked["response"] |= {"status": 0, "_error": "net::ERR_BLOCKED_BY_CLIENT"}
    unanswered["response"] |= {"status": 0}
    rebuilt["request"] |= {"method": "POST"}
    rebuilt["request"]["postData"] = {
        "mimeType": "multipart/form-data",
        "params": [{"name": "a", "value": "b"}],
    }
    path = tmp_path / "plain.har"
    path.write_text(har(blocked, unanswered, rebuilt))
    ran, report = audited(capsys, tmp_path, path)
    assert {"local", "unanswered", "rebuilt"} <= problems(report)
    assert ran.code == 0
    assert clear_lines(ran) == []


def test_a_damaged_value_is_no_damage_of_the_file(capsys: Capture, tmp_path: Path) -> None:
    packed = gzip.compress(b'{"android_id":"5e2f8a91c07b43d6","more":"' + NOISE[:600].hex().encode() + b'"}')
    cut = base64.b64encode(packed[:-200]).decode()
    path = tmp_path / "cut.har"
    path.write_text(har(entry(body="d=" + cut.replace("+", "%2B").replace("=", "%3D"))))
    ran, report = audited(capsys, tmp_path, path)
    assert ran.code == 0
    assert clear_lines(ran) == []
    assert report["evidence"][0]["status"] in ("partial", "complete")


def test_a_reader_that_needs_too_much_memory_is_a_named_limit(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "large.har"
    path.write_text(har(entry(body="x" * (40 << 20))))
    ran, report = audited(capsys, tmp_path, path, "--memory", "64")
    (line,) = clear_lines(ran)
    assert ran.code == 2
    assert "more than 64 MiB" in line
    assert "--memory" in line
    assert {"what": "memory", "limit": 64 << 20, "where": "reader", "evidence": "E1"} in report["limits"]


def test_the_way_it_really_runs_is_the_same() -> None:
    ran = waakzaam("audit", "/dev/zero")
    assert ran.code == 2
    assert clear_lines(ran) == [
        "waakzaam: /dev/zero: is not a regular file; save the capture to a file first"
    ]


def test_messages_of_a_damaged_file_are_told(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(pcap(POSTED)[:-5])
    ran = here(capsys, "messages", path)
    assert ran.code == 2
    assert "file-truncated" in {json.loads(line).get("code") for line in ran.out.splitlines()}
    assert len(read_evidence(1, path, Job(peel=False)).table("messages")) > 0
    assert len(clear_lines(ran)) == 1
