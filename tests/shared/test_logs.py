"""Logs and phone reports in the wild, counted anew with the standard library."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from waakzaam.sources.evidence import Evidence, read_evidence
from waakzaam.sources.jail import Job

pytestmark = pytest.mark.shared


def read(path: Path, name: str) -> Evidence:
    evidence = read_evidence(1, path, Job(peel=False))
    assert evidence.format == name
    return evidence


def objects(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def zeek(path: Path) -> list[dict[str, str]]:
    lines = path.read_text().splitlines()
    names = next(line for line in lines if line.startswith("#fields")).split("\t")[1:]
    rows = [line.split("\t") for line in lines if not line.lstrip().startswith("#")]
    return [dict(zip(names, row, strict=True)) for row in rows]


def test_zeek_connections(shared: Path) -> None:
    path = shared / "logs" / "test10-mixed-zeek-dir-conn.log"
    rows = read(path, "zeek").table("connections").to_pylist()
    wanted = zeek(path)

    def count(text: str) -> int | None:
        return None if text == "-" else int(text)

    assert [(r["client_address"], r["server_port"], r["bytes_up"], r["packets_down"]) for r in rows] == [
        (w["id.orig_h"], int(w["id.resp_p"]) or None, count(w["orig_bytes"]), count(w["resp_pkts"]))
        for w in wanted
    ]


@pytest.mark.parametrize(
    "name", ["test10-mixed-zeek-dir-ssl.log", "test18-malicious-ctu-sme-11-win-zeek-labeled-quic.log.labeled"]
)
def test_zeek_server_names_in_text(shared: Path, name: str) -> None:
    path = shared / "logs" / name
    rows = read(path, "zeek").table("connections").to_pylist()
    wanted = [row["server_name"] for row in zeek(path)]
    assert [row["sni"] for row in rows] == [None if name == "-" else name.lower() for name in wanted]


def test_zeek_server_names_in_json(shared: Path) -> None:
    path = shared / "logs" / "test15-malicious-zeek-dir-ssl.log"
    rows = read(path, "zeek").table("connections").to_pylist()
    assert [(row["sni"], row["server_address"]) for row in rows] == [
        (row["server_name"].lower() if row.get("server_name") else None, row["id.resp_h"])
        for row in objects(path)
    ]


@pytest.mark.parametrize("name", ["test9-mixed-zeek-dir-http.log", "test14-malicious-zeek-dir-http.log"])
def test_zeek_http(shared: Path, name: str) -> None:
    path = shared / "logs" / name
    evidence = read(path, "zeek")
    rows = evidence.table("messages").to_pylist()
    wanted = objects(path)
    assert [(r["method"], r["frame"]) for r in rows if r["direction"] == "up"] == [
        (w.get("method"), line) for line, w in enumerate(wanted, start=1)
    ]
    assert Counter(r["status"] for r in rows if r["direction"] == "down") == Counter(
        w["status_code"] for w in wanted if "status_code" in w
    )
    assert all(
        (r["url"] or "").endswith(w.get("uri", "/"))
        for r, w in zip((r for r in rows if r["direction"] == "up"), wanted, strict=True)
    )
    keys = {(w["uid"], w["id.orig_h"], w["id.orig_p"], w["id.resp_h"], w["id.resp_p"]) for w in wanted}
    assert len(evidence.table("connections")) == len(keys)


def test_zeek_dns(shared: Path) -> None:
    path = shared / "logs" / "test9-mixed-zeek-dir-dns.log"
    evidence = read(path, "zeek")
    wanted = objects(path)
    rows = evidence.table("messages").to_pylist()
    assert Counter(r["url"] for r in rows if r["direction"] == "up") == Counter(
        f"dns:{w['query'].lower()}" if w.get("query") else None for w in wanted
    )
    assert sum(r["direction"] == "down" for r in rows) == sum("rcode" in w for w in wanted)
    addresses = [a for w in wanted if "rcode" in w for a in w.get("answers", []) if is_address(a)]
    assert len(evidence.table("names")) == len(addresses)


def is_address(text: str) -> bool:
    return text.replace(".", "").isdigit() or ":" in text


def test_suricata(shared: Path) -> None:
    path = shared / "logs" / "test6-malicious.suricata.json"
    evidence = read(path, "suricata-eve")
    wanted = objects(path)
    told = [w for w in wanted if w["event_type"] in ("flow", "http", "tls", "quic", "dns")]
    connections = evidence.table("connections").to_pylist()
    assert len(connections) == len({w["flow_id"] for w in told})
    last = {w["flow_id"]: w["flow"]["bytes_toserver"] for w in told if w["event_type"] == "flow"}
    assert sum(row["bytes_up"] or 0 for row in connections) == sum(last.values())
    assert [row["sni"] for row in connections if row["sni"]] == [
        w["tls"]["sni"] for w in told if w["event_type"] == "tls"
    ]
    rows = evidence.table("messages").to_pylist()
    http = [w["http"] for w in told if w["event_type"] == "http"]
    assert [r["method"] for r in rows if r["protocol"] != "dns" and r["direction"] == "up"] == [
        each.get("http_method") for each in http
    ]
    assert sum(r["protocol"] != "dns" and r["direction"] == "down" for r in rows) == sum(
        "status" in each for each in http
    )
    dns = [w["dns"] for w in told if w["event_type"] == "dns"]
    assert Counter((r["direction"], r["url"]) for r in rows if r["protocol"] == "dns") == Counter(
        ("down" if each["type"] == "answer" else "up", f"dns:{each['rrname'].lower()}") for each in dns
    )


@pytest.mark.parametrize("name", ["ios-app-privacy-report.ndjson", "plaso-ios_app_privacy_report.ndjson"])
def test_app_privacy_report(shared: Path, name: str) -> None:
    path = shared / "flows" / "har" / name
    evidence = read(path, "app-privacy-report")
    wanted = objects(path)
    contacts = [w for w in wanted if w["type"] == "networkActivity"]
    assert Counter((r["app"], r["host"]) for r in evidence.table("connections").to_pylist()) == Counter(
        (w["bundleID"], w["domain"].lower().rstrip(".")) for w in contacts
    )
    accesses = evidence.table("accesses").to_pylist()
    began = [w for w in wanted if w.get("kind") == "intervalBegin"]
    assert Counter((r["app"], r["category"]) for r in accesses) == Counter(
        (w["accessor"]["identifier"], w["category"]) for w in began
    )
    assert sum(r["last"] is not None for r in accesses) == sum(w.get("kind") == "intervalEnd" for w in wanted)


def test_tracker_control(shared: Path) -> None:
    path = shared / "flows" / "har" / "android-tracker-control-report.csv"
    with path.open(newline="") as file:
        wanted = list(csv.DictReader(file))
    rows = read(path, "tracker-control").table("connections").to_pylist()
    assert [(r["app"], r["host"], int(r["first"].timestamp() * 1000)) for r in rows] == [
        (w["Package"], w["daddr"].lower(), int(w["time"])) for w in wanted
    ]
