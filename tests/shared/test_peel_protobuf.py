"""Protocol Buffers without a schema, against the answers that come with the messages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from waakzaam.peel import peel

pytestmark = pytest.mark.shared

TYPED = {
    # The answer names its fields; the numbers are those of its schema, read off the message by hand.
    "testDouble": "1.double",
    "testFloat": "2.float",
    "testInt32": "4",
    "testInt64": "8",
    "testUInt32": "16",
    "testUInt64": "32",
    "testFixed32": "256",
    "testFixed64": "512",
    "testSFixed32": "1024",
    "testSFixed64": "2048",
    "testBool": "4096",
}


def _fields(file: Path, *, declared: bool = True) -> dict[str, bytes]:
    leaves = peel(file.read_bytes(), content_type="application/x-protobuf" if declared else None).leaves
    return {leaf.steps[-1][1]: leaf.value for leaf in leaves if leaf.steps}


def _tree(text: str) -> list[tuple[str, str]]:
    """(path of field numbers, value) of every scalar of mitmproxy's notation."""
    found, path = [], []
    for line in map(str.strip, text.splitlines()):
        if line.endswith("{"):
            path.append(line[:-1].strip())
        elif line == "}":
            path.pop()
        elif line:
            number, _, value = line.partition(": ")
            found.append((".".join([*path, number]), value))
    return found


def _ours(fields: dict[str, bytes]) -> list[tuple[str, str]]:
    plain = {
        path: value for path, value in fields.items() if not path.endswith((".hex", ".double", ".float"))
    }
    return [(re.sub(r"\[\d+\]", "", path), value.decode()) for path, value in plain.items()]


def test_groups_of_nested_messages(shared: Path) -> None:
    expected = _tree((shared / "peel" / "protobuf02-decoded.bin").read_text())
    # The whole message is field 1 of itself there. One string, "email", is read as a message with the number
    # 1818845549 in field 12 by that answer: "e" is the
    # tag of field 12, "mail" the number. It is a string in all messages beside it.
    misread = ("1.4.2.1.12", "1818845549")
    assert misread in expected
    assert int(misread[1]).to_bytes(4, "little") == b"mail"
    expected[expected.index(misread)] = ("1.4.2.1", "email")
    assert _ours(_fields(shared / "peel" / "protobuf02.bin")) == expected
    assert _fields(shared / "peel" / "protobuf02.bin", declared=False) == _fields(
        shared / "peel" / "protobuf02.bin"
    )


def test_groups_by_start_and_end_tags(shared: Path) -> None:
    expected = _tree((shared / "peel" / "protobuf03-decoded.bin").read_text())
    assert _ours(_fields(shared / "peel" / "protobuf03.bin")) == expected
    # Eight bytes prove nothing to who is not told what they are.
    assert _fields(shared / "peel" / "protobuf03.bin", declared=False) == {}


def test_one_string(shared: Path) -> None:
    assert _fields(shared / "peel" / "protobuf01.bin") == {"1": b"3bbc333c-e61c-433b-819a-0b9a8cc103b8"}


def test_every_type_of_field(shared: Path) -> None:
    answer = (shared / "peel" / "protobuf-test_message.in").read_text()
    fields = _fields(shared / "peel" / "protobuf-test_message.out")
    for name, place in TYPED.items():
        expected = re.search(rf"^{name}: (\S+)$", answer, re.MULTILINE)
        assert expected is not None
        assert fields[place].decode() == expected[1], name
    # ZigZag is not told from the plain form without a schema: -2 is written as 3, -1 as 1.
    assert (fields["64"], fields["128"]) == (b"3", b"1")
    assert fields["8192"] == b"Test\n String"
    assert fields["16384"] == b"bytes\0aaa"
    assert fields["32768.2"] == b"Test1234"
    assert fields["32768.3.double"] == b"2.1"
    assert [fields["65536[0]"], fields["65536[1]"]] == [b"2", b"5"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("msg1", {"1.1.double": b"38.89816675798073", "1.2.double": b"-77.03829828366696", "3": b"de_DE"}),
        ("msg2", {"16": b"e200c423-7f25-ddf0-62bd-9424be53f91a", "24": b"com.android.vending"}),
        ("msg3", {"1.2": b"1650 Pennsylvania Avenue NW, Washington, DC 20502, USA", "1.3[5].3": b"US"}),
    ],
)
def test_messages_of_apps(shared: Path, name: str, values: dict[str, bytes]) -> None:
    fields = _fields(shared / "peel" / f"{name}.bin", declared=False)
    assert {place: fields.get(place) for place in values} == values
