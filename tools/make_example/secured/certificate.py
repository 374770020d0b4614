"""A certificate for one host (RFC 5280, RFC 8410), signed by an invented authority."""

from __future__ import annotations

import hashlib

import curve

_ED25519 = bytes.fromhex("300506032b6570")  # AlgorithmIdentifier id-Ed25519 (RFC 8410 section 3)
_COMMON_NAME, _SUBJECT_ALT_NAME = bytes.fromhex("0603550403"), bytes.fromhex("0603551d11")
AUTHORITY = "Example authority"


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + body


def _name(text: str) -> bytes:
    return _der(0x30, _der(0x31, _der(0x30, _COMMON_NAME, _der(0x0C, text.encode()))))


def certificate(host: str, key: bytes, authority: bytes) -> bytes:
    """The DER of a certificate for ``host`` and public ``key``; ``authority`` is the secret that signs."""
    names = _der(0x30, _der(0x82, host.encode()))
    extensions = _der(0xA3, _der(0x30, _der(0x30, _SUBJECT_ALT_NAME, _der(0x04, names))))
    told = _der(
        0x30,
        _der(0xA0, _der(0x02, b"\2")),
        _der(0x02, b"\1" + hashlib.sha256(host.encode()).digest()[:15]),
        _ED25519,
        _name(AUTHORITY),
        _der(0x30, _der(0x17, b"200401000000Z"), _der(0x17, b"200701000000Z")),
        _name(host),
        _der(0x30, _ED25519, _der(0x03, b"\0" + key)),
        extensions,
    )
    return _der(0x30, told, _ED25519, _der(0x03, b"\0" + curve.sign(authority, told)))
