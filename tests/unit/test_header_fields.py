"""Header fields of many messages by name."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from waakzaam.header_fields import named
from waakzaam.tables import MESSAGES

NAMES = st.sampled_from(["Referer", "referer", "Accept", "ACCEPT", "X-A"])


@given(st.lists(st.none() | st.lists(st.tuples(NAMES, st.text(max_size=3)))), st.integers(0, 3))
def test_fields_are_those_of_each_row(rows: list[list[tuple[str, str]] | None], start: int) -> None:
    columns = {
        name: pa.array(
            [None if fields is None else [field[at] for field in fields] for fields in rows],
            MESSAGES.field(name).type,
        )
        for at, name in enumerate(("header_names", "header_values"))
    }
    batch = pa.record_batch(columns).slice(start)
    found = list(zip(*(each.to_pylist() for each in named(batch, {"referer", "accept"})), strict=True))
    assert found == [
        (row, name.lower(), value)
        for row, fields in enumerate(rows[start:])
        for name, value in fields or ()
        if name.lower() in ("referer", "accept")
    ]
