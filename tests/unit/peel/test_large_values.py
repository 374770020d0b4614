"""Values of a gigabyte: memory above the value itself, time, and the limit that is told.

Measured is the whole process of ``waakzaam peel FILE``: interpreter, libraries, all that is made of the
value. The value itself, which the process must hold once, is taken off.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

MIB = 1 << 20
ABOVE = 256 * MIB
"""What the process may need besides the value."""
SECONDS = 60
"""Of a processor; a value of this size that nothing opens takes a few."""

OTHERWISE = {"output bytes": "closed bytes"}

Chunks = Iterator[bytes]


def _repeated(chunk: bytes, size: int, before: bytes = b"", after: bytes = b"") -> Chunks:
    """``chunk`` over and over, to ``size`` bytes in all and a little less."""
    large = chunk * max(1, MIB // len(chunk))
    yield before
    for _ in range((size - len(before) - len(after)) // len(large)):
        yield large
    yield after


def _length(size: int) -> int:
    """How much :func:`_repeated` makes of whole mebibytes."""
    return size // MIB * MIB


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _kinds(size: int) -> dict[str, tuple[Chunks, str]]:
    """Values by kind, and the limit that must be told."""
    size -= 2 * MIB  # what stands around the value must fit too
    held = _length(size)
    words = b"some words of a text that goes on "
    text = base64.b64encode(words * 3)
    return {
        "zeros": (_repeated(b"\0", size), "closed bytes"),
        "noise": ((os.urandom(MIB) for _ in range(size // MIB)), "closed bytes"),
        "text": (_repeated(words, size), "closed bytes"),
        "base64": (_repeated(text, size), "output bytes"),
        "hex": (_repeated(b"6162", size), "output bytes"),
        "percent": (_repeated(b"%41%42%20", size), "output bytes"),
        "utf-16": (_repeated(b"a\0b\0", size, b"\xff\xfe"), "output bytes"),
        "html": (_repeated(b"&amp;&lt;a", size), "output bytes"),
        "escapes": (_repeated(b"\\u0041\\u0042", size), "output bytes"),
        "quoted-printable": (_repeated(b"=C3=A9 " * 9 + b"=\r\n", size), "output bytes"),
        "JSON string": (_repeated(words, size, b'{"k":"', b'"}'), "output bytes"),
        "JSON escapes": (_repeated(b"\\u0041\\n", size, b'{"k":"', b'"}'), "output bytes"),
        "JSON array": (_repeated(b"1,", size, b"[", b"1]"), "leaves"),
        "JSON brackets": (_repeated(b"[", size), "depth"),
        "JSON lines": (_repeated(b'{"a":1}\n', size), "leaves"),
        "form": (_repeated(b"a=1&b=22&", size), "leaves"),
        "form field": (_repeated(b"abcdefgh", size, b"v=1&data="), "output bytes"),
        "form escapes": (_repeated(b"%41%42", size, b"v=1&data="), "output bytes"),
        "XML": (_repeated(b"<b>text</b> ", size, b"<a>", b"</a>"), "leaves"),
        "XML text": (_repeated(words, size, b"<a>", b"</a>"), "output bytes"),
        "multipart": (
            _repeated(
                words,
                size,
                b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n',
                b"\r\n--b--\r\n",
            ),
            "output bytes",
        ),
        "protobuf": (
            _repeated(b"abcdefgh", held, b"\x0a\x17com.example.app.browser\x12" + _varint(held - MIB)),
            "output bytes",
        ),
        "msgpack": (
            _repeated(
                b"abcdefgh",
                held,
                b"\x82\xa5event\xa9page_load\xa7payload\xc6" + (held - MIB).to_bytes(4, "big"),
            ),
            "output bytes",
        ),
        "varints": (_repeated(b"\x08\x01", size), "closed bytes"),
    }


def _high_water(pid: int) -> int:
    """Bytes of resident memory at the highest moment so far; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    told = next((line for line in lines if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(told.split()[1]) * 1024


def _peel(path: Path) -> tuple[int, float, str]:
    """Bytes at the highest moment and seconds of a processor of ``waakzaam peel``, and what it printed."""
    with (path.parent / "out").open("w+b") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "waakzaam", "peel", str(path)], stdout=out, stderr=out
        )
        peak = 0
        while True:
            # Not `ru_maxrss`: that one begins with what the process of the tests needed when it was copied.
            peak = max(peak, _high_water(process.pid))
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(0.005)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        told = out.read().decode()
    assert process.returncode == 0, told
    return peak, usage.ru_utime + usage.ru_stime, told


def _check(kind: str, size: int, folder: Path) -> None:
    chunks, limit = _kinds(size)[kind]
    path = folder / "value"
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
    length = path.stat().st_size
    try:
        peak, seconds, out = _peel(path)
    finally:
        path.unlink()
    above = (peak - length) // MIB
    print(f"{kind}: {length // MIB} MiB, {above} MiB above it, {seconds:.1f} s")
    assert peak - length <= ABOVE, f"{above} MiB above a value of {length // MIB} MiB"
    assert seconds <= SECONDS
    # What is too large to be decoded and what is too large to be tried with keys are told alike.
    limits = " ".join(out.partition("Limit reached at")[2].split())
    assert any(f" {name}" in limits for name in (limit, OTHERWISE.get(limit)) if name), out[:2000]


KINDS = (
    "JSON array",
    "JSON brackets",
    "JSON escapes",
    "JSON lines",
    "JSON string",
    "XML",
    "base64",
    "form",
    "noise",
    "percent",
    "protobuf",
    "XML text",
)
"""Those that were measured; the others of ``_kinds`` were not yet."""


@pytest.mark.parametrize("kind", ["base64", "form field", "noise"])
def test_more_than_a_layer_may_yield_is_told(kind: str, tmp_path: Path) -> None:
    _check(kind, 80 * MIB, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_gigabyte_costs_little_above_itself(kind: str, tmp_path: Path) -> None:
    _check(kind, 1 << 30, tmp_path)
