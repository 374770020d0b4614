"""The table ``recipients``: one row per host that something was sent to or received from.

Rows are grouped before anything is looked up, so the cost grows with hosts, not with messages.

Bytes: where a connection was seen on the wire, ``bytes_up`` and ``bytes_down`` are its payload bytes (headers
and encryption included). Where only messages are known (HAR), or one connection carried messages to several
hosts, they are the lengths of the bodies. Nothing is counted twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.attribute.grouped import KEY, ROWS, Codes, key_of, links_of, names_of, rows_of
from waakzaam.attribute.host import normal
from waakzaam.attribute.lookups import Lookup, http_lookups
from waakzaam.attribute.named import Names, named_organisation, shown_without_name
from waakzaam.attribute.recipient_row import Known, Sums, recipient_row
from waakzaam.spill import let_go
from waakzaam.tables import LOOKED_UP, RECIPIENTS

_MESSAGE = [*KEY, "host", "server_address", "direction", "protocol", "body_length", "time"]
_CONNECTION = [
    *KEY,
    "sni",
    "host",
    "not_opened",
    "server_address",
    "application",
    "bytes_up",
    "bytes_down",
    "opened",
    "last",
]


def attribute(messages: pa.Table, connections: pa.Table, names: pa.Table) -> pa.Table:
    """Say to whom messages and connections went.

    Args:
        messages: table ``messages`` (bodies are not needed).
        connections: table ``connections``.
        names: table ``names``: DNS answers, used where no name was sent.

    Returns:
        Table ``recipients``, most messages first, then by host. ``messages`` counts what was sent (``up``).
    """
    codes = Codes()
    asked = codes.encode(messages, _MESSAGE, hosts=("host", "server_address"))
    seen = codes.encode(connections, _CONNECTION, hosts=("sni", "host", "server_address"))
    links, shared = links_of(asked, seen)
    found: defaultdict[str, Sums] = defaultdict(Sums)
    resolved = names_of(names, asked, seen, codes)
    _add_messages(asked, links, resolved, codes, found)
    _add_connections(links, shared, resolved, codes, found)
    asked_for = {each.name: each for each in http_lookups(messages)}
    _add_lookups(asked_for, found)
    known = Known(
        canonical=_canonical(names),
        certificates=_certificates(connections),
        shown=shown_without_name(connections),
        resolvers={each.resolver: each.told_beside for each in asked_for.values()},
    )
    let_go()
    del asked, seen, links, shared, codes
    order = sorted(found, key=lambda host: (-found[host].messages, host))
    batches = [
        pa.RecordBatch.from_pylist(
            [recipient_row(host, found.pop(host), known) for host in order[start : start + ROWS]],
            schema=RECIPIENTS,
        )
        for start in range(0, len(order), ROWS)
    ]
    return pa.Table.from_batches(batches, schema=RECIPIENTS)


def _add_lookups(asked: Mapping[str, Lookup], found: defaultdict[str, Sums]) -> None:
    """Add names that were asked for by HTTP."""
    for name, lookup in asked.items():
        one = found[name]
        one.lookups += lookup.times
        one.last = max((each for each in (one.last, lookup.last) if each is not None), default=None)
        one.origins = one.origins or {}
        one.origins[lookup.sentence] = None


def _canonical(names: pa.Table) -> dict[str, tuple[str, ...]]:
    """Other names of hosts, as DNS answers tell: ends of CNAME chains."""
    pairs = (
        names.filter(names["canonical"].is_valid())
        .group_by(["name", "canonical"], use_threads=False)
        .aggregate([])
    )
    found: dict[str, set[str]] = {}
    for each in pairs.to_pylist():
        if each["name"] and normal(each["canonical"]) != normal(each["name"]):
            found.setdefault(normal(each["name"]), set()).add(normal(each["canonical"]))
    return {name: tuple(sorted(others)) for name, others in found.items()}


def _certificates(connections: pa.Table) -> dict[str, tuple[str, ...]]:
    """Organisations that certificates of hosts name; those that a host issued to itself are left out."""
    columns = ["sni", "certificate_organisation", "certificate_subject", "certificate_issuer"]
    told = connections.select(columns)
    told = told.filter(pc.and_(told["sni"].is_valid(), told["certificate_organisation"].is_valid()))
    found: dict[str, set[str]] = {}
    for each in told.group_by(columns, use_threads=False).aggregate([]).to_pylist():
        organisation = named_organisation(each["certificate_organisation"])
        if organisation and each["certificate_subject"] != each["certificate_issuer"]:
            found.setdefault(normal(each["sni"]), set()).add(organisation)
    return {host: tuple(sorted(organisations)) for host, organisations in found.items()}


def _add_messages(
    asked: pa.Table, links: pa.Table, resolved: Names, codes: Codes, found: defaultdict[str, Sums]
) -> None:
    """Count messages; their bodies only where no connection gives the bytes."""
    at = pc.index_in(key_of(asked), links["key"].combine_chunks(), skip_nulls=True)
    # A message without a host is counted to the host of its connection.
    single = pc.if_else(links["several"], None, pc.coalesce(links["only"], links["sni"]))
    # A connection whose bytes are known gives them to its one host: its bodies must not be added.
    whole = pc.and_(pc.invert(links["several"]), links["bytes_up"].is_valid())
    keys = ["evidence", "to", "server_address", "direction", "protocol"]
    columns = {name: asked[name] for name in (*keys, "time", "nr") if name != "to"}
    columns["to"] = pc.coalesce(asked["host"], single.combine_chunks().take(at))
    counted = pc.fill_null(whole.combine_chunks().take(at), False)
    columns["bodies"] = pc.if_else(counted, 0, pc.fill_null(asked["body_length"], 0))
    final = (
        pa.table(columns)
        .group_by(keys, use_threads=False)
        .aggregate([([], "count_all"), ("bodies", "sum"), ("time", "max"), ("nr", "min")])
    )
    for row in rows_of(final, "nr_min"):
        evidence, host, address = (codes.text(row[key]) for key in ("evidence", "to", "server_address"))
        one = _recipient(evidence or "", host, None, address, resolved, found)
        if one is None:
            continue
        one.seen_with(codes.text(row["protocol"]), row["time_max"])
        one.told = True
        if codes.text(row["direction"]) == "up":
            one.messages += row["count_all"]
            one.up += row["bodies_sum"]
        else:
            one.down += row["bodies_sum"]


def _add_connections(
    links: pa.Table, shared: pa.Table, resolved: Names, codes: Codes, found: defaultdict[str, Sums]
) -> None:
    """Count connections, and the bytes of those that went to one host."""
    closed = pc.cast(pc.invert(pc.fill_null(links["opened"], True)), pa.int64())
    links = links.filter(pc.invert(links["several"])).append_column(
        "closed", closed.filter(pc.invert(links["several"]))
    )
    keys = ["evidence", "only", "sni", "host", "not_opened", "server_address", "application"]
    groups = links.group_by(keys, use_threads=False).aggregate(
        [
            ([], "count_all"),
            ("bytes_up", "sum"),
            ("bytes_down", "sum"),
            ("closed", "sum"),
            ("last", "max"),
            ("nr", "min"),
        ]
    )
    for row in rows_of(groups, "nr_min"):
        evidence, host, sni, logged, why, address = (
            codes.text(row[key])
            for key in ("evidence", "only", "sni", "host", "not_opened", "server_address")
        )
        if host is None and sni is None and logged is not None:
            one: Sums | None = _logged(evidence or "", logged, why, address, found)
        else:
            one = _recipient(evidence or "", host, sni, address, resolved, found)
        if one is None:
            continue
        one.seen_with(codes.text(row["application"]), row["last_max"])
        if why in LOOKED_UP:
            one.lookups += row["count_all"]
            continue
        one.told = one.told or row["bytes_up_sum"] is not None
        one.connections += row["count_all"]
        one.up += row["bytes_up_sum"] or 0
        one.down += row["bytes_down_sum"] or 0
        one.not_opened += row["closed_sum"] or 0
    for row in rows_of(shared.group_by(["host"], use_threads=False).aggregate([([], "count_all")]), "host"):
        host = codes.text(row["host"])
        if host is not None:
            found[host].connections += row["count_all"]


def _recipient(
    evidence: str,
    host: str | None,
    sni: str | None,
    address: str | None,
    resolved: Names,
    found: defaultdict[str, Sums],
) -> Sums | None:
    """Give the sums of the host these groups belong to; None where neither name nor address is known."""
    several: tuple[str, ...] | None = None
    if host is not None:
        name, origin = host, ""
    elif sni is not None:
        name, origin = (
            sni,
            "The name was sent when the encrypted connection was set up (SNI); it was not opened.",
        )
    elif address is not None:
        name, origin, several = resolved.host(evidence, address)
    else:
        return None
    one = found[name]
    if several is not None and name == address:
        one.several = (one.several or set()) | {several}
    if origin:
        one.origins = one.origins or {}
        one.origins[origin] = None
    if address is not None:
        one.addresses = one.addresses or set()
        one.addresses.add(address)
    return one


_LOGGED = {
    "only looked up": "The name was looked up ({evidence}); whether anything was sent to it is not recorded.",
    "blocked by the name server": (
        "The name was looked up ({evidence}), and the name server refused it; whether anything was sent to "
        "it is not recorded."
    ),
}
"""Where a name comes from that a log gives without a connection, by why the connection stayed closed."""


def _logged(
    evidence: str, name: str, why: str | None, address: str | None, found: defaultdict[str, Sums]
) -> Sums:
    """Give the sums of a host that a log names."""
    one = found[name]
    sentence = _LOGGED.get(why or "", "The log ({evidence}) gives this name for the server.")
    one.origins = one.origins or {}
    one.origins[sentence.format(evidence=evidence)] = None
    if address is not None:
        one.addresses = one.addresses or set()
        one.addresses.add(address)
    return one
