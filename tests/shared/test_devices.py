"""Devices of real captures: names and vendor classes of DHCP as tshark reads them, and what they are."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from waakzaam.sources.evidence import read_evidence

pytestmark = pytest.mark.shared
CAPTURES = [
    "phone/android.pcap",
    "phone/iphone.pcap",
    "phone/teams.pcap",
    "phone/alexa-app.pcapng",
    "phone/wechat.pcap",
]


@pytest.mark.tshark
@pytest.mark.parametrize("name", CAPTURES)
def test_dhcp_names_are_those_of_tshark(shared: Path, name: str) -> None:
    path = shared / "captures" / name
    fields = ("dhcp.hw.mac_addr", "dhcp.option.hostname", "dhcp.option.vendor_class_id")
    told = subprocess.run(
        [
            "tshark",
            "-n",
            "-r",
            path,
            "-Y",
            "dhcp.type == 1",
            "-T",
            "fields",
            *(f"-e{field}" for field in fields),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    theirs = set()
    for line in told.splitlines():
        macs, host, vendor = line.split("\t")
        mac = macs.split(",")[0]  # the same address is also in the client identifier
        theirs |= {(mac, "host-name", host)} if host else set()
        theirs |= {(mac, "vendor-class", vendor)} if vendor else set()
    ours = {
        (row["mac"], row["name"], row["value"])
        for row in read_evidence(1, path).table("announcements").to_pylist()
        if row["kind"] == "dhcp" and row["name"] in ("host-name", "vendor-class")
    }
    assert theirs
    assert ours == theirs
