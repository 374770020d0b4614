"""The layers, put on: each a function from bytes to bytes."""

from __future__ import annotations

import base64
import gzip
import io
import json
import lzma
import plistlib
import struct
import zipfile
import zlib
from typing import Any
from urllib.parse import quote

BASE58 = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
LEVELS = (1, 6, 9)


def compact(document: Any) -> bytes:
    """JSON without spaces, characters as they are."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def gzipped(data: bytes) -> bytes:
    """A gzip member (RFC 1952)."""
    return gzip.compress(data, mtime=1_700_000_000)


def raw_deflate(data: bytes, level: int = 6) -> bytes:
    """DEFLATE without a header (RFC 1951)."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def brotli(data: bytes) -> bytes:
    """Brotli (RFC 7932), by Google's encoder."""
    import brotli as encoder

    packed: bytes = encoder.compress(data)
    return packed


def zstd(data: bytes) -> bytes:
    """A Zstandard frame (RFC 8878), by Facebook's encoder."""
    import zstandard

    return zstandard.ZstdCompressor().compress(data)


def xz(data: bytes) -> bytes:
    """An xz stream."""
    return lzma.compress(data)


def zipped(data: bytes) -> bytes:
    """A zip archive with one member."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("log.json", (2024, 5, 1, 12, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def percent(data: bytes) -> bytes:
    """Percent-encoding of everything that is not unreserved (RFC 3986)."""
    return quote(data, safe="").encode()


def base58(data: bytes) -> bytes:
    """Base58 as in Bitcoin."""
    number, out = int.from_bytes(data), bytearray()
    while number:
        number, digit = divmod(number, 58)
        out.append(BASE58[digit])
    return BASE58[:1] * (len(data) - len(data.lstrip(b"\0"))) + bytes(reversed(out))


def own_base64(data: bytes, alphabet: bytes) -> bytes:
    """Base64 with another alphabet."""
    return base64.b64encode(data).translate(bytes.maketrans(STANDARD, alphabet))


def form(fields: dict[str, str]) -> bytes:
    """``application/x-www-form-urlencoded``."""
    return "&".join(
        f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in fields.items()
    ).encode()


def multipart(name: str, data: bytes, boundary: str) -> bytes:
    """``multipart/form-data`` with a file in it (RFC 7578)."""
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="k"\r\n\r\n1\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="l.bin"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + data + f"\r\n--{boundary}--\r\n".encode()


def varint(value: int) -> bytes:
    """A base-128 number of Protocol Buffers."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


def protobuf(document: dict[str, Any]) -> bytes:
    """A message with the values of a document in fields 1, 2, 3 …"""
    out = bytearray()
    for number, value in enumerate(document.values(), 1):
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, bool | int):
                out += varint(number << 3) + varint(int(each))
                continue
            inner = protobuf(each) if isinstance(each, dict) else str(each).encode()
            out += varint(number << 3 | 2) + varint(len(inner)) + inner
    return bytes(out)


def msgpack(value: Any) -> bytes:
    """MessagePack."""
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return bytes([value]) if 0 <= value < 128 else b"\xcf" + struct.pack(">Q", value)
    if isinstance(value, str):
        data = value.encode()
        return (bytes([0xA0 | len(data)]) if len(data) < 32 else b"\xd9" + bytes([len(data)])) + data
    if isinstance(value, list):
        return bytes([0x90 | len(value)]) + b"".join(map(msgpack, value))
    return (
        b"\xde"
        + struct.pack(">H", len(value))
        + b"".join(msgpack(name) + msgpack(each) for name, each in value.items())
    )


def cbor(value: Any) -> bytes:
    """CBOR (RFC 8949)."""

    def head(major: int, number: int) -> bytes:
        for size, (extra, form) in enumerate(((0, ""), (24, ">B"), (25, ">H"), (26, ">I"), (27, ">Q"))):
            if number < (24, 1 << 8, 1 << 16, 1 << 32, 1 << 64)[size]:
                return bytes([major << 5 | (number if not form else extra)]) + (
                    struct.pack(form, number) if form else b""
                )
        raise ValueError(number)

    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(name) + cbor(each) for name, each in value.items())


def plist(document: dict[str, Any]) -> bytes:
    """A binary property list."""
    return plistlib.dumps(document, fmt=plistlib.FMT_BINARY)


def xml(fields: dict[str, str]) -> bytes:
    """Fields as elements."""
    safe = {
        name.lstrip("$"): value.replace("&", "&amp;").replace("<", "&lt;") for name, value in fields.items()
    }
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in safe.items())
    return f'<?xml version="1.0" encoding="UTF-8"?><report>{inner}</report>'.encode()


def jwt(document: dict[str, Any], signature: bytes) -> bytes:
    """A JSON Web Token (RFC 7519)."""
    parts = (compact({"alg": "HS256", "typ": "JWT"}), compact(document), signature)
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)


def grpc(data: bytes) -> bytes:
    """A message of gRPC, not compressed."""
    return b"\0" + struct.pack(">I", len(data)) + data
