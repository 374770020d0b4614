"""Sources: one module per evidence format, chosen by a score from content, never from the name.

Add a format: write one module with one instance that fits :class:`Source`, and name it in ``SOURCES``.
"""

from __future__ import annotations

from typing import Protocol

from waakzaam.sources.adguard_home import ADGUARD_HOME
from waakzaam.sources.app_privacy_report import APP_PRIVACY_REPORT
from waakzaam.sources.candidates import CANDIDATES
from waakzaam.sources.capture import CAPTURE
from waakzaam.sources.dnsmasq import DNSMASQ
from waakzaam.sources.har import HAR
from waakzaam.sources.keys import KEYS
from waakzaam.sources.mitmproxy import MITMPROXY
from waakzaam.sources.nextdns import NEXTDNS
from waakzaam.sources.order import Order
from waakzaam.sources.pcapdroid_csv import PCAPDROID_CSV
from waakzaam.sources.pihole_csv import PIHOLE_CSV
from waakzaam.sources.suricata_eve import SURICATA_EVE
from waakzaam.sources.tracker_control import TRACKER_CONTROL
from waakzaam.sources.zeek import ZEEK

HEAD_BYTES = 64 * 1024
"""Bytes of a file that a source may look at to recognise it (after an outer gzip or zstd)."""


class Source(Protocol):
    """A reader for one evidence format."""

    name: str
    """Short name, as it stands in reports."""
    title: str
    """What the format is, in words."""
    made_with: str
    """How a person makes such a file."""
    shows: str
    """What it can and cannot show."""

    def score(self, head: bytes) -> float:
        """How surely ``head`` (at most ``HEAD_BYTES``, unwrapped) is this format: 0 no … 1 certain."""
        ...

    def read(self, order: Order) -> None:
        """Read standard input and write frames to standard output; runs in the confined worker.

        Raises:
            ValueError: the bytes are not of this format; says where and what was expected.
        """
        ...


SOURCES: tuple[Source, ...] = (
    CAPTURE, HAR, MITMPROXY, APP_PRIVACY_REPORT, TRACKER_CONTROL, PCAPDROID_CSV, ZEEK, SURICATA_EVE,
    DNSMASQ, PIHOLE_CSV, ADGUARD_HOME, NEXTDNS, KEYS, CANDIDATES,
)  # fmt: skip


def choose(head: bytes, sources: tuple[Source, ...] = SOURCES) -> tuple[Source | None, list[str]]:
    """The source with the highest score above 0, and the names of sources whose scorer failed."""
    best: Source | None = None
    best_score = 0.0
    failed = []
    for source in sources:
        try:
            score = source.score(head)
        except Exception:  # a scorer that fails is skipped and reported
            failed.append(source.name)
            continue
        if score > best_score:
            best, best_score = source, score
    return best, failed
