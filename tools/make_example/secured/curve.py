"""X25519 (RFC 7748) and Ed25519 (RFC 8032). For invented secrets only: not constant in time."""

from __future__ import annotations

import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, P) % P
_BASE_Y = 4 * pow(5, -1, P) % P

Point = tuple[int, int, int, int]


def x25519(scalar: bytes, u: bytes = b"\x09" + bytes(31)) -> bytes:
    """The product of RFC 7748 section 5; both 32 bytes. Without ``u``, the public key of ``scalar``."""
    k = int.from_bytes(scalar, "little") & ((1 << 254) - 8) | 1 << 254
    x1 = int.from_bytes(u, "little") & ((1 << 255) - 1)
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in reversed(range(255)):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def _add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * _D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int) -> bytes:
    """The base point so many times, as 32 bytes (RFC 8032 sections 5.1.2 and 5.1.4)."""
    square = (_BASE_Y * _BASE_Y - 1) * pow(_D * _BASE_Y * _BASE_Y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    x = P - x if x & 1 else x
    point, base = (0, 1, 1, 0), (x, _BASE_Y, 1, x * _BASE_Y % P)
    while scalar:
        if scalar & 1:
            point = _add(point, base)
        base, scalar = _add(base, base), scalar >> 1
    inverse = pow(point[2], P - 2, P)
    return (point[1] * inverse % P | (point[0] * inverse % P & 1) << 255).to_bytes(32, "little")


def _expand(secret: bytes) -> tuple[int, bytes]:
    digest = hashlib.sha512(secret).digest()
    return int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254, digest[32:]


def public(secret: bytes) -> bytes:
    """The Ed25519 public key of a secret of 32 bytes."""
    return _times(_expand(secret)[0])


def sign(secret: bytes, message: bytes) -> bytes:
    """The Ed25519 signature, 64 bytes (RFC 8032 section 5.1.6)."""
    scalar, prefix = _expand(secret)

    def number(*parts: bytes) -> int:
        return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % ORDER

    once = number(prefix, message)
    begin = _times(once)
    rest = (once + number(begin, _times(scalar), message) * scalar) % ORDER
    return begin + rest.to_bytes(32, "little")
