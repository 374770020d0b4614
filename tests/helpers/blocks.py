"""Modes of block ciphers over any block function (NIST SP 800-38A), and TEA and XTEA from their papers."""

from __future__ import annotations

import struct
from collections.abc import Callable

from cryptography.hazmat.decrepit.ciphers import algorithms as old
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Block = Callable[[bytes], bytes]
"""Enciphers one block."""


def _library(algorithm: object) -> Block:
    def block(data: bytes) -> bytes:
        encryptor = Cipher(algorithm, modes.ECB()).encryptor()  # type: ignore[arg-type]
        return encryptor.update(data) + encryptor.finalize()

    return block


def _tea(order: str) -> Callable[[bytes], Block]:
    def with_key(key: bytes) -> Block:
        k = struct.unpack(f"{order}4I", key)

        def block(data: bytes) -> bytes:
            y, z = struct.unpack(f"{order}2I", data)
            total = 0
            for _ in range(32):
                total = (total + 0x9E3779B9) & 0xFFFFFFFF
                y = (y + (((z << 4) + k[0]) ^ (z + total) ^ ((z >> 5) + k[1]))) & 0xFFFFFFFF
                z = (z + (((y << 4) + k[2]) ^ (y + total) ^ ((y >> 5) + k[3]))) & 0xFFFFFFFF
            return struct.pack(f"{order}2I", y, z)

        return block

    return with_key


def _xtea(order: str) -> Callable[[bytes], Block]:
    def with_key(key: bytes) -> Block:
        k = struct.unpack(f"{order}4I", key)

        def block(data: bytes) -> bytes:
            y, z = struct.unpack(f"{order}2I", data)
            total = 0
            for _ in range(32):
                y = (y + ((((z << 4) ^ (z >> 5)) + z) ^ (total + k[total & 3]))) & 0xFFFFFFFF
                total = (total + 0x9E3779B9) & 0xFFFFFFFF
                z = (z + ((((y << 4) ^ (y >> 5)) + y) ^ (total + k[total >> 11 & 3]))) & 0xFFFFFFFF
            return struct.pack(f"{order}2I", y, z)

        return block

    return with_key


CIPHERS: dict[str, tuple[int, int, Callable[[bytes], Block]]] = {
    "aes-128": (16, 16, lambda key: _library(algorithms.AES(key))),
    "aes-192": (24, 16, lambda key: _library(algorithms.AES(key))),
    "aes-256": (32, 16, lambda key: _library(algorithms.AES(key))),
    "des": (8, 8, lambda key: _library(old.TripleDES(key * 3))),
    "3des": (24, 8, lambda key: _library(old.TripleDES(key))),
    "sm4": (16, 16, lambda key: _library(algorithms.SM4(key))),
    "blowfish": (16, 8, lambda key: _library(old.Blowfish(key))),
    "tea": (16, 8, _tea(">")),
    "tea-le": (16, 8, _tea("<")),
    "xtea": (16, 8, _xtea(">")),
    "xtea-le": (16, 8, _xtea("<")),
}
"""Bytes of the key and of a block, and the cipher."""


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=False))


def encipher(mode: str, block: Block, vector: bytes, data: bytes) -> bytes:
    """Encipher in a mode of SP 800-38A; the data are whole blocks for ``ecb`` and ``cbc``."""
    size = len(vector)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    out = bytearray()
    register = vector
    if mode == "cfb8":
        for byte in data:
            out.append(byte ^ block(register)[0])
            register = register[1:] + out[-1:]
        return bytes(out)
    for piece in pieces:
        if mode == "ecb":
            out += block(piece)
        elif mode == "cbc":
            register = block(_xor(register, piece))
            out += register
        elif mode == "ctr":
            out += _xor(piece, block(register))
            register = ((int.from_bytes(register) + 1) % (1 << 8 * size)).to_bytes(size)
        elif mode == "cfb":
            register = _xor(piece, block(register))
            out += register
        else:
            register = block(register)
            out += _xor(piece, register)
    return bytes(out)
