"""The schemas every stage speaks.

Each stage takes and gives Arrow tables. Types are only ``string, int64, double, bool, binary,
timestamp[us, UTC]`` and lists of them, so that the same tables go through DuckDB and Spark. In memory
the texts and lists of ``sightings`` are dictionary-encoded, each value kept once; ``plain`` writes them out.
Every column is described in ``docs/tables.md``; a test holds the two together.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from waakzaam.tables_of_unlock import CLOSED, OPAQUE, PROOFS, WEAKNESSES

TIME = pa.timestamp("us", tz="UTC")
STRINGS = pa.list_(pa.string())
INTS = pa.list_(pa.int64())

EVIDENCE = pa.schema(
    [
        ("evidence", pa.string()),  # E1, E2 … in the order handed in
        ("path", pa.string()),  # as the user wrote it
        ("sha256", pa.string()),
        ("format", pa.string()),  # name of the source, null if none recognised it
        ("size", pa.int64()),  # bytes of the file
        ("first", TIME),
        ("last", TIME),
        ("status", pa.string()),  # complete | partial | failed
    ]
)

PROBLEMS = pa.schema(
    [
        ("evidence", pa.string()),
        ("code", pa.string()),  # truncated, gap, malformed, unsupported, limit, crash, timeout …
        ("text", pa.string()),  # one sentence for a person
        ("place", pa.string()),
        ("count", pa.int64()),
    ]
)

LIMITS = pa.schema(
    [
        ("evidence", pa.string()),
        ("what", pa.string()),  # output bytes, ratio, depth, leaves, memory, time …
        ("limit", pa.int64()),
        ("place", pa.string()),
    ]
)

LOOKED_UP = ("only looked up", "blocked by the name server")
"""Values of ``not_opened`` that mean: a name was looked up, and no connection is recorded."""

ONLY_LOOKED_UP = "only looked up"
"""Role of a host of which the evidence knows no more than that its name was looked up."""

CONNECTIONS = pa.schema(
    [
        ("evidence", pa.string()),
        ("connection", pa.int64()),
        ("protocol", pa.string()),  # tcp, udp, …
        ("application", pa.string()),  # http, tls, dns, quic, … or null
        ("client_address", pa.string()),
        ("client_port", pa.int64()),
        ("server_address", pa.string()),
        ("server_port", pa.int64()),
        ("first", TIME),
        ("last", TIME),
        ("sni", pa.string()),
        ("alpn", STRINGS),
        ("ja4", pa.string()),
        ("tls_version", pa.string()),
        ("alpn_chosen", pa.string()),
        ("cipher", pa.string()),
        ("ja4s", pa.string()),
        ("certificate_subject", pa.string()),
        ("certificate_issuer", pa.string()),
        ("certificate_organisation", pa.string()),
        ("certificate_names", STRINGS),
        ("certificate_from", TIME),
        ("certificate_until", TIME),
        ("client_certificate", pa.bool_()),
        ("ech", pa.bool_()),
        ("bytes_up", pa.int64()),
        ("bytes_down", pa.int64()),
        ("packets_up", pa.int64()),
        ("packets_down", pa.int64()),
        ("missing", pa.int64()),
        ("transport", pa.string()),  # clear | tls | unknown
        ("opened", pa.bool_()),
        ("not_opened", pa.string()),  # why it stayed closed
        ("frame", pa.int64()),
        ("app", pa.string()),
        ("app_basis", pa.string()),  # how the app is known: told by … | inferred from …
        ("host", pa.string()),  # name of the server as a log gives it
    ]
)

MESSAGES = pa.schema(
    [
        ("evidence", pa.string()),
        ("message", pa.int64()),
        ("connection", pa.int64()),
        ("answers", pa.int64()),
        ("protocol", pa.string()),
        ("direction", pa.string()),  # up | down
        ("time", TIME),
        ("app", pa.string()),
        ("app_basis", pa.string()),
        ("host", pa.string()),  # the name the client asked for
        ("client_address", pa.string()),
        ("client_port", pa.int64()),
        ("server_address", pa.string()),
        ("server_port", pa.int64()),
        ("method", pa.string()),
        ("url", pa.string()),
        ("status", pa.int64()),
        ("header_names", STRINGS),
        ("header_values", STRINGS),
        ("content_type", pa.string()),
        ("body_length", pa.int64()),
        ("body", pa.binary()),  # null unless bodies are asked for
        ("transport", pa.string()),
        ("complete", pa.bool_()),
        ("missing", pa.int64()),
        ("frame", pa.int64()),
        ("offset", pa.int64()),
        ("length", pa.int64()),
    ]
)

NAMES = pa.schema(
    [
        ("evidence", pa.string()),
        ("name", pa.string()),
        ("canonical", pa.string()),
        ("address", pa.string()),
        ("message", pa.int64()),
    ]
)

ACCESSES = pa.schema(
    [
        ("evidence", pa.string()),
        ("access", pa.int64()),
        ("app", pa.string()),  # bundle or package name
        ("category", pa.string()),  # camera, contacts, location, microphone … as the record names it
        ("kind", pa.string()),  # interval | event
        ("first", TIME),
        ("last", TIME),  # end of an interval, if it is recorded
        ("frame", pa.int64()),  # line of the record
    ]
)

ANNOUNCEMENTS = pa.schema(
    [
        ("evidence", pa.string()),
        ("mac", pa.string()),  # hardware address of the device (EUI-48), if it is known
        ("address", pa.string()),  # its address then
        ("kind", pa.string()),  # arp, ndp, ip, dhcp, mdns, ssdp, netbios, upnp
        ("name", pa.string()),  # address, host-name, vendor-class, service, txt:model, server …
        ("value", pa.string()),
        ("first", TIME),
        ("last", TIME),
        ("count", pa.int64()),
        ("frame", pa.int64()),  # packet of the first time
    ]
)

DEVICES = pa.schema(
    [
        ("evidence", pa.string()),
        ("device", pa.string()),  # hardware address, else address
        ("mac", pa.string()),
        ("mac_random", pa.bool_()),  # locally administered: tells nothing of the maker
        ("mac_holder", pa.string()),  # holder of the block of addresses, as the register writes it
        ("addresses", STRINGS),
        ("names", STRINGS),  # as it calls itself
        ("brand", pa.string()),
        ("model", pa.string()),
        ("kind", pa.string()),  # phone, tablet, computer, television …
        ("system", pa.string()),
        ("confidence", pa.string()),  # announced | single | unconfirmed | none
        ("basis", STRINGS),
        ("hosts", STRINGS),  # outside the local network that it called, most bytes first
        ("connections", pa.int64()),  # to them
        ("bytes_up", pa.int64()),  # on them
        ("first", TIME),
        ("last", TIME),
    ]
)

# The four tables of the peel stage are one table in normal form: contents, paths and values recur
# thousands of times in telemetry, so each is kept once. They belong to one evidence; numbers are its own.
CONTENTS = pa.schema(
    [
        ("message", pa.int64()),
        ("content", pa.int64()),  # what one part of the message holds
    ]
)

PATHS = pa.schema(
    [
        ("path", pa.int64()),
        ("part", pa.string()),  # path | query | header:<name> | body
        ("layers", STRINGS),  # outermost first
        ("selectors", STRINGS),  # one per layer: form field, JSON path, "" where a layer has no inside
        ("name", pa.string()),  # the innermost field name, lower case, or null
    ]
)

VALUES = pa.schema(
    [
        ("value", pa.int64()),
        ("bytes", pa.binary()),
    ]
)

LEAVES = pa.schema(
    [
        ("content", pa.int64()),
        ("path", pa.int64()),
        ("value", pa.int64()),
    ]
)

KNOWN = pa.schema(
    [
        ("known", pa.int64()),
        ("datum", pa.string()),  # device-id/android-id, browsing-history/url …
        ("value", pa.binary()),
        (
            "basis",
            pa.string(),
        ),  # phone description | command line | named in the capture | visited in the capture
        ("sites", STRINGS),  # registrable domains that are told it anyway (for browsing history)
    ]
)

SIGHTINGS = pa.schema(
    [
        ("sighting", pa.string()),  # S1, S2 …
        ("datum", pa.string()),
        ("form", pa.string()),  # plain | lower case | without separators | md5(plain) hex …
        ("known", pa.int64()),
        ("basis", pa.string()),  # how the value was known
        ("value_sha256", pa.string()),  # of the known value
        ("value_shown", pa.string()),  # shortened unless the user asked for values
        ("app", pa.string()),
        ("app_basis", pa.string()),
        ("host", pa.string()),
        ("direction", pa.string()),
        ("transport", pa.string()),
        ("disguise", pa.string()),
        ("part", pa.string()),
        ("path", pa.string()),  # body | form:data_list | base64 | gzip | json:$[0].properties.url
        ("layers", STRINGS),
        ("selectors", STRINGS),
        ("time", TIME),
        ("evidence", pa.string()),
        ("message", pa.int64()),
        ("frame", pa.int64()),
        ("offset", pa.int64()),  # of the message in the evidence
        ("length", pa.int64()),
        ("leaf_offset", pa.int64()),  # of the match inside the leaf
        ("leaf_length", pa.int64()),
        ("proof", pa.int64()),  # content in `proofs`, null where no key was needed
        (
            "match_sha256",
            pa.string(),
        ),  # of the bytes of the leaf that matched: what `explain` must find again
    ]
)

IDENTIFIERS = pa.schema(
    [
        ("value_sha256", pa.string()),
        ("value_shown", pa.string()),
        ("datum", pa.string()),
        ("fields", STRINGS),
        ("forms", STRINGS),
        ("hosts", STRINGS),
        ("messages", pa.int64()),
        ("basis", pa.string()),
        ("confidence", pa.string()),  # high | medium | low
    ]
)

RECIPIENTS = pa.schema(
    [
        ("host", pa.string()),  # or the bare address where no name is known
        ("addresses", STRINGS),
        ("organisation", pa.string()),
        ("owner", pa.string()),
        ("seat", pa.string()),  # "Beijing, CN", or "CN" where the city is not known
        ("seat_country", pa.string()),  # ISO 3166-1 alpha-2
        ("server_countries", STRINGS),
        ("network", pa.string()),
        ("hosting", STRINGS),  # who lends the machine to many customers
        ("canonical", STRINGS),  # other names of the host, by DNS
        ("basis", STRINGS),  # one sentence per step with source, date, confidence
        ("role", pa.string()),  # what the host is for, if known
        ("messages", pa.int64()),
        ("bytes_up", pa.int64()),
        ("bytes_down", pa.int64()),
        ("connections", pa.int64()),
        ("not_opened", pa.int64()),  # connections that stayed closed
        ("last", TIME),  # latest traffic: owners, laws and decisions are those of that day
    ]
)

TRANSFERS = pa.schema(
    [
        ("organisation", pa.string()),
        ("owner", pa.string()),
        ("country", pa.string()),  # ISO 3166-1 alpha-2
        ("why", pa.string()),  # server | seat
        ("day", pa.string()),  # ISO 8601: of which day adequacy and laws are
        ("hosts", STRINGS),
        ("messages", pa.int64()),
        ("bytes_up", pa.int64()),
        ("adequacy", pa.string()),  # member | adequate | adequate, limited | bridge | none
        ("adequacy_text", pa.string()),  # one sentence with its source
        ("laws", STRINGS),  # ids of laws about access by the state that were in force
        ("questions", STRINGS),  # keys of the catalogue
    ]
)

APPS = pa.schema(
    [
        ("app", pa.string()),
        ("basis", STRINGS),  # every way in which it was known: told by …, inferred from …
        ("evidence", STRINGS),
        ("messages", pa.int64()),  # sent by it and read
        ("connections", pa.int64()),
        ("opened", pa.int64()),  # connections of it that were opened
        ("bytes_up", pa.int64()),
        ("bytes_up_opened", pa.int64()),
    ]
)

NOT_SEEN = pa.schema(
    [
        ("evidence", pa.string()),
        ("app", pa.string()),
        ("state", pa.string()),  # opened | closed | looked up | incomplete | problem | limit
        ("why", pa.string()),  # reason, code or limit; null for what was opened
        ("count", pa.int64()),
        ("bytes_up", pa.int64()),
        ("bytes_down", pa.int64()),
    ]
)

FINDINGS = pa.schema(
    [
        ("finding", pa.string()),  # F1, F2 …
        ("rule", pa.string()),
        ("title", pa.string()),
        ("severity", pa.string()),  # note | low | medium | high
        ("confidence", pa.string()),  # high | medium | low
        ("app", pa.string()),
        ("app_basis", pa.string()),
        ("recipient", pa.string()),  # host
        ("data", STRINGS),
        ("transport", pa.string()),
        ("disguise", pa.string()),
        ("why_severity", pa.string()),
        ("sightings", STRINGS),  # ids, at most 20; sightings_total tells how many there are
        ("sightings_total", pa.int64()),
        ("weaknesses", STRINGS),  # ids in `weaknesses`, for findings about values that stayed closed
        ("references", STRINGS),
        ("cases", STRINGS),  # ids of reported cases that name this recipient and these data
        ("not_checked", STRINGS),
    ]
)

ADVICE = pa.schema(
    [
        ("profile", pa.string()),
        ("action", pa.string()),
        ("subject", pa.string()),
        ("why", STRINGS),
        ("how", pa.string()),
        ("undo", pa.string()),
        ("findings", STRINGS),
        ("sources", STRINGS),
    ]
)

TABLES: dict[str, pa.Schema] = {
    "evidence": EVIDENCE,
    "problems": PROBLEMS,
    "limits": LIMITS,
    "connections": CONNECTIONS,
    "messages": MESSAGES,
    "names": NAMES,
    "accesses": ACCESSES,
    "announcements": ANNOUNCEMENTS,
    "devices": DEVICES,
    "contents": CONTENTS,
    "paths": PATHS,
    "values": VALUES,
    "leaves": LEAVES,
    "closed": CLOSED,
    "proofs": PROOFS,
    "opaque": OPAQUE,
    "weaknesses": WEAKNESSES,
    "known": KNOWN,
    "sightings": SIGHTINGS,
    "identifiers": IDENTIFIERS,
    "recipients": RECIPIENTS,
    "transfers": TRANSFERS,
    "apps": APPS,
    "not_seen": NOT_SEEN,
    "findings": FINDINGS,
    "advice": ADVICE,
}
"""All tables by name; the case keeps those that hold no raw message contents (see ``case.py``)."""


def values_of(column: pa.ChunkedArray) -> list[Any]:
    """A column as Python values. Of a dictionary-encoded one each different value is made only once."""
    if not pa.types.is_dictionary(column.type):
        return list(column.to_pylist())
    found: list[Any] = []
    for chunk in column.chunks:
        values = chunk.dictionary.to_pylist()
        found += [None if code is None else values[code] for code in chunk.indices.to_pylist()]
    return found


def plain(table: pa.Table) -> pa.Table:
    """The table with every dictionary-encoded column written out, as the schemas here have it."""
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            chunks = [chunk.dictionary.take(chunk.indices) for chunk in table[field.name].chunks]
            kind = field.type.value_type
            table = table.set_column(place, field.name, pa.chunked_array(chunks, kind))
    return table


def without(schema: pa.Schema, name: str) -> pa.Schema:
    """The schema without one column: what a stage has before a later one adds it."""
    return pa.schema([field for field in schema if field.name != name])
