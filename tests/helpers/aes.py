"""AES for tests (FIPS 197, SP 800-38A), written for clarity: an encoder that shares no code with the core."""

from __future__ import annotations

BLOCK = 16


def _sbox() -> bytes:
    """The substitution of FIPS 197 section 5.1.1: inverse in GF(2^8), then an affine map."""
    box = bytearray(256)
    p = q = 1
    while True:
        p ^= (p << 1) ^ (0x11B if p & 0x80 else 0)
        p &= 0xFF
        for shift in (1, 2, 4):
            q ^= q << shift
        q &= 0xFF
        if q & 0x80:
            q ^= 0x09
        turned = [((q << n) | (q >> (8 - n))) & 0xFF for n in range(5)]
        box[p] = turned[0] ^ turned[1] ^ turned[2] ^ turned[3] ^ turned[4] ^ 0x63
        if p == 1:
            break
    box[0] = 0x63
    return bytes(box)


SBOX = _sbox()


def _double(byte: int) -> int:
    return ((byte << 1) ^ (0x1B if byte & 0x80 else 0)) & 0xFF


def _round_keys(key: bytes) -> list[bytes]:
    words = [key[at : at + 4] for at in range(0, len(key), 4)]
    length, rounds, constant = len(words), len(words) + 6, 1
    for at in range(length, 4 * (rounds + 1)):
        word = words[-1]
        if at % length == 0:
            word = bytes(SBOX[byte] for byte in word[1:] + word[:1])
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = _double(constant)
        elif length > 6 and at % length == 4:
            word = bytes(SBOX[byte] for byte in word)
        words.append(bytes(a ^ b for a, b in zip(words[at - length], word, strict=True)))
    return [b"".join(words[at : at + 4]) for at in range(0, len(words), 4)]


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))


def block(key: bytes, data: bytes) -> bytes:
    """One block enciphered."""
    keys = _round_keys(key)
    state = _xor(data, keys[0])
    for number, round_key in enumerate(keys[1:], 1):
        state = bytes(SBOX[byte] for byte in state)
        state = bytes(state[(at + 4 * (at % 4)) % 16] for at in range(16))
        if number < len(keys) - 1:
            mixed = bytearray()
            for at in range(0, 16, 4):
                a, b, c, d = state[at : at + 4]
                every = a ^ b ^ c ^ d
                mixed += bytes(x ^ every ^ _double(x ^ y) for x, y in ((a, b), (b, c), (c, d), (d, a)))
            state = bytes(mixed)
        state = _xor(state, round_key)
    return state


def padded(data: bytes) -> bytes:
    """Data filled to whole blocks (PKCS#7)."""
    count = BLOCK - len(data) % BLOCK
    return data + bytes([count]) * count


def _blocks(data: bytes) -> list[bytes]:
    return [data[at : at + BLOCK] for at in range(0, len(data), BLOCK)]


def ecb(key: bytes, data: bytes) -> bytes:
    """Electronic code book, padded."""
    return b"".join(block(key, each) for each in _blocks(padded(data)))


def cbc(key: bytes, iv: bytes, data: bytes) -> bytes:
    """Cipher block chaining, padded."""
    out = []
    for each in _blocks(padded(data)):
        iv = block(key, _xor(each, iv))
        out.append(iv)
    return b"".join(out)


def ctr(key: bytes, nonce: bytes, data: bytes) -> bytes:
    """Counter mode; ``nonce``: the first counter block."""
    first = int.from_bytes(nonce)
    stream = (block(key, (first + at).to_bytes(BLOCK)) for at in range(-(-len(data) // BLOCK)))
    return _xor(data, b"".join(stream))
