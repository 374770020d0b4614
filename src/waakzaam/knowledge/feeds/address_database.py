"""Databases from address to country or network in MaxMind's format (MMDB), from whoever publishes one.

GeoLite2, DB-IP and IPinfo each have their own terms, and addresses that hold an account or a month: the
person says where to fetch from (``--url``), or hands a file in (``--file``).
"""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

from waakzaam.knowledge.feeds.model import BadFeedError, Content

GZIP = b"\x1f\x8b"
MOST_BYTES = 512 << 20
MARK = b"\xab\xcd\xefMaxMind.com"
"""Begins the metadata at the end of the file (MaxMind DB File Format Specification 2.0)."""


@dataclass(frozen=True)
class AddressDatabase:
    """One such file, as it is or compressed with gzip."""

    id: str = "addresses"
    title: str = "Country and network of addresses (MMDB)"
    keeper: str = "whoever publishes it"
    licence: str = "as its keeper says (not part of waakzaam)"
    serves: str = "country and network of servers, beside the database that is built in"
    address: str | None = None
    most_bytes: int = MOST_BYTES
    signed: bool = False

    def content(self, data: bytes) -> Content:
        """Read what the file says of itself; see :meth:`Feed.content`."""
        import maxminddb

        whole = plain(data)
        try:
            reader = maxminddb.open_database(io.BytesIO(whole), maxminddb.MODE_FD)
            about = reader.metadata()
            for address in ("8.8.8.8", "2001:4860:4860::8888")[: 2 if about.ip_version == 6 else 1]:
                reader.get(address)
            made = datetime.fromtimestamp(about.build_epoch, UTC).date()
        except Exception as error:  # what the library raises on damaged metadata is of any kind
            raise BadFeedError(f"is no MMDB file: {error}") from None
        if not about.node_count:
            raise BadFeedError("is an MMDB file without networks")
        return Content({about.database_type: f"{made}, {about.node_count} nodes"}, made)


def plain(data: bytes) -> bytes:
    """The file without compression.

    Raises:
        BadFeedError: it is neither an MMDB file nor one in gzip, or larger than the limit.
    """
    if data.startswith(GZIP):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
                data = file.read(MOST_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise BadFeedError(f"is damaged: {error}") from None
        if len(data) > MOST_BYTES:
            raise BadFeedError(f"holds more than {MOST_BYTES} bytes, the limit")
    if MARK not in data[-(128 << 10) :]:
        raise BadFeedError("is no MMDB file (also not one in gzip; take it out of tar or zip first)")
    return data
