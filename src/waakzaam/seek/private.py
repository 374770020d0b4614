"""Messages that say themselves that a page was opened in private mode.

Which field says so in which reported case is a fact: ``modifier`` in ``knowledge/cases.toml``.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from waakzaam.knowledge import load
from waakzaam.knowledge.model import UNCONFIRMED
from waakzaam.sources.evidence import Evidence

PRIVATE = pa.schema([("evidence", pa.string()), ("message", pa.int64())])


def private_in(evidence: Sequence[Evidence]) -> pa.Table:
    """Messages (evidence, message) to a host of a reported case in which the case's field says so."""
    tables = [PRIVATE.empty_table()]
    for case in load().cases.values():
        for modifier in case.modifiers:
            if UNCONFIRMED in (case.confidence, modifier.confidence):
                continue
            for each in evidence:
                messages = each.table("messages")
                hosts = [
                    host for host in pc.unique(messages["host"]).to_pylist() if host and case.names_host(host)
                ]
                if modifier.effect == "raise" and hosts:
                    to_case = messages.filter(pc.is_in(messages["host"], pa.array(hosts, pa.string())))[
                        "message"
                    ]
                    tables.append(_saying(each, to_case, modifier.field, modifier.values))
    return pa.concat_tables(tables)


def _saying(evidence: Evidence, messages: pa.ChunkedArray, field: str, values: Sequence[str]) -> pa.Table:
    """Of these messages, those with a leaf under this field name and with one of these values."""
    paths = evidence.table("paths")
    of_field = paths.filter(pc.fill_null(pc.equal(paths["name"], field), False))["path"].combine_chunks()
    wanted = pa.array([value.encode() for value in values], pa.binary())
    ids = [
        batch.filter(pc.is_in(batch["bytes"], wanted))["value"]
        for batch in evidence.tables["values"].batches()
    ]
    of_value = pa.chunked_array(ids, pa.int64()).combine_chunks()
    contents = [
        batch.filter(pc.and_(pc.is_in(batch["path"], of_field), pc.is_in(batch["value"], of_value)))[
            "content"
        ]
        for batch in evidence.tables["leaves"].batches()
    ]
    content = pa.chunked_array(contents, pa.int64()).combine_chunks()
    table = evidence.table("contents")
    message = pc.unique(table.filter(pc.is_in(table["content"], content))["message"])
    message = message.filter(pc.is_in(message, messages.combine_chunks()))
    return pa.table(
        {"evidence": pa.repeat(pa.scalar(evidence.id), len(message)), "message": message}, PRIVATE
    )
