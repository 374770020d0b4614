"""Packet captures: pcap and pcapng (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng)."""

from __future__ import annotations

from waakzaam import _core
from waakzaam.sources.order import Order

_PCAP = {
    bytes.fromhex(magic) for magic in ("a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1", "a1b2cd34", "34cdb2a1")
}
_PCAPNG = bytes.fromhex("0a0d0d0a")
_BYTE_ORDER = {bytes.fromhex("1a2b3c4d"), bytes.fromhex("4d3c2b1a")}


class _Capture:
    name = "capture"
    title = "packet capture (pcap, pcapng)"
    made_with = "PCAPdroid on the phone, tcpdump or Wireshark on the router or hotspot, rvictl for an iPhone"
    shows = (
        "every connection: who was called, when and how much; contents where they travelled in clear, and "
        "inside TLS and QUIC where the keys are handed in too (a TLS key log, in the capture or beside it); "
        "which app it was only if PCAPdroid wrote that into the capture"
    )

    def score(self, head: bytes) -> float:
        if head[:4] in _PCAP:
            return 1.0
        if head[:4] == _PCAPNG and head[8:12] in _BYTE_ORDER:
            return 1.0
        return 0.0

    def read(self, order: Order) -> None:
        _core.read(self.name, order)


CAPTURE = _Capture()
