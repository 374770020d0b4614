"""Who vouches for bytes: Ed25519 signatures (RFC 8032) by keys that are trusted.

A signature stands beside what it signs, at the same address with ``.sig`` behind it: 64 bytes in base64. Keys
are 32 bytes in base64; those that everybody trusts stand in ``trusted_keys.toml``, others the person gives.
"""

from __future__ import annotations

import base64
import binascii
import tomllib
from collections.abc import Iterable
from importlib.resources import files

from waakzaam._core import verify_ed25519
from waakzaam.errors import WaakzaamError

SUFFIX = ".sig"
MOST_BYTES = 1024
"""A longer answer is no signature."""
KEY_BYTES = 32
SIGNATURE_BYTES = 64


def trusted_keys() -> list[str]:
    """The keys that come with this version, in base64."""
    text = files("waakzaam.knowledge").joinpath("trusted_keys.toml").read_text("utf-8")
    return [row["key"] for row in tomllib.loads(text).get("key", [])]


def verify(data: bytes, signature: bytes, keys: Iterable[str], address: str) -> None:
    """Check that one of ``keys`` signed ``data``.

    Raises:
        WaakzaamError: none did, there is no key, or a key or the signature is malformed.
    """
    known = [_bytes_of(key, KEY_BYTES, "the key") for key in keys]
    if not known:
        raise WaakzaamError(
            f"{address}: no key is trusted yet, so that nobody can vouch for it; give one with --key"
        )
    given = _bytes_of(signature.decode("ascii", "replace"), SIGNATURE_BYTES, f"{address}{SUFFIX}")
    if not any(verify_ed25519(key, data, given) for key in known):
        raise WaakzaamError(f"{address}: is not signed by a key that is trusted; nothing was changed")


def _bytes_of(text: str, length: int, what: str) -> bytes:
    try:
        found = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != length:
        raise WaakzaamError(f"{what}: is not {length} bytes in base64; nothing was changed")
    return found
