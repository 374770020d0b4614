"""CyberChef's own test cases as questions to the peeler: which of them ask for a value inside a value.

A case is an input, a recipe and the answer. Counted are those in which every step decodes, the answer comes
out of the input, and it is a structure or a text of at least 24 bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LEAST = 24
"""Bytes of an answer; a shorter one proves nothing to anybody who does not know it."""
# Steps that take a disguise off. All others compute (digests, keys), draw, encode, or tell about their input.
ENCODINGS = {
    "From Base32", "From Base45", "From Base58", "From Base62", "From Base64", "From Base85", "From Base92",
    "From Bech32", "From COBS", "From HTML Entity", "From Hex", "From Modhex", "Decode NetBIOS Name",
    "Decode text", "URL Decode", "Unescape Unicode Characters", "PEM to Hex", "Rotate left", "Rotate right",
    "Text-Integer Conversion",
}  # fmt: skip
COMPRESSIONS = {
    "Bzip2 Decompress", "Gunzip", "LZ4 Decompress", "LZMA Decompress", "LZNT1 Decompress",
    "LZString Decompress", "XPRESS Decompress", "XPRESS LZ77+Huffman Decompress",
}  # fmt: skip
STRUCTURES = {
    "Avro to JSON", "BSON deserialise", "CBOR Decode", "Flask Session Decode", "From MessagePack",
    "JWT Decode", "PHP Deserialize", "Parse TLV", "Protobuf Decode", "Rison Decode",
}  # fmt: skip
CIPHERS = {
    "AES Decrypt", "Blowfish Decrypt", "ChaCha", "CipherSaber2 Decrypt", "DES Decrypt", "Fernet Decrypt",
    "GOST Decrypt", "RC2 Decrypt", "RC4", "Rabbit", "SM4 Decrypt", "Salsa20", "TEA Decrypt",
    "Triple DES Decrypt", "Twofish Decrypt", "Vigenère Decode", "XTEA Decrypt", "XXTEA Decrypt",
}  # fmt: skip
# Steps that only spell an answer otherwise, or cut the input to the value.
SPELLING = {"To Hex", "JSON Minify", "Drop bytes", "Register", "Subsection", "Merge"}
_FAILURES = re.compile(
    r"^(Invalid |Could not |Error|Please provide|Input |Character |Need |Triplet |Encoding cannot"
    r"|The key must|Odd number|From Base85 - Invalid|.* is not a base92)"
)


@dataclass(frozen=True)
class Case:
    """One case that counts. ``answer``: bytes that must be inside, or scalars that must all be leaves."""

    name: str
    operation: str
    data: bytes
    keys: tuple[str, ...]
    answer: bytes | None
    scalars: tuple[str, ...]


def _texts(args: list[Any]) -> Iterator[str]:
    for each in args:
        if isinstance(each, dict) and isinstance(each.get("string"), str):
            yield each["string"]


def _answer(recipe: list[dict[str, Any]], expected: str) -> bytes:
    """The answer as bytes: many recipes end by spelling it in hexadecimal digits."""
    last = recipe[-1]
    outputs = [each for each in last["args"] if each in ("Hex", "Raw")]
    spelt = last["op"] == "To Hex" or (last["op"] in CIPHERS and outputs[-1:] == ["Hex"])
    if spelt:
        try:
            return bytes.fromhex(expected)
        except ValueError:
            pass
    return expected.encode()


def _scalars(value: Any) -> Iterator[str]:
    """The values of a structure. Of a row of tags and lengths these are the bytes behind each length."""
    if isinstance(value, dict) and set(value) in ({"key", "length", "value"}, {"length", "value"}):
        yield bytes(value["value"]).decode("latin-1")
    elif isinstance(value, dict):
        for each in value.values():
            yield from _scalars(each)
    elif isinstance(value, list):
        for each in value:
            yield from _scalars(each)
    else:
        yield value if isinstance(value, str) else json.dumps(value)


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter in "\n\r\t" for letter in text)


def why_not(row: dict[str, Any]) -> str | None:
    """Why a case does not count; None when it does."""
    operations = [step["op"] for step in row["recipe"]]
    decodes = ENCODINGS | COMPRESSIONS | STRUCTURES | CIPHERS
    if not set(operations) <= decodes | SPELLING:
        return "computes, draws, encodes, or tells about the input"
    if operations[0] == "Subsection" or not set(operations) & decodes:
        return "computes, draws, encodes, or tells about the input"
    if row["expected"] is None or _FAILURES.match(row["expected"]):
        return "the answer is a complaint about the input"
    data, answer = bytes.fromhex(row["input_hex"]), _answer(row["recipe"], row["expected"])
    if data == answer:
        return "the answer is the input"
    structured = bool(set(operations) & STRUCTURES)
    if not structured and not _is_text(answer):
        return "the answer is no text"
    if len(answer) < LEAST:
        return "the answer is shorter than 24 bytes"
    return None


def cases(file: Path) -> Iterator[tuple[dict[str, Any], Case | str]]:
    """Every row of the file with its case, or why it does not count."""
    for line in file.read_text("utf-8").strip("\n").split("\n"):
        row = json.loads(line)
        reason = why_not(row)
        if reason:
            yield row, reason
            continue
        operations = [step["op"] for step in row["recipe"]]
        answer: bytes | None = _answer(row["recipe"], row["expected"])
        scalars: tuple[str, ...] = ()
        if set(operations) & STRUCTURES:
            # An array of PHP has numbers for keys, which JSON must have in quotes.
            spelt = re.sub(r"([{,]\s*)(\d+):", r'\1"\2":', row["expected"])
            with suppress(ValueError):
                scalars, answer = tuple(_scalars(json.loads(spelt))), None
        keys = [text for step in row["recipe"] for text in _texts(step["args"]) if text]
        keys += [
            step["args"][0]
            for step in row["recipe"]
            if step["op"] in ("Fernet Decrypt", "Vigenère Decode") and step["args"][0]
        ]
        operation = next(
            op for op in reversed(operations) if op in ENCODINGS | COMPRESSIONS | STRUCTURES | CIPHERS
        )
        data = bytes.fromhex(row["input_hex"])
        yield row, Case(row["name"], operation, data, tuple(dict.fromkeys(keys)), answer, scalars)


def is_opened(case: Case, values: list[bytes]) -> bool:
    """Whether the answer is among the values found: in one of them, or each of its scalars as one."""
    if case.answer is not None:
        return any(case.answer.strip() in value for value in values)
    texts = {value.decode("utf-8", "replace") for value in values}
    return all(scalar in texts for scalar in case.scalars if scalar)
