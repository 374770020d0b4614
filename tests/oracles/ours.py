"""What waakzaam sees in a capture, in the words of the oracle."""

from __future__ import annotations

from pathlib import Path

from tests.oracles.pdml import keys_beside
from tests.oracles.seen import Seen, digest, host_of, name_of, target
from waakzaam.sources.evidence import Evidence, read_evidence
from waakzaam.sources.jail import Job


def read_opened(path: Path, *, bodies: bool = False) -> Evidence:
    """A capture, read with the keys that lie beside it."""
    return read_evidence(1, path, Job(bodies=bodies, peel=False, keys=keys_beside(path)))


def decode_rules(evidence: Evidence) -> list[list[str]]:
    """What tshark has to be told: ports of HTTP where it does not expect it. One list for each run.

    A connection that neither recognises is missed by both.
    """
    ports: dict[str, set[str]] = {"http": set(), "http2": set()}
    for row in evidence.table("connections").to_pylist():
        opened = row["transport"] == "tls"
        if row["application"] not in ports or row["server_port"] in ((443,) if opened else (80,)):
            continue
        rule = f"{'tls' if opened else 'tcp'}.port=={row['server_port']}"
        if not (opened and row["application"] == "http2"):  # there it goes by what was negotiated
            ports[row["application"]].add(rule)
    both = ports["http"] & ports["http2"]
    first = [f"{rule},http2" for rule in sorted(ports["http2"])]
    first += [f"{rule},http" for rule in sorted(ports["http"] - both)]
    return [first, *([[f"{rule},http" for rule in sorted(both)]] if both else [])]


def by_waakzaam(evidence: Evidence) -> Seen:
    """What waakzaam sees."""
    seen = Seen()
    for row in evidence.table("messages").to_pylist():
        protocol, up = row["protocol"], row["direction"] == "up"
        headers = {
            name.lower(): value for name, value in zip(row["header_names"], row["header_values"], strict=True)
        }
        if protocol.startswith("http/"):
            version = "HTTP/" + protocol[5]
            if version == "HTTP/3":
                seen.add(f"HTTP/3 {'requests' if up else 'responses'}", "message")
                if row["body"]:
                    seen.add("HTTP/3 bodies", digest(row["body"]))
            elif up:
                # HTTP/1 may name its host in the target only; the oracle lists the field.
                told = headers.get("host", "") if version == "HTTP/1" else row["host"] or ""
                seen.add(f"{version} requests", row["method"] or "", host_of(told), target(row["url"] or ""))
            elif row["status"] is not None:
                seen.add(f"{version} responses", str(row["status"]))
            if row["body"] and version != "HTTP/3":
                seen.body(f"{version} bodies", row["body"], headers.get("content-encoding", ""))
        elif protocol == "websocket":
            seen.add("WebSocket up" if up else "WebSocket down", digest(row["body"] or b""))
        elif protocol == "dns":
            name = name_of((row["url"] or "").removeprefix("dns:"))
            if up:
                seen.add("DNS queries", name, row["method"] or "")
            else:
                seen.add("DNS answers", name, row["method"] or "", str(row["status"]))
    for row in evidence.table("names").to_pylist():
        seen.add_once("DNS addresses", name_of(row["name"]), row["address"])
    for row in evidence.table("connections").to_pylist():
        if row["sni"]:
            seen.add("server names", row["sni"].lower())
    return seen
