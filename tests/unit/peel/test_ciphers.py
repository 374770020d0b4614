"""Every cipher in every mode is opened with a key file; OpenSSL and the standards made the values."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import sys
from itertools import cycle
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.decrepit.ciphers import algorithms as old
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from tests.helpers.blocks import CIPHERS, encipher
from tests.helpers.layered.ciphers import padded, rc4, xxtea

from waakzaam.peel import Opener, replay
from waakzaam.peel.candidates import read_candidates

IMEI = b"869836900602677"
TEXT = json.dumps(
    {
        "imei": IMEI.decode(),
        "url": "https://example.be/prive?q=test",
        "city": "Leuven",
        "android_id": "a4fe31cc09d2b7e1",
    }
).encode()
# Bytes of no text, as generators give them.
KEYS = {length: bytes((at * 73 + 151) % 256 for at in range(length)) for length in (8, 16, 24, 32)}
# In CFB8 a wrong vector spoils one block only: once in some thousand keys it reads as text, and these do not.
VECTORS = {length: bytes((at * 41 + 199) % 256 for at in range(length)) for length in (8, 10, 12, 16)}


def opened(sealed: bytes, lines: list[bytes], folder: Path) -> str:
    """The layer that gave the plaintext, with these lines of hexadecimal digits in a key file."""
    file = folder / "keys.txt"
    file.write_text("".join(f"{line.hex()}\n" for line in lines))
    found = Opener(read_candidates(file)).open(sealed)
    leaves = [leaf for leaf in found.leaves if leaf.value == IMEI]
    assert leaves, [(leaf.path("value"), leaf.value[:40]) for leaf in found.leaves]
    steps = leaves[0].steps
    assert replay(sealed, [step[0] for step in steps], [step[1] for step in steps])[-1] == IMEI
    return steps[0][0]


@pytest.mark.parametrize("place", ["file", "front", "zeros", "key"])
@pytest.mark.parametrize("mode", ["ecb", "cbc", "ctr", "cfb", "cfb8", "ofb"])
@pytest.mark.parametrize("name", CIPHERS)
def test_block_ciphers(name: str, mode: str, place: str, tmp_path: Path) -> None:
    length, size, cipher = CIPHERS[name]
    key = KEYS[length]
    vector = {"zeros": bytes(size), "key": key[:size]}.get(place, VECTORS[size])
    data = padded(TEXT, size) if mode in ("ecb", "cbc") else TEXT
    sealed = encipher(mode, cipher(key), vector, data)
    if place == "front" and mode != "ecb":
        sealed = vector + sealed
    lines = [b"a decoy in the file", key] + ([vector] if place == "file" else [])
    assert opened(sealed, lines, tmp_path) == f"{name}-{mode}"


PADDINGS = {
    "zero": lambda fill: bytes(fill),
    "x923": lambda fill: bytes(fill - 1) + bytes([fill]),
    "iso7816": lambda fill: b"\x80" + bytes(fill - 1),
    "iso10126": lambda fill: bytes((at * 91 + 17) % 256 for at in range(fill - 1)) + bytes([fill]),
}


@pytest.mark.parametrize("packed", [False, True], ids=["text", "gzip"])
@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("mode", ["ecb", "cbc"])
@pytest.mark.parametrize("name", ["aes-128", "3des"])
def test_paddings(name: str, mode: str, padding: str, packed: bool, tmp_path: Path) -> None:
    length, size, cipher = CIPHERS[name]
    data = gzip.compress(TEXT, mtime=0) if packed else TEXT
    data += PADDINGS[padding](size - len(data) % size)
    sealed = encipher(mode, cipher(KEYS[length]), VECTORS[size], data)
    assert opened(sealed, [KEYS[length], VECTORS[size]], tmp_path) == f"{name}-{mode}"


# Nonces of twelve and sixteen bytes are sent in front, others are not.
NONCES = [(nonce, "file") for nonce in (0, 8, 10, 12, 16)] + [(12, "front"), (16, "front")]


@pytest.mark.parametrize("length", [16, 24, 32])
@pytest.mark.parametrize(("nonce", "place"), NONCES)
@pytest.mark.parametrize("tag", ["behind", "file"])
@pytest.mark.parametrize("data", [None, b"what is authenticated besides"], ids=["alone", "data"])
def test_aes_gcm(length: int, nonce: int, place: str, tag: str, data: bytes | None, tmp_path: Path) -> None:
    vector = VECTORS[nonce] if nonce else b""
    if nonce in (0, 10):
        # OpenSSL asks for eight bytes at least; a keystream from GHASH of the nonce is what the mode says.
        sealed = gcm(KEYS[length], vector, TEXT, data or b"")
    else:
        sealed = AESGCM(KEYS[length]).encrypt(vector, TEXT, data)
    body, mac = sealed[:-16], sealed[-16:]
    value = (vector if place == "front" else b"") + (sealed if tag == "behind" else body)
    lines = [KEYS[length]]
    lines += [vector] if place == "file" and vector else []
    lines += [mac] if tag == "file" else []
    lines += [data] if data else []
    assert opened(value, lines, tmp_path) == f"aes-{8 * length}-gcm"


def gcm(key: bytes, nonce: bytes, text: bytes, data: bytes) -> bytes:
    """AES-GCM with a nonce of any length, from SP 800-38D."""
    block = CIPHERS[f"aes-{8 * len(key)}"][2](key)
    h = int.from_bytes(block(bytes(16)))

    def multiplied(x: int) -> int:
        z, v = 0, h
        for bit in range(127, -1, -1):
            z ^= v if x >> bit & 1 else 0
            v = v >> 1 ^ (0xE1 << 120 if v & 1 else 0)
        return z

    def hashed(data: bytes, text: bytes) -> bytes:
        y = 0
        filled = b"".join(piece + bytes(-len(piece) % 16) for piece in (data, text))
        filled += (8 * len(data)).to_bytes(8) + (8 * len(text)).to_bytes(8)
        for at in range(0, len(filled), 16):
            y = multiplied(y ^ int.from_bytes(filled[at : at + 16]))
        return y.to_bytes(16)

    first = hashed(b"", nonce)
    start = (int.from_bytes(first) >> 32 << 32 | (int.from_bytes(first[12:]) + 1) % (1 << 32)).to_bytes(16)
    body = encipher("ctr", block, start, text)
    mask = block(first)
    return body + bytes(a ^ b for a, b in zip(hashed(data, body), mask, strict=True))


def test_the_oracle_of_unusual_nonces_agrees_with_openssl() -> None:
    for nonce in (VECTORS[8], VECTORS[16]):
        assert gcm(KEYS[16], nonce, TEXT, b"data") == AESGCM(KEYS[16]).encrypt(nonce, TEXT, b"data")


@pytest.mark.parametrize("place", ["file", "front"])
@pytest.mark.parametrize("counter", [0, 1])
@pytest.mark.parametrize("nonce", [8, 12])
def test_chacha20(nonce: int, counter: int, place: str, tmp_path: Path) -> None:
    vector = VECTORS[nonce]
    # OpenSSL takes the counter and the nonce as one: 4 and 12 bytes, or 8 and 8.
    start = counter.to_bytes(16 - nonce, "little") + vector
    encryptor = Cipher(algorithms.ChaCha20(KEYS[32], start), None).encryptor()
    sealed = (vector if place == "front" else b"") + encryptor.update(TEXT)
    assert opened(sealed, [KEYS[32], *([vector] if place == "file" else [])], tmp_path) == "chacha20"


@pytest.mark.parametrize("place", ["file", "front"])
@pytest.mark.parametrize("data", [None, b"what is authenticated besides"], ids=["alone", "data"])
@pytest.mark.parametrize("tag", ["behind", "file"])
def test_chacha20_poly1305(tag: str, data: bytes | None, place: str, tmp_path: Path) -> None:
    vector = VECTORS[12]
    sealed = ChaCha20Poly1305(KEYS[32]).encrypt(vector, TEXT, data)
    value = (vector if place == "front" else b"") + (sealed if tag == "behind" else sealed[:-16])
    lines = [KEYS[32]] + ([vector] if place == "file" else [])
    lines += [sealed[-16:]] if tag == "file" else []
    lines += [data] if data else []
    assert opened(value, lines, tmp_path) == "chacha20-poly1305"


@pytest.mark.parametrize("length", [8, 16, 32])
def test_rc4(length: int, tmp_path: Path) -> None:
    sealed = Cipher(old.ARC4(KEYS[length]), None).encryptor().update(TEXT)
    assert opened(sealed, [KEYS[length]], tmp_path) == "rc4"
    assert rc4(TEXT, KEYS[length]) == sealed


@pytest.mark.parametrize("length", [5, 8, 24])
def test_blowfish_with_keys_of_other_lengths(length: int, tmp_path: Path) -> None:
    key = KEYS[24][:length]
    block = Cipher(old.Blowfish(key), modes.ECB()).encryptor()
    assert opened(block.update(padded(TEXT, 8)), [key], tmp_path) == "blowfish-ecb"


def test_xxtea(tmp_path: Path) -> None:
    assert opened(xxtea(TEXT, KEYS[16]), [KEYS[16]], tmp_path) == "xxtea"


@pytest.mark.parametrize("key", [b"\x5a", b"secret key!", KEYS[24]], ids=["one", "text", "bytes"])
@pytest.mark.parametrize("indexed", [False, True], ids=["plain", "index"])
def test_xor(key: bytes, indexed: bool, tmp_path: Path) -> None:
    mask = [k ^ (at & 255 if indexed else 0) for at, k in zip(range(len(TEXT)), cycle(key), strict=False)]
    sealed = bytes(a ^ b for a, b in zip(TEXT, mask, strict=True))
    assert opened(sealed, [key], tmp_path) == ("xor-index" if indexed else "xor")


@pytest.mark.parametrize("by", [13, 47, 128, 200])
def test_additions(by: int, tmp_path: Path) -> None:
    # By less all of it is text again, which is taken to be one.
    layer = opened(bytes((byte + by) % 256 for byte in TEXT), [b"decoy key"], tmp_path)
    assert layer in ("add", "byte-add", "xor")


@pytest.mark.parametrize("by", range(1, 8))
def test_rotations(by: int, tmp_path: Path) -> None:
    sealed = bytes((byte << by | byte >> 8 - by) & 255 for byte in TEXT)
    assert opened(sealed, [b"decoy key"], tmp_path) == "rotate"


def test_fernet(tmp_path: Path) -> None:
    token = Fernet(base64.urlsafe_b64encode(KEYS[32])).encrypt(TEXT)
    assert opened(token, [KEYS[32]], tmp_path) in ("base64", "base64url")
    # The vector of its specification: the plaintext is too short to prove anything, the HMAC does.
    token = (
        b"gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF"
        b"_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="
    )
    found = Opener([("key", b"cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=")]).open(token)
    assert [leaf.value for leaf in found.leaves] == [b"hello"]
    assert found.leaves[0].proofs[0].bits is not None
    assert found.leaves[0].proofs[0].bits > 200
    wrong = Opener([("key", b"dw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=")]).open(token)
    assert [leaf.value for leaf in wrong.leaves] == [token]


@pytest.mark.parametrize(("layer", "times"), [("ciphersaber", 1), ("ciphersaber-2", 20)])
def test_ciphersaber(layer: str, times: int, tmp_path: Path) -> None:
    key = b"a passphrase" + VECTORS[10]
    state, j = list(range(256)), 0
    for _ in range(times):
        for i in range(256):
            j = (j + state[i] + key[i % len(key)]) & 255
            state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in TEXT:
        i = (i + 1) & 255
        j = (j + state[i]) & 255
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) & 255])
    file = tmp_path / "keys.txt"
    file.write_text("a decoy\na passphrase\n")
    found = Opener(read_candidates(file)).open(VECTORS[10] + bytes(out))
    assert [leaf.steps[0][0] for leaf in found.leaves if leaf.value == IMEI] == [layer]


@pytest.mark.parametrize("spelling", ["hexadecimal", "base64", "logged"])
def test_the_command_opens_with_a_key_file(spelling: str, tmp_path: Path) -> None:
    value, keys = tmp_path / "value.bin", tmp_path / "keys.txt"
    value.write_bytes(encipher("cbc", CIPHERS["sm4"][2](KEYS[16]), VECTORS[16], padded(TEXT)))
    spelt = [KEYS[16].hex(), VECTORS[16].hex()]
    if spelling == "base64":
        spelt = [base64.b64encode(each).decode() for each in (KEYS[16], VECTORS[16])]
    keys.write_text(
        json.dumps({"key": spelt[0], "iv": spelt[1]}) if spelling == "logged" else "\n".join(spelt)
    )
    command = [sys.executable, "-m", "waakzaam", "peel", str(value), "--keys", str(keys), "--json"]
    told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    assert "sm4-cbc" in json.dumps(told)
    assert IMEI.decode() in json.dumps(told)
