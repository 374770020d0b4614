"""Many values in one call: the same leaves as one by one, and nothing told twice."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from waakzaam.peel import Batch, Tables, peel, peel_many

Leaf = tuple[tuple[tuple[str, str], ...], bytes]


def _leaves(tables: list[Tables], number: int) -> list[Leaf]:
    """The leaves of one value, joined from the tables of one or more batches."""
    paths = {row["path"]: row for each in tables for row in each.paths.to_pylist()}
    values = {row["value"]: row["bytes"] for each in tables for row in each.values.to_pylist()}
    contents = [row for each in tables for row in each.contents.to_pylist()]
    wanted = {row["content"] for row in contents if row["message"] == number}
    rows = [row for each in tables for row in each.leaves.to_pylist() if row["content"] in wanted]
    return [
        (
            tuple(zip(paths[row["path"]]["layers"], paths[row["path"]]["selectors"], strict=True)),
            values[row["value"]],
        )
        for row in rows
    ]


def _alone(data: bytes, part: str = "body") -> list[Leaf]:
    return [(leaf.steps, leaf.value) for leaf in peel(data, part=part).leaves]


def test_the_same_as_one_by_one() -> None:
    bodies = [b'{"a":1,"b":[2,3]}', b"plain", b'{"a":1,"b":[2,3]}', b"", b"H4sI not gzip"]
    tables = peel_many(bodies)
    for number, body in enumerate(bodies):
        assert _leaves([tables], number) == _alone(body)
    # The third is the first again: its content is told once.
    assert tables.contents.num_rows == len(bodies) - 0
    assert tables.leaves.num_rows == sum(len(_alone(body)) for body in (bodies[0], bodies[1], bodies[4]))


def test_numbers_go_on_from_batch_to_batch() -> None:
    batch = Batch(part="query")
    first = batch.peel([b"a=1&b=2"])
    second = batch.peel(pa.array([b"a=1&b=2", b"a=3"], pa.binary()))
    assert second.leaves.num_rows == 1
    assert second.paths.num_rows == 0
    for number, query in enumerate([b"a=1&b=2", b"a=1&b=2", b"a=3"]):
        assert _leaves([first, second], number) == _alone(query, "query")


def test_limits_and_damage_are_told() -> None:
    nested = b"[" * 5000 + b"1" + b"]" * 5000
    tables = peel_many([nested])
    assert tables.limits.num_rows == 1
    assert tables.limits["place"][0].as_py().startswith("message 0: body")
    assert peel_many([]).leaves.num_rows == 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=200) | st.sampled_from([b'{"a":"b"}', b"x=1&y=2"]), max_size=8))
def test_any_values_give_what_they_give_alone(bodies: list[bytes]) -> None:
    tables = peel_many(bodies)
    for number, body in enumerate(bodies):
        assert sorted(_leaves([tables], number)) == sorted(_alone(body))
