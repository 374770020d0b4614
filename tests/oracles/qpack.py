"""What another decoder of QPACK (RFC 9204) makes of header fields.

pylsqpack (the decoder of LiteSpeed, in C) is no dependency of the project: `install` puts it into an
environment of its own under ``build/``, and the decoding is done there by this very file, run as a script.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

PACKAGE = "pylsqpack==1.0.0"
FOLDER = Path(__file__).resolve().parents[2] / "build" / "oracle-qpack"


@dataclass(frozen=True)
class Side:
    """What one side of a connection encoded: bytes in hexadecimal."""

    capacity: int  # of the table, as the other side allows it
    encoder: str  # the encoder stream
    blocks: list[str]  # sections of header fields


Fields = list[tuple[str, str]]
"""Names and values, one character for each byte."""


def install() -> str | None:
    """Install pylsqpack where it is missing; returns why that is not possible, or None."""
    if (FOLDER / "installed").is_file():
        return None
    if os.environ.get("WAAKZAAM_OFFLINE"):
        return "WAAKZAAM_OFFLINE is set"
    for command in (
        [sys.executable, "-m", "venv", str(FOLDER)],
        [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "--quiet", PACKAGE],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return f"{PACKAGE} cannot be installed: {done.stderr.strip().splitlines()[-1:]}"
    (FOLDER / "installed").touch()
    return None


def decode(sides: list[Side]) -> list[list[Fields | None]]:
    """The fields of each block of each side; None where it waits for something that never comes."""
    command = [str(FOLDER / "bin" / "python"), str(Path(__file__).resolve())]
    given = json.dumps([asdict(side) for side in sides])
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    return [
        [None if block is None else [(name, value) for name, value in block] for block in side]
        for side in json.loads(done.stdout)
    ]


def _decoded(side: dict[str, Any]) -> list[list[list[str]] | None]:
    import pylsqpack  # type: ignore[import-not-found, unused-ignore]

    blocks = [bytes.fromhex(block) for block in side["blocks"]]
    decoder = pylsqpack.Decoder(side["capacity"], len(blocks))
    found: list[list[list[str]] | None] = [None] * len(blocks)

    def keep(number: int, fields: list[tuple[bytes, bytes]]) -> None:
        found[number] = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in fields]

    for number, block in enumerate(blocks):
        try:
            keep(number, decoder.feed_header(number, block)[1])
        except pylsqpack.StreamBlocked:
            continue
    # Byte by byte, so that each block is decoded before an entry it names is pushed out of the table.
    encoder = bytes.fromhex(side["encoder"])
    for at in range(len(encoder)):
        for number in decoder.feed_encoder(encoder[at : at + 1]):
            keep(number, decoder.resume_header(number)[1])
    return found


if __name__ == "__main__":
    print(json.dumps([_decoded(side) for side in json.load(sys.stdin)]))
