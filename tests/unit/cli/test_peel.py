"""``waakzaam peel`` as a person uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SEALED = b"pF+7MkJS+ixc4s0L4xN19jgviHeuPbqHpyaJ2lv2MV9TSA/+P08LTiVhOaS00rb4"


def run(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "waakzaam", "peel", *words], input=stdin, capture_output=True, check=False
    )


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A key file with the right key in it."""
    file = tmp_path / "constants.txt"
    file.write_text("a wrong constant\n0123456789abcdef\n")
    return file


def test_tells_chain_disguise_and_proof(keys: Path) -> None:
    done = run("-", "--keys", str(keys), stdin=SEALED)
    told = done.stdout.decode()
    assert done.returncode == 0
    assert "base64 > aes-128-cbc > json  [obfuscated, key at hand]" in told
    assert "key=30313233343536373839616263646566" in told.replace("\n  | ", "")
    assert "key from: constants.txt:2, as it is" in told
    assert "bits (20 are asked), after paying for" in told
    assert "$.imei  869836900602677" in told


def test_says_what_stayed_closed() -> None:
    told = run("-", stdin=SEALED).stdout.decode()
    assert "[not known]: in a form that is not known." in told
    assert "Tried on 1 closed value: values beside and solvers; 1 stayed closed." in told
    assert "closed: value (64 bytes)" in told


def test_json_holds_the_same(keys: Path) -> None:
    rows = json.loads(run("-", "--keys", str(keys), "--json", stdin=SEALED).stdout)
    row = rows["leaves"][1]
    assert row["layers"] == ["base64", "aes-128-cbc", "json"]
    assert row["value"] == {"text": "869836900602677"}
    assert row["proofs"][0]["bits"] >= 20


def test_a_query_is_read_as_one() -> None:
    told = run("-", "--query", stdin=b"a=1&d=aGVsbG8gd29ybGQsIGhvdyBhcmUgeW91").stdout.decode()
    assert told.splitlines()[1:4] == ["form", "  a  1  [as it is]", "  d"]
    assert "base64  hello world, how are you  [encoding]" in told


@pytest.mark.parametrize(
    ("option", "code"), [(b"--known", 0), (b"--type", 2), (b"--coding", 2), (b"--url", 2)]
)
def test_only_known_values_may_be_no_text(option: bytes, code: int) -> None:
    words = [sys.executable, "-m", "waakzaam", "peel", "-", option, b"\xff\xfe raw bytes"]
    done = subprocess.run(words, input=SEALED, capture_output=True, check=False)
    assert done.returncode == code
    assert done.stderr.count(b"\n") == (1 if code else 0)


def test_lines_fit_a_terminal_and_full_shows_all() -> None:
    body = json.dumps({"a": "x y " * 60, "b": {"c": SEALED.decode()}}).encode()
    assert max(map(len, run("-", stdin=body).stdout.decode().splitlines())) <= 80
    assert "x y " * 60 in run("-", "--full", stdin=body).stdout.decode()


def test_json_is_ascii() -> None:
    assert run("-", "--json", stdin="naïef: 我在布鲁塞尔".encode()).stdout.isascii()


def test_terminal_gets_no_control_characters() -> None:
    assert b"\x1b" not in run("-", stdin=b"\x1b[31mred\x1b]0;title\x07 and more text").stdout


@pytest.mark.parametrize(
    ("words", "stdin", "said"),
    [
        (["missing.bin"], b"", "missing.bin: cannot be read"),
        (["-"], b"", "is empty"),
        (["."], b"", "cannot be read"),
        (["-", "--keys", "missing.txt"], b"x", "missing.txt: cannot be read"),
        (["-", "--url", "http://[x"], b"x", "give an absolute URL"),
    ],
)
def test_bad_input_gives_one_line(words: list[str], stdin: bytes, said: str) -> None:
    done = run(*words, stdin=stdin)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1
    assert said in done.stderr.decode()
