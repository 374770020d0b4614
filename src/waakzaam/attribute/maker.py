"""From a hardware address to the holder of its block, by the register of the IEEE.

The register that comes with the library ``netaddr`` is used, or a newer one that the person fetched
(`waakzaam update oui`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

LOCAL = 0x02
"""Bit of the first byte: the address was not given by its maker (IEEE 802, section 8.4)."""
BLOCKS = (("oui36", 9), ("oui28", 7), ("oui", 6))
"""Feeds with their hexadecimal digits, smallest blocks first."""


class Holder(NamedTuple):
    """Who holds a block, as the register writes it, and which register that is."""

    holder: str
    basis: str


def is_random(mac: str) -> bool:
    """Say whether an address (``aa:bb:cc:dd:ee:ff``) is locally administered."""
    return bool(int(mac[:2], 16) & LOCAL)


@lru_cache(maxsize=4096)
def holder_of(mac: str) -> Holder | None:
    """Give the holder of the block of an address; None where the register has none.

    Args:
        mac: ``aa:bb:cc:dd:ee:ff``.
    """
    digits = mac.replace(":", "").upper()
    for feed, length in BLOCKS:
        if holder := _fetched(feed).get(digits[:length]):
            return Holder(holder, f"register of the IEEE, fetched as `{feed}`")
    return _shipped(mac)


def _shipped(mac: str) -> Holder | None:
    import netaddr

    try:
        name = netaddr.EUI(mac).oui.registration()["org"]
    except netaddr.NotRegisteredError:
        return None
    return Holder(str(name), f"register of the IEEE that comes with netaddr {netaddr.__version__}")


@lru_cache(maxsize=len(BLOCKS))
def _fetched(feed: str) -> dict[str, str]:
    """The register that was fetched; empty where there is none, or where it is damaged."""
    from waakzaam.errors import WaakzaamError
    from waakzaam.knowledge.feeds import feed_of
    from waakzaam.knowledge.feeds.store import Store

    try:
        store = Store()
        current, known = store.current(feed), feed_of(feed)
        return dict(known.content(store.read(feed, current)).entries) if current and known else {}
    except (WaakzaamError, ValueError):
        return {}
