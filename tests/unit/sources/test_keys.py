"""Files of keys are recognised by what they hold, and nothing else is taken for one."""

from __future__ import annotations

import base64
import gzip
import os
import textwrap
from pathlib import Path

import pytest
from tests.conftest import ROOT, SHARED
from tests.helpers.command import waakzaam

from waakzaam.sources import choose
from waakzaam.sources.evidence import read_evidence
from waakzaam.sources.jail import Job
from waakzaam.sources.keys import KEYS, is_key_file

RANDOM, SECRET = "ab" * 32, "cd" * 48
LINE = f"CLIENT_RANDOM {RANDOM} {SECRET}"


def der(tag: int, contents: bytes) -> bytes:
    """One element of DER."""
    digits = len(contents).to_bytes((len(contents).bit_length() + 7) // 8 or 1, "big")
    short = len(contents) < 128
    return bytes([tag]) + (digits if short else bytes([0x80 | len(digits)]) + digits) + contents


def integer(value: int, size: int) -> bytes:
    """An INTEGER of so many bytes."""
    return der(2, value.to_bytes(size, "big"))


# Any odd modulus will do for reading a key: none is checked for its factors.
PKCS1 = der(
    0x30,
    integer(0, 1) + integer(2**2046 + 1, 257) + integer(65537, 3) + integer(2**2040 + 1, 256)
    + b"".join(integer(2**1022 + 1, 129) for _ in range(5)),
)  # fmt: skip
ALGORITHM = der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
PKCS8 = der(0x30, integer(0, 1) + ALGORITHM + der(4, PKCS1))


def pem(label: str, contents: bytes) -> str:
    """A PEM block (RFC 7468)."""
    body = "\n".join(textwrap.wrap(base64.b64encode(contents).decode(), 64))
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"


KEY_FILES = {
    "key log": LINE.encode(),
    "comments and blanks": f"# made by a browser\n\n{LINE}\n".encode(),
    "Windows": f"\ufeff# first\r\n{LINE}\r\n".encode(),
    "TLS 1.3": f"CLIENT_TRAFFIC_SECRET_0 {RANDOM} {SECRET}\n".encode(),
    "QUIC of old": f"QUIC_CLIENT_HANDSHAKE_TRAFFIC_SECRET {RANDOM} {SECRET}\n".encode(),
    "RSA": f"RSA {RANDOM[:16]} {SECRET}\n".encode(),
    "session": f"RSA Session-ID:{RANDOM} Master-Key:{SECRET}\n".encode(),
    "WireGuard": b"LOCAL_STATIC_PRIVATE_KEY = " + b"A" * 43 + b"=\nPRESHARED_KEY=" + b"B" * 42 + b"A=\n",
    "PKCS#1": pem("RSA PRIVATE KEY", PKCS1).encode(),
    "PKCS#8": pem("PRIVATE KEY", PKCS8).encode(),
    "certificate first": (pem("CERTIFICATE", b"\x30" * 900) + pem("PRIVATE KEY", PKCS8)).encode(),
    "attributes": ("Bag Attributes\n    friendlyName: a\n" + pem("PRIVATE KEY", PKCS8)).encode(),
    "DER, PKCS#1": PKCS1,
    "DER, PKCS#8": PKCS8,
}
OTHERS = {
    "capture with a key log": bytes.fromhex("0a0d0d0a1c0000004d3c2b1a") + bytes(40) + LINE.encode(),
    "HAR with a key log": b'{"log": {"version": "1.2", "entries": [\n' + LINE.encode() + b"\n]}}\n" * 3,
    "source code": b"import ssl\nKEY = '''\n" + pem("PRIVATE KEY", PKCS8).encode() + b"'''\n",
    "page": b"<html><p>How to make a key:</p>\n<pre>\n" + pem("PRIVATE KEY", PKCS8).encode(),
    "certificate": pem("CERTIFICATE", b"\x30" * 900).encode(),
    "certificate in DER": der(0x30, der(0x30, der(0xA0, integer(2, 1)) + integer(1, 1)) + bytes(200)),
    "settings of WireGuard": b"[Interface]\nPrivateKey = " + b"A" * 43 + b"=\nAddress = 10.0.0.2/32\n",
    "prose": b"The CLIENT_RANDOM of a session is 64 digits long.\n",
    "nothing": b"",
}


@pytest.mark.parametrize("name", KEY_FILES)
def test_files_of_keys_are_recognised_and_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_bytes(KEY_FILES[name])
    assert is_key_file(path)
    source, _ = choose(KEY_FILES[name])
    assert source is KEYS
    evidence = read_evidence(1, path)
    assert (evidence.format, evidence.status) == ("keys", "complete"), evidence.table("problems").to_pylist()


def test_compressed_keys_are_read_as_others_are(tmp_path: Path) -> None:
    path = tmp_path / "keys.gz"
    path.write_bytes(gzip.compress(LINE.encode()))
    assert is_key_file(path)
    assert read_evidence(1, path).status == "complete"
    whole = gzip.compress(f"{LINE}\n".encode() * 9, mtime=0)
    path.write_bytes(whole[:-4])
    evidence = read_evidence(1, path)
    assert evidence.status == "partial"
    assert [row["code"] for row in evidence.table("problems").to_pylist()] == ["file-truncated"]


@pytest.mark.shared
def test_compressed_keys_open_a_capture(shared: Path, tmp_path: Path) -> None:
    folder = shared / "captures" / "zeek"
    keys = tmp_path / "keys.gz"
    keys.write_bytes(gzip.compress((folder / "tls12-decryption.keys").read_bytes()))
    opened = read_evidence(1, folder / "tls12-decryption.pcap", Job(peel=False, keys=(keys,)))
    assert [row["direction"] for row in opened.table("messages").to_pylist()] == ["up", "down"]
    closed = read_evidence(1, folder / "tls12-decryption.pcap", Job(peel=False))
    assert not len(closed.table("messages"))


def test_a_file_given_as_keys_that_holds_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prose"
    path.write_bytes(OTHERS["prose"])
    capture = ROOT / "examples" / "xiaomi-browser-2020" / "capture.pcapng"
    ran = waakzaam("messages", capture, "--keys", path)
    assert (ran.code, len(ran.lines)) == (2, 1)
    assert "holds no key" in ran.err


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_are_not(name: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OTHERS[name])
    assert not is_key_file(path)


def test_keys_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(pem("ENCRYPTED PRIVATE KEY", b"\x30\x82\x05\x00" + b"x" * 1280))
    evidence = read_evidence(1, path)
    assert evidence.format == "keys"
    assert [row["code"] for row in evidence.table("problems").to_pylist()] == ["malformed", "unreadable"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert not is_key_file(tmp_path / "pipe")


def test_no_file_of_this_project_is_taken_for_keys() -> None:
    own = [path for folder in ("src", "docs", "core/src", "examples") for path in (ROOT / folder).rglob("*")]
    assert not [path for path in own if is_key_file(path) and "keys" not in path.name]


@pytest.mark.shared
def test_of_the_real_files_exactly_the_keys_are_keys() -> None:
    wanted = {".key", ".keys", ".p8"}
    named = ("dhe1_keylog.dat", "lbirchler-premaster.txt")
    for path in (path for path in SHARED.rglob("*") if path.is_file() and "devices" not in path.parts):
        expected = "captures" in path.parts and (path.suffix in wanted or path.name in named)
        assert is_key_file(path) == expected, path
