"""Files of keys to try are told by their content, and no other text is taken for one."""

from __future__ import annotations

import json

import pytest

from waakzaam.sources import choose
from waakzaam.sources.candidates import NAME

CALL = json.dumps({"algorithm": "AES/CBC/PKCS5Padding", "key": "30313233", "iv": "aabb"})
KEY_LOG = b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48 + b"\n"

IS = {
    "constants": b"com.example.app\n0123456789abcdef\nn1LHW/Wcf4M/SYbZE6V51y6olL0dTFYS\n",
    "one key": b"0123456789abcdef",
    "logged calls": f"{CALL}\n{CALL}\n".encode(),
    "a long list": b"a-constant-of-an-app\n" * 10_000,
}
IS_NOT = {
    "words": b"hello\nworld\n",
    "sentences": b"not a key at all\nand neither is this\n",
    "JSON": b'{"a": 1}\n{"b": 2}\n',
    "a list of JSON": b'["0123456789abcdef"]',
    "markup": b"<html><body>\n",
    "brackets without end": b"[" * 100_000,
    "a key log of TLS": KEY_LOG,
    "a private key": b"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n",
    "binary": bytes(range(256)),
    "nothing": b"",
}


@pytest.mark.parametrize("name", IS)
def test_it_is_recognised(name: str) -> None:
    source, failed = choose(IS[name][: 1 << 16])
    assert source is not None
    assert (source.name, failed) == (NAME, [])


@pytest.mark.parametrize("name", IS_NOT)
def test_it_is_something_else(name: str) -> None:
    source, failed = choose(IS_NOT[name][: 1 << 16])
    assert (source is None or source.name != NAME, failed) == (True, [])
