"""The kinds of wrapping, and samples of them in turn."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.helpers.layered import ciphers as c
from tests.helpers.layered import encoders as e
from tests.helpers.layered.constants import Keys
from tests.helpers.layered.telemetry import flat, imei, report

b64 = base64.b64encode
b64url = base64.urlsafe_b64encode


@dataclass(frozen=True)
class Sample:
    """A value with layers around a report; ``canary`` is a value in the report."""

    kind: str
    data: bytes
    canary: bytes


Make = Callable[[dict[str, Any], Random, Keys], bytes]


def _form_field(d: dict[str, Any], r: Random, k: Keys) -> bytes:
    packed = b64(e.gzipped(e.compact(d))).decode()
    return e.form({"appid": str(r.randrange(10**12, 10**13)), "ver": "3.1", "data": packed})


def _sibling_key(d: dict[str, Any], r: Random, k: Keys) -> bytes:
    key = f"{r.getrandbits(64):016x}".encode()
    sealed = b64(c.aes_cbc(e.compact(d), key, key)).decode()
    return e.compact({"v": 2, "k": key.decode(), "d": sealed})


def _vector_before(d: dict[str, Any], r: Random, k: Keys) -> bytes:
    vector = r.randbytes(16)
    return b64(vector + c.aes_cbc(e.compact(d), k.key16, vector))


def _counter_before(d: dict[str, Any], r: Random, k: Keys) -> bytes:
    counter = r.randbytes(16)
    return counter + c.aes_ctr(e.compact(d), k.key16, counter)


KINDS: dict[str, Make] = {
    # the twenty
    "percent>base64>gzip>json": lambda d, r, k: e.percent(b64(e.gzipped(e.compact(d)))),
    "base64url>zlib>json": lambda d, r, k: b64url(zlib.compress(e.compact(d), r.choice(e.LEVELS))),
    "base64>base64>json": lambda d, r, k: b64(b64(e.compact(d))),
    "hex>zlib>json": lambda d, r, k: zlib.compress(e.compact(d)).hex().encode(),
    "base64>gzip>protobuf": lambda d, r, k: b64(e.gzipped(e.protobuf(d))),
    "json-in-json": lambda d, r, k: e.compact(
        {"head": {"v": 2}, "body": e.compact({"inner": e.compact(d).decode()}).decode()}
    ),
    "base64>deflate>form": lambda d, r, k: b64(e.raw_deflate(e.form(flat(d)))),
    "base64>brotli>json": lambda d, r, k: b64(e.brotli(e.compact(d))),
    "base64>zstd>json": lambda d, r, k: b64(e.zstd(e.compact(d))),
    "xor1>json": lambda d, r, k: c.xor(e.compact(d), bytes([r.randrange(1, 256)])),
    "base64>xor1>json": lambda d, r, k: b64(c.xor(e.compact(d), bytes([r.randrange(1, 256)]))),
    "base64>xor8>json": lambda d, r, k: b64(c.xor(e.compact(d), r.randbytes(8))),
    "base64>aes-cbc>json": lambda d, r, k: b64(c.aes_cbc(e.compact(d), k.key16, k.vector)),
    "base64>aes-ecb>gzip>json": lambda d, r, k: b64(c.aes_ecb(e.gzipped(e.compact(d)), k.key16)),
    "base64>rc4>json": lambda d, r, k: b64(c.rc4(e.compact(d), k.phrase)),
    "own-base64>json": lambda d, r, k: e.own_base64(e.compact(d), k.alphabet),
    "form>base64>gzip>json": _form_field,
    "json>base64>zlib>json": lambda d, r, k: e.compact(
        {"app_id": 1001, "sdk": "4.2.1", "payload": b64(zlib.compress(e.compact(d))).decode()}
    ),
    "multipart>gzip>json": lambda d, r, k: e.multipart(
        "file", e.gzipped(e.compact(d)), f"----{r.getrandbits(64):x}"
    ),
    "percent>base64>gzip>json>base64>json": lambda d, r, k: e.percent(
        b64(e.gzipped(e.compact({"p": b64(e.compact(d)).decode(), "n": r.randrange(100)})))
    ),
    # more
    "base64>xz>json": lambda d, r, k: b64(e.xz(e.compact(d))),
    "zip>json": lambda d, r, k: e.zipped(e.compact(d)),
    "base32>gzip>json": lambda d, r, k: base64.b32encode(e.gzipped(e.compact(d))),
    "base58>zlib>json": lambda d, r, k: e.base58(zlib.compress(e.compact(d))),
    "ascii85>zlib>json": lambda d, r, k: base64.a85encode(zlib.compress(e.compact(d))),
    "gzip>msgpack": lambda d, r, k: e.gzipped(e.msgpack(d)),
    "base64>cbor": lambda d, r, k: b64(e.cbor(d)),
    "base64>bplist": lambda d, r, k: b64(e.plist(d)),
    "xml": lambda d, r, k: e.xml(flat(d)),
    "form>jwt": lambda d, r, k: e.form({"client": "7", "token": e.jwt(d, r.randbytes(32)).decode()}),
    "grpc>protobuf": lambda d, r, k: e.grpc(e.protobuf(d)),
    "utf-16>json": lambda d, r, k: e.compact(d).decode().encode("utf-16-le"),
    "base64>vector+aes-cbc>json": _vector_before,
    "json>base64>aes-cbc>json, key beside": _sibling_key,
    "base64>aes-256-cbc>json": lambda d, r, k: b64(c.aes_cbc(e.compact(d), k.key32, bytes(16))),
    "hex>aes-cbc of hex key>json": lambda d, r, k: c.aes_cbc(e.compact(d), k.hex16, bytes(16)).hex().encode(),
    "base64>aes-ecb of md5>json": lambda d, r, k: b64(
        c.aes_ecb(e.compact(d), hashlib.md5(k.phrase).digest())
    ),
    "vector+aes-ctr>json": _counter_before,
    "aes-cfb>json": lambda d, r, k: c.aes_cfb(e.compact(d), k.key16, k.key16),
    "base64>aes-gcm>json": lambda d, r, k: b64(c.aes_gcm(e.compact(d), k.key16, r.randbytes(12))),
    "chacha20-poly1305>zlib>json": lambda d, r, k: c.chacha20_poly1305(
        zlib.compress(e.compact(d)), k.key32, r.randbytes(12)
    ),
    "base64>sm4-cbc>json": lambda d, r, k: b64(c.sm4_cbc(e.compact(d), k.key16, k.vector)),
    "base64>3des-cbc>json": lambda d, r, k: b64(c.des3_cbc(e.compact(d), k.key24, bytes(8))),
    "base64>des-ecb>json": lambda d, r, k: b64(c.des_ecb(e.compact(d), k.key8)),
    "base64>xxtea>json": lambda d, r, k: b64(c.xxtea(e.compact(d), k.key16)),
}
"""Each kind by its layers, outermost first. The first twenty are those that peers were measured with."""
TWENTY = 20


def samples(seed: int, count: int, keys: Keys, kinds: int | None = None) -> Iterator[Sample]:
    """So many samples, of the first ``kinds`` kinds in turn (None: all)."""
    random = Random(f"samples {seed}")
    chosen = list(KINDS.items())[:kinds]
    for number in range(count):
        kind, make = chosen[number % len(chosen)]
        canary = imei(random)
        yield Sample(kind, make(report(random, canary), random, keys), canary.encode())
