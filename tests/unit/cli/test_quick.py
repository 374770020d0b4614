"""What pyarrow leaves out at a start is there for who asks for it later."""

from __future__ import annotations

import subprocess
import sys

WORK = """
import sys
from waakzaam.cli.quick import leave_out
leave_out()
import pyarrow as pa
table = pa.table({"a": [1, 2, 1]})
assert table.join(table.group_by("a").aggregate([([], "count_all")]), keys="a").num_rows == 3
print("pyarrow._dataset" in sys.modules)
import pyarrow.dataset
print(pyarrow.dataset.dataset(table).count_rows())
"""


def test_tables_are_joined_without_readers_of_data_sets() -> None:
    command = [sys.executable, "-c", WORK]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "3"]
