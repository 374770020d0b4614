"""The schemas of what stays closed and of what opened it: part of ``tables.py``, which lists them all."""

from __future__ import annotations

import pyarrow as pa

STRINGS = pa.list_(pa.string())
INTS = pa.list_(pa.int64())

CLOSED = pa.schema(
    [
        ("value", pa.int64()),  # something may be hidden in it
        ("alone", pa.bool_()),  # and may be found without a key at hand
    ]
)

PROOFS = pa.schema(
    [
        ("evidence", pa.string()),
        ("content", pa.int64()),  # what was inside; sightings name it in `proof`
        ("step", pa.int64()),  # place of the layer in the chain, from 0
        ("layer", pa.string()),
        ("bits", pa.float64()),  # evidence, hypotheses paid for; null for a known format
        ("tried", pa.int64()),
        ("key", pa.string()),  # where the key comes from
        ("source", pa.string()),  # known format | key file | logged | beside it | device | worked out
        ("derivation", pa.string()),
        ("format", pa.string()),  # id of the known wire format, or null
    ]
)

OPAQUE = pa.schema(
    [
        ("evidence", pa.string()),
        ("host", pa.string()),
        ("url_path", pa.string()),
        ("place", pa.string()),  # chain to the field, places in lists as [*]
        ("values", pa.int64()),  # different values that were tried and stayed closed
        ("messages", pa.int64()),
        ("left_out", pa.int64()),  # values that a limit kept from being tried
        ("disguise", pa.string()),  # to-recipient | opaque
        ("format", pa.string()),
        ("format_name", pa.string()),
        ("vendor", pa.string()),
        ("text", pa.string()),  # why it stays closed, in a sentence
    ]
)

WEAKNESSES = pa.schema(
    [
        ("weakness", pa.string()),  # W1, W2 …
        ("evidence", pa.string()),
        ("host", pa.string()),
        ("app", pa.string()),
        ("app_basis", pa.string()),
        ("transport", pa.string()),
        ("url_path", pa.string()),
        ("place", pa.string()),
        ("kind", pa.string()),  # repeated-blocks | equal-first-blocks | same-keystream
        ("block", pa.int64()),
        ("count", pa.int64()),
        ("of", pa.int64()),
        ("log2_chance", pa.float64()),
        ("part", pa.string()),
        ("layers", STRINGS),
        ("selectors", STRINGS),  # of one value after the other
        ("message", pa.int64()),  # the first
        ("messages", INTS),  # one for each value
    ]
)
