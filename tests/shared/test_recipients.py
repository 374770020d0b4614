"""Recipients of real captures: how much of the traffic is counted to somebody, and that the page says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.recipients import (
    ATTRIBUTED,
    BARE,
    CHECKED,
    HOSTED,
    LOCAL,
    NAMED,
    PAGE,
    PHONE,
    UNKNOWN,
    Recipient,
    chosen,
    page,
    recipients,
    shares,
    verdicts,
)

from waakzaam.audit import audit

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def found(shared: Path) -> list[Recipient]:
    return recipients(shared)


def test_the_traffic_of_phones_is_counted_to_somebody(found: list[Recipient]) -> None:
    """Measured: 84.2 % to an organisation, 0.8 % to names without a fact, 10.3 % to bare addresses."""
    sums = shares(each for each in found if each.file.startswith(PHONE))
    size = sum(each.size for each in sums.values())
    counted = sum(sums[kind].size for kind in ATTRIBUTED)
    assert size > 11_000_000
    assert counted / size > 0.84
    assert (counted + sums[NAMED].size + sums[HOSTED].size + sums[LOCAL].size) / size > 0.88
    assert sums[NAMED].size / size < 0.015
    assert sums[BARE].size / size < 0.11


def test_every_recipient_is_attributed_or_says_why_not(found: list[Recipient]) -> None:
    assert {each.kind for each in found} <= {*ATTRIBUTED, *UNKNOWN}
    for each in found:
        assert bool(each.organisation) == (each.kind in ATTRIBUTED), each


def test_hosting_is_never_an_organisation(found: list[Recipient]) -> None:
    providers = {name for each in found for name in each.hosting}
    assert {"Amazon Web Services", "Akamai", "Fastly"} <= providers
    assert not providers & {each.organisation for each in found} - {"Cloudflare", "Automattic"}
    for each in found:
        if each.organisation in ("Cloudflare", "Automattic"):  # their own services, by name
            assert not each.host.endswith((".cloudflare.net", ".workers.dev", ".wpengine.com")), each


def test_a_hundred_were_checked_and_none_is_wrong(found: list[Recipient]) -> None:
    told = verdicts()
    picked = chosen(found)
    assert len(picked) == CHECKED
    for each in picked:
        assert told[each.host]["organisation"] == each.organisation
        assert told[each.host]["verdict"] in ("right", "cannot tell")
        assert len(told[each.host]["why"]) > 15


def test_the_page_is_up_to_date(found: list[Recipient]) -> None:
    assert PAGE.read_text("utf-8") == page(found), "run python tools/recipients.py FOLDER"


def test_a_name_asked_for_by_http_instead_of_dns(shared: Path) -> None:
    """A phone asks a bare address for names and tells more besides: each step with its basis."""
    table = audit([shared / "captures" / "phone" / "xiaomi.pcap"]).tables["recipients"]
    rows = {row["host"]: row for row in table.to_pylist()}
    name, server = rows["appmarket.micloud.xiaomi.net"], rows["203.107.1.65"]
    assert (name["organisation"], name["role"]) == ("Xiaomi", "only looked up")
    assert server["role"] == "name server over HTTP (HTTPDNS)"
    assert (server["hosting"], server["organisation"]) == (["Alibaba Cloud"], None)
    assert server["server_countries"] == ["CN"]
    for row in (name, server):
        assert any(
            "address of the Wi-Fi access point (with a value that tells none" in said for said in row["basis"]
        )
    assert any("data of 2024-06-18" in said for said in server["basis"])
