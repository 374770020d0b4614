"""The table ``recipients``: one row per host that something was sent to or received from.

Rows are grouped before anything is looked up, so the cost grows with hosts, not with messages.

Bytes: where a connection was seen on the wire, ``bytes_up`` and ``bytes_down`` are its payload bytes (headers
and encryption included). Where only messages are known (HAR), or one connection carried messages to several
hosts, they are the lengths of the bodies. Nothing is counted twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.attribute.host import normal
from waakzaam.attribute.lookups import Lookup, http_lookups
from waakzaam.attribute.named import Names, named_organisation, shown_without_name
from waakzaam.attribute.recipient_row import Known, Sums, recipient_row
from waakzaam.ordinals import ordinals
from waakzaam.spill import in_pieces, let_go
from waakzaam.tables import LOOKED_UP, RECIPIENTS

ROWS = 4_096
"""Hosts that are held as Python values at one time while the table is made."""
_CONNECTIONS = 1 << 40
"""More than the connections of one evidence."""
_KEY = ["evidence", "connection"]
_MESSAGE = [*_KEY, "host", "server_address", "direction", "protocol", "body_length", "time"]
_CONNECTION = [
    *_KEY,
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
    codes = _Codes()
    asked = codes.encode(messages, _MESSAGE, hosts=("host", "server_address"))
    seen = codes.encode(connections, _CONNECTION, hosts=("sni", "host", "server_address"))
    links, shared = _links(asked, seen)
    found: defaultdict[str, Sums] = defaultdict(Sums)
    resolved = Names(names)
    resolved.add_sent(_sent(asked, "host", codes))
    resolved.add_sent(_sent(seen, "sni", codes))
    _add_messages(asked, links, resolved, codes, found)
    _add_connections(links, shared, resolved, codes, found)
    asked_for = {each.name: each for each in http_lookups(messages)}
    _add_lookups(asked_for, found)
    known = Known(
        canonical=_canonical(names),
        certificates=_certificates(connections),
        shown=shown_without_name(connections),
        resolvers=frozenset(each.resolver for each in asked_for.values()),
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


class _Codes:
    """Texts as numbers: Arrow groups and joins millions of rows by numbers, not by names."""

    def __init__(self) -> None:
        self._code: dict[str, int] = {}
        self._text: list[str] = []

    def encode(self, table: pa.Table, columns: Sequence[str], hosts: Sequence[str]) -> pa.Table:
        """Take columns of a table with every text column as codes; ``hosts`` in normal form.

        The column ``nr`` is the number of the row: joins and groups keep no order of their own.
        """
        kinds = [
            pa.int32() if pa.types.is_string(kind) else kind
            for kind in (table.schema.field(name).type for name in columns)
        ]
        coded = []
        for batch in in_pieces(table.select(columns)):
            arrays = [self._column(batch[name], name in hosts) for name in columns]
            coded.append(pa.RecordBatch.from_arrays(arrays, names=columns))
        whole = pa.Table.from_batches(coded, pa.schema(list(zip(columns, kinds, strict=True))))
        return whole.append_column("nr", ordinals(len(whole), pa.int32()))

    def _column(self, values: pa.Array, is_host: bool) -> pa.Array:
        if not pa.types.is_string(values.type):
            # A copy: the original may lie in a file that is mapped only while it is read.
            return pc.take(values, ordinals(len(values), pa.int32()))
        whole = values.dictionary_encode()
        distinct = whole.dictionary.to_pylist()
        if is_host:
            distinct = [normal(value) or None if value else None for value in distinct]
        return pa.array([self._of(value) for value in distinct], pa.int32()).take(whole.indices)

    def _of(self, text: str | None) -> int | None:
        if text is None:
            return None
        code = self._code.setdefault(text, len(self._text))
        if code == len(self._text):
            self._text.append(text)
        return code

    def text(self, code: int | None) -> str | None:
        """Give the text of a code."""
        return None if code is None else self._text[code]


def _sent(table: pa.Table, column: str, codes: _Codes) -> Iterator[tuple[str | None, str | None, str | None]]:
    """Each (evidence, address, name) of names that clients sent."""
    keys = ["evidence", "server_address", column]
    told = table.filter(pc.and_(table[column].is_valid(), table["server_address"].is_valid()))
    for row in (
        told.group_by(keys, use_threads=False).aggregate([("nr", "min")]).sort_by("nr_min").to_pylist()
    ):
        evidence, address, name = (codes.text(row[key]) for key in keys)
        yield evidence, address, name


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
    pairs = names.filter(names["canonical"].is_valid()).group_by(["name", "canonical"]).aggregate([])
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


def _links(asked: pa.Table, connections: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Say of each connection which hosts were asked for over it.

    Returns:
        Connections with ``several`` (more than one host was asked for) and ``only`` (the one, if one); and
        the pairs (connection, host) of those with several.
    """
    pairs = pa.table({"key": _key(asked), "host": asked["host"]})
    pairs = pairs.filter(pc.and_(pairs["host"].is_valid(), pairs["key"].is_valid()))
    pairs = pairs.group_by(["key", "host"], use_threads=False).aggregate([])
    counted = pairs.group_by("key", use_threads=False).aggregate([("host", "count"), ("host", "min")])
    key = _key(connections)
    at = pc.index_in(key, counted["key"].combine_chunks())
    several = pc.greater(pc.fill_null(counted["host_count"].take(at), 0), 1)
    only = pc.if_else(several, pa.scalar(None, pa.int32()), counted["host_min"].take(at))
    links = connections.append_column("key", key).append_column("several", several)
    shared = pairs.filter(pc.is_in(pairs["key"], key.filter(several).combine_chunks()))
    return links.append_column("only", only), shared


def _key(table: pa.Table) -> pa.ChunkedArray:
    """Evidence and connection as one number."""
    return pc.add(pc.multiply(pc.cast(table["evidence"], pa.int64()), _CONNECTIONS), table["connection"])


def _add_messages(
    asked: pa.Table, links: pa.Table, resolved: Names, codes: _Codes, found: defaultdict[str, Sums]
) -> None:
    """Count messages; their bodies only where no connection gives the bytes."""
    at = pc.index_in(_key(asked), links["key"].combine_chunks(), skip_nulls=True)
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
    for row in _rows(final, "nr_min"):
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
    links: pa.Table, shared: pa.Table, resolved: Names, codes: _Codes, found: defaultdict[str, Sums]
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
    for row in _rows(groups, "nr_min"):
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
    for row in _rows(shared.group_by(["host"], use_threads=False).aggregate([([], "count_all")]), "host"):
        host = codes.text(row["host"])
        if host is not None:
            found[host].connections += row["count_all"]


def _rows(table: pa.Table, order: str) -> Iterator[dict[str, Any]]:
    """Rows in the order of a column, so that every run gives the same; few at a time."""
    table = table.sort_by(order)
    for batch in table.to_batches(max_chunksize=ROWS):
        yield from batch.to_pylist()


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
