"""Ciphers, put on: the block ciphers of OpenSSL, and those that it lacks, from their papers."""

from __future__ import annotations

import struct
from itertools import cycle

from cryptography.hazmat.decrepit.ciphers import algorithms as old
from cryptography.hazmat.decrepit.ciphers import modes as old_modes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305


def padded(data: bytes, block: int = 16) -> bytes:
    """PKCS#7 (RFC 5652 section 6.3)."""
    fill = block - len(data) % block
    return data + bytes([fill]) * fill


def _run(algorithm: object, mode: object, data: bytes) -> bytes:
    encryptor = Cipher(algorithm, mode).encryptor()  # type: ignore[arg-type]
    sealed: bytes = encryptor.update(data) + encryptor.finalize()
    return sealed


def aes_cbc(data: bytes, key: bytes, vector: bytes) -> bytes:
    """AES-CBC with PKCS#7."""
    return _run(algorithms.AES(key), modes.CBC(vector), padded(data))


def aes_ecb(data: bytes, key: bytes) -> bytes:
    """AES-ECB with PKCS#7."""
    return _run(algorithms.AES(key), modes.ECB(), padded(data))


def aes_ctr(data: bytes, key: bytes, counter: bytes) -> bytes:
    """AES-CTR."""
    return _run(algorithms.AES(key), modes.CTR(counter), data)


def aes_cfb(data: bytes, key: bytes, vector: bytes) -> bytes:
    """AES-CFB with segments of a block."""
    return _run(algorithms.AES(key), old_modes.CFB(vector), data)


def aes_gcm(data: bytes, key: bytes, nonce: bytes) -> bytes:
    """AES-GCM, nonce before and tag behind."""
    return nonce + AESGCM(key).encrypt(nonce, data, None)


def chacha20_poly1305(data: bytes, key: bytes, nonce: bytes) -> bytes:
    """ChaCha20-Poly1305 (RFC 8439), nonce before and tag behind."""
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, data, None)


def sm4_cbc(data: bytes, key: bytes, vector: bytes) -> bytes:
    """SM4-CBC with PKCS#7."""
    return _run(algorithms.SM4(key), modes.CBC(vector), padded(data))


def des3_cbc(data: bytes, key: bytes, vector: bytes) -> bytes:
    """3DES-CBC with PKCS#7."""
    return _run(old.TripleDES(key), modes.CBC(vector), padded(data, 8))


def des_ecb(data: bytes, key: bytes) -> bytes:
    """DES-ECB with PKCS#7: 3DES with the same key three times."""
    return _run(old.TripleDES(key * 3), modes.ECB(), padded(data, 8))


def xor(data: bytes, key: bytes) -> bytes:
    """Exclusive or with a repeating key."""
    return bytes(a ^ b for a, b in zip(data, cycle(key), strict=False))


def rc4(data: bytes, key: bytes) -> bytes:
    """RC4."""
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 255
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) & 255
        j = (j + state[i]) & 255
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) & 255])
    return bytes(out)


def xxtea(data: bytes, key: bytes) -> bytes:
    """XXTEA (Wheeler and Needham 1998) with the length behind the text, as its common libraries have it."""
    words = [*struct.unpack(f"<{-(-len(data) // 4)}I", data + bytes(-len(data) % 4)), len(data)]
    k = struct.unpack("<4I", key)
    n, total, z = len(words), 0, words[-1]
    for _ in range(6 + 52 // n):
        total = (total + 0x9E3779B9) & 0xFFFFFFFF
        e = total >> 2 & 3
        for p in range(n):
            y = words[(p + 1) % n]
            mixed = ((z >> 5 ^ y << 2) + (y >> 3 ^ z << 4)) ^ ((total ^ y) + (k[p & 3 ^ e] ^ z))
            z = words[p] = (words[p] + mixed) & 0xFFFFFFFF
    return struct.pack(f"<{n}I", *words)
