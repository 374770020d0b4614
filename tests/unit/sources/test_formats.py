"""Each format that is not a capture, with a few lines made up here."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from waakzaam.attribute import attribute
from waakzaam.audit import audit
from waakzaam.case import load, save
from waakzaam.report import Text
from waakzaam.report.compose import compose
from waakzaam.report.html import render_html
from waakzaam.report.json import to_document
from waakzaam.report.terminal import render_terminal
from waakzaam.sources.evidence import Evidence, read_evidence
from waakzaam.sources.jail import Job

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
NOON_MS = 1_704_110_400_000


def read(tmp_path: Path, text: str, name: str) -> Evidence:
    path = tmp_path / "evidence"
    path.write_text(text)
    evidence = read_evidence(1, path, Job(peel=False))
    assert evidence.format == name
    return evidence


def rows(evidence: Evidence, table: str, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in columns) for row in evidence.table(table).to_pylist()]


def recipients(evidence: Evidence) -> dict[str, str]:
    """Recipients and the first sentence of their basis."""
    table = attribute(*(evidence.table(name) for name in ("messages", "connections", "names")))
    return {row["host"]: (row["basis"] or [""])[0] for row in table.to_pylist()}


def lines(*objects: dict[str, Any]) -> str:
    return "".join(json.dumps(each) + "\n" for each in objects)


def test_pcapdroid(tmp_path: Path) -> None:
    head = (
        "IPProto,SrcIP,SrcPort,DstIp,DstPort,UID,App,Proto,Status,Info,BytesSent,BytesRcvd,PktsSent,PktsRcvd,"
        "FirstSeen,LastSeen\n"
    )
    text = (
        f"6,10.0.0.2,4000,192.0.2.1,443,10123,Example,TLS,Closed,api.Example.com,10,20,1,2,{NOON_MS},{NOON_MS}\n"
        f"6,10.0.0.2,4001,192.0.2.2,80,10123,Example,HTTP,Closed,http://ads.example/x,5,6,1,2,{NOON_MS},\n"
        f"17,10.0.0.2,4002,192.0.2.53,53,1051,Netd,DNS,Closed,ads.example,5,6,1,1,{NOON_MS},{NOON_MS}\n"
    )
    evidence = read(tmp_path, head + text, "pcapdroid-csv")
    assert evidence.status == "complete"
    assert rows(evidence, "connections", "protocol", "application", "host", "app", "bytes_up", "first") == [
        ("tcp", "tls", "api.example.com", "Example", 10, NOON),
        ("tcp", "http", "ads.example", "Example", 5, NOON),
        ("udp", "dns", None, "Netd", 5, NOON),
    ]
    assert rows(evidence, "messages", "url", "host") == [
        ("http://ads.example/x", "ads.example"),
        ("dns:ads.example", None),
    ]
    assert set(recipients(evidence)) == {"api.example.com", "ads.example", "192.0.2.53"}


def test_tracker_control(tmp_path: Path) -> None:
    text = (
        '"uid","daddr","time","uncertain","Tracker","Category","Package","App"\n'
        f'"1","t.example","{NOON_MS}","0","T","Analytics","org.example","Example"\n'
        f'"1","u.example","{NOON_MS}","1","T","Analytics","org.example","Example"\n'
    )
    evidence = read(tmp_path, text, "tracker-control")
    assert rows(evidence, "connections", "host", "app", "first", "not_opened") == [
        ("t.example", "org.example", NOON, "not in the log"),
        ("u.example", "org.example", NOON, "not in the log"),
    ]
    assert [row[0] for row in rows(evidence, "problems", "code")] == ["uncertain"]
    assert recipients(evidence)["t.example"] == "The log (E1) gives this name for the server."


def test_app_privacy_report(tmp_path: Path) -> None:
    access = {
        "accessor": {"identifier": "org.example", "identifierType": "bundleID"},
        "category": "camera",
        "identifier": "A",
        "kind": "intervalBegin",
        "timeStamp": "2024-01-01T13:00:00.000+01:00",
        "type": "access",
    }
    contact = {
        "type": "networkActivity",
        "bundleID": "org.example",
        "domain": "api.example",
        "firstTimeStamp": "2024-01-01T12:00:00Z",
        "timeStamp": "2024-01-01T12:00:01Z",
        "hits": 2,
    }
    end = {**access, "kind": "intervalEnd", "timeStamp": "2024-01-01T12:00:00.000Z"}
    evidence = read(tmp_path, lines(access, contact, end), "app-privacy-report")
    assert rows(evidence, "accesses", "app", "category", "kind", "first", "last", "frame") == [
        ("org.example", "camera", "interval", NOON, NOON, 1)
    ]
    assert rows(evidence, "connections", "host", "app", "first") == [("api.example", "org.example", NOON)]
    assert evidence.row().to_pylist()[0]["first"] == NOON


def test_zeek_text_and_damage(tmp_path: Path) -> None:
    text = "\n".join(
        [
            "#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-", "#path\tdns",
            "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tquery\tqtype_name\trcode\tanswers",
            "#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tstring\tcount\tvector[string]",
            "1704110400.5\tC1\t10.0.0.2\t4000\t192.0.2.53\t53\tudp\tA.example\tA\t0\tb.example,192.0.2.1",
            "1704110400.5\tC1\t10.0.0.2",
            "1704110401.0\tC1\t10.0.0.2\t4000\t192.0.2.53\t53\tudp\tc.example\tA\t-\t-",
        ]
    )  # fmt: skip
    evidence = read(tmp_path, text, "zeek")
    assert evidence.status == "partial"
    assert rows(evidence, "messages", "url", "method", "status", "direction", "frame") == [
        ("dns:a.example", "A", None, "up", 8),
        ("dns:a.example", "A", 0, "down", 8),
        ("dns:c.example", "A", None, "up", 10),
    ]
    assert rows(evidence, "names", "name", "canonical", "address") == [
        ("a.example", "b.example", "192.0.2.1")
    ]
    assert rows(evidence, "problems", "code", "count") == [("malformed", 1)]
    assert "line 9" in rows(evidence, "problems", "place")[0][0]
    assert len(evidence.table("connections")) == 1


def test_suricata_puts_the_events_of_a_flow_together(tmp_path: Path) -> None:
    base = {
        "timestamp": "2024-01-01T12:00:00.000000+0000", "flow_id": 7, "src_ip": "10.0.0.2",
        "src_port": 4000, "dest_ip": "192.0.2.1", "dest_port": 443, "proto": "TCP",
    }  # fmt: skip
    tls = {"event_type": "tls", "tls": {"sni": "Api.example", "version": "TLS 1.3", "client_alpns": ["h2"]}}
    flow = {"event_type": "flow", "flow": {"bytes_toserver": 9, "pkts_toclient": 3}, "app_proto": "tls"}
    alert = {"event_type": "alert"}
    headers = [{"name": "X-Id", "value": "1"}, {"name": "Host", "value": "h.example"}]
    http = {
        "flow_id": 8, "dest_port": 8080, "event_type": "http",
        "http": {
            "hostname": "h.example", "http_port": 8080, "url": "/p?q=1", "http_method": "GET",
            "protocol": "HTTP/1.1", "status": 200, "request_headers": headers,
            "http_user_agent": "agent", "http_content_type": "text/html",
        },
    }  # fmt: skip
    text = lines({**base, **tls}, {**base, **flow}, {**base, **alert}, {**base, **http})
    evidence = read(tmp_path, text, "suricata-eve")
    columns = ("sni", "tls_version", "alpn", "bytes_up", "packets_down", "transport", "opened")
    assert rows(evidence, "connections", *columns) == [
        ("api.example", "1.3", ["h2"], 9, 3, "tls", False),
        (None, None, [], None, None, "clear", True),
    ]
    assert rows(evidence, "messages", "url", "host", "status", "header_names", "complete") == [
        ("http://h.example:8080/p?q=1", "h.example", None, ["X-Id", "Host", "User-Agent"], True),
        ("http://h.example:8080/p?q=1", "h.example", 200, ["Content-Type"], True),
    ]


LOOKUPS = {
    "dnsmasq": (
        "Jan  1 12:00:00 dnsmasq[7]: query[A] ok.example from 10.0.0.2\n"
        "Jan  1 12:00:00 dnsmasq[7]: reply ok.example is 192.0.2.1\n"
        "Jan  1 12:00:00 dnsmasq[7]: query[A] no.example from 10.0.0.2\n"
        "Jan  1 12:00:00 dnsmasq[7]: gravity blocked no.example is 0.0.0.0\n"
    ),
    "pihole-csv": (
        "timestamp,type,status,domain,client,reply_type\n"
        f"{NOON_MS // 1000},1,2,ok.example,10.0.0.2,4\n{NOON_MS // 1000},1,1,no.example,10.0.0.2,4\n"
    ),
    "nextdns": (
        "timestamp,domain,query_type,dnssec,protocol,client_ip,status,reasons,destination_country,root_domain,"
        "device_id,device_name,device_model,device_local_ip,matched_name,client_name\n"
        "2024-01-01T12:00:00.000Z,ok.example,A,false,DNS-over-HTTPS,10.0.0.2,,,,ok.example,,,,,,\n"
        '2024-01-01T12:00:00.000Z,no.example,A,false,UDP,10.0.0.2,blocked,"a,b",,no.example,,,,,,\n'
    ),
    "adguard-home": lines(
        {
            "T": "2024-01-01T12:00:00.123456789Z", "QH": "ok.example", "QT": "A", "QC": "IN", "CP": "doh",
            "IP": "10.0.0.2", "Result": {}, "Elapsed": 7, "Upstream": "https://dns.example/dns-query",
            "Answer": base64.b64encode(
                bytes.fromhex("000181800001000100000000026f6b076578616d706c650000010001")
                + bytes.fromhex("c00c000100010000003c0004c0000201")
            ).decode(),
        },
        {
            "T": "2024-01-01T12:00:00Z", "QH": "no.example", "QT": "A", "CP": "", "IP": "10.0.0.2",
            "Result": {"IsFiltered": True, "Reason": 3, "Rules": [{"Text": "||no.example^"}]},
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOKUPS)
def test_logs_of_name_servers(tmp_path: Path, name: str) -> None:
    evidence = read(tmp_path, LOOKUPS[name], name)
    assert evidence.status == "complete"
    asked = [row for row in evidence.table("messages").to_pylist() if row["direction"] == "up"]
    assert [(row["url"], row["method"], row["client_address"]) for row in asked] == [
        ("dns:ok.example", "A", "10.0.0.2"),
        ("dns:no.example", "A", "10.0.0.2"),
    ]
    if name != "dnsmasq":  # which does not write the year
        assert all(row["time"].replace(microsecond=0) == NOON for row in asked)
    if name in ("dnsmasq", "adguard-home"):
        assert rows(evidence, "names", "name", "address") == [("ok.example", "192.0.2.1")]
    found = recipients(evidence)
    assert set(found) == {"ok.example", "no.example"}
    assert "refused" not in found["ok.example"]
    assert "refused" in found["no.example"]


def test_a_compressed_log_is_read(tmp_path: Path) -> None:
    import gzip

    path = tmp_path / "log.gz"
    path.write_bytes(gzip.compress(LOOKUPS["nextdns"].encode()))
    assert len(read_evidence(1, path, Job(peel=False)).table("messages")) == 2


def test_names_that_were_only_looked_up_are_no_contacts(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(LOOKUPS["nextdns"].replace("ok.example", "app-measurement.com"))
    done = audit([path])
    found = done.tables["recipients"].to_pylist()
    assert [(row["connections"], row["not_opened"], row["bytes_up"]) for row in found] == [(0, 0, None)] * 2
    text = " ".join(render_terminal(compose(done), Text("en")).split())
    assert "2 further names were looked up" in text
    assert "contacted." not in text


def test_accesses_reach_every_report_and_the_case(tmp_path: Path) -> None:
    access = {
        "accessor": {"identifier": "org.example"}, "category": "location", "kind": "event",
        "timeStamp": "2024-01-01T12:00:00Z", "type": "access",
    }  # fmt: skip
    path = tmp_path / "report.ndjson"
    path.write_text(lines(access))
    done = audit([path])
    report = compose(done)
    assert to_document(report)["accesses"] == [
        {
            "app": "org.example", "category": "location", "count": 1,
            "first": "2024-01-01T12:00:00Z", "last": "2024-01-01T12:00:00Z",
        }
    ]  # fmt: skip
    assert "org.example" in render_terminal(report, Text("en"))
    assert "org.example" in render_html(report, Text("en"))
    save(done, tmp_path / "case.duckdb")
    assert load(tmp_path / "case.duckdb")["accesses"].num_rows == 1
