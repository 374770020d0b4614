"""Constants as the package of an app holds them, with a few keys among them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from random import Random

from tests.helpers.layered.encoders import STANDARD

_WORDS = (
    *("user", "device", "session", "token", "event", "upload", "config", "remote", "cache", "secret"),
    *("buffer", "crash", "report", "analytics", "sensor", "location", "account", "profile", "stream"),
    *("media", "image", "network", "request", "response", "header", "cookie", "policy", "consent"),
)
_PRINTABLE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class Keys:
    """What the app's code uses."""

    key16: bytes
    key32: bytes
    vector: bytes
    key24: bytes
    key8: bytes
    hex16: bytes
    phrase: bytes
    xor8: bytes
    alphabet: bytes


def _text(random: Random, length: int) -> str:
    return "".join(random.choices(_PRINTABLE, k=length))


def _other(random: Random) -> str:
    kind = random.randrange(6)
    if kind == 0:
        return "_".join(random.choices(_WORDS, k=random.randrange(1, 4)))
    if kind == 1:
        return f"com.{random.choice(_WORDS)}.{random.choice(_WORDS)}.{random.choice(_WORDS).title()}Service"
    if kind == 2:
        return f"{random.getrandbits(128):032x}"
    if kind == 3:
        return _text(random, random.choice((8, 16, 16, 24, 32)))
    if kind == 4:
        return base64.b64encode(random.randbytes(random.choice((16, 24, 32)))).decode()
    return f"https://{random.choice(_WORDS)}.example.com/{random.choice(_WORDS)}/v{random.randrange(9)}"


def candidates(seed: int, count: int = 5000) -> tuple[Keys, list[str]]:
    """The keys of an app, and all its constants in a random order, in the spelling in which they stand."""
    random = Random(f"constants {seed}")
    alphabet = list(STANDARD.decode())
    random.shuffle(alphabet)
    keys = Keys(
        key16=_text(random, 16).encode(),
        key32=_text(random, 32).encode(),
        vector=_text(random, 16).encode(),
        key24=_text(random, 24).encode(),
        key8=_text(random, 8).encode(),
        hex16=random.randbytes(16),
        phrase="_".join(random.choices(_WORDS, k=3)).encode(),
        xor8=random.randbytes(8),
        alphabet="".join(alphabet).encode(),
    )
    used = (keys.key16, keys.key32, keys.vector, keys.key24, keys.key8, keys.phrase, keys.alphabet)
    listed = [each.decode() for each in used] + [keys.hex16.hex()]
    listed += [_other(random) for _ in range(count)]
    random.shuffle(listed)
    return keys, listed
