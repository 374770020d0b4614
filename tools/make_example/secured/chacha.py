"""ChaCha20-Poly1305 (RFC 8439), for writing: slow, plain, and always the same."""

from __future__ import annotations

import struct

_MASK = 0xFFFFFFFF
_ROUNDS = (
    (0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
    (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14),
)  # fmt: skip


def block(key: bytes, counter: int, nonce: bytes) -> bytes:
    """One block of 64 bytes of the key stream (section 2.3); ``key`` 32 bytes, ``nonce`` 12 bytes."""
    begin = struct.unpack("<16I", b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce)
    state = list(begin)
    for _ in range(10):
        for a, b, c, d in _ROUNDS:
            for one, other, turn, by in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                state[one] = (state[one] + state[other]) & _MASK
                mixed = state[turn] ^ state[one]
                state[turn] = (mixed << by | mixed >> (32 - by)) & _MASK
    return struct.pack("<16I", *((now + was) & _MASK for now, was in zip(state, begin, strict=True)))


def poly1305(key: bytes, message: bytes) -> bytes:
    """The one-time authenticator of section 2.5: 16 bytes; ``key`` 32 bytes."""
    factor = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(message), 16):
        piece = message[at : at + 16] + b"\1"
        total = (total + int.from_bytes(piece, "little")) * factor % ((1 << 130) - 5)
    return ((total + int.from_bytes(key[16:], "little")) & ((1 << 128) - 1)).to_bytes(16, "little")


def seal(key: bytes, nonce: bytes, plain: bytes, header: bytes) -> bytes:
    """The ciphertext and its tag (section 2.8); ``header`` is authenticated only."""
    stream = b"".join(block(key, 1 + at, nonce) for at in range((len(plain) + 63) // 64))
    closed = bytes(a ^ b for a, b in zip(plain, stream, strict=False))
    told = b"".join(part + bytes(-len(part) % 16) for part in (header, closed))
    told += struct.pack("<QQ", len(header), len(closed))
    return closed + poly1305(block(key, 0, nonce)[:32], told)
