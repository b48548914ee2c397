"""A batch as Parquet: every value comes back, in the order of arrival."""

from __future__ import annotations

import math
from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sealtrace.ingest import rules, table
from sealtrace.ingest.model import Arrival, Sample, Value

from .test_rules import SAMPLES, arrivals


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(SAMPLES, min_size=1, max_size=40))
def test_every_kept_sample_comes_back(tmp_path: Path, samples: list[Sample]) -> None:
    kept = rules.settle(arrivals(samples), {}, {}, period_us=None, late=False).kept
    path = tmp_path / "batch.parquet"
    rows = table.write(kept, {"source": "x"}, path)
    wanted = {(a.sample.tag, a.sample.at_us): a.sample.value for a in kept}
    found = table.held(path, wanted)
    assert found.keys() == wanted.keys()
    assert all(rules.same(found[key], value) for key, value in wanted.items())
    assert table.about(path) == {"source": "x", "rows": rows}
    numbers = pq.read_table(path)["arrival"].to_pylist()
    assert numbers == sorted(numbers)


def written(tmp_path: Path, values: list[Value]) -> list[object]:
    path = tmp_path / "batch.parquet"
    table.write([Arrival(n, Sample(n, "x", v), 0) for n, v in enumerate(values)], {}, path)
    return pq.read_table(path)["x"].to_pylist()  # type: ignore[no-any-return]


def test_columns_hold_values_exactly(tmp_path: Path) -> None:
    assert written(tmp_path, [1, 2**62]) == [1, 2**62]
    assert written(tmp_path, [1, 2.5]) == [1.0, 2.5]
    assert written(tmp_path, [2**60 + 1, 2.5]) == [str(2**60 + 1), "2.5"]
    assert written(tmp_path, [10**30]) == [str(10**30)]
    assert written(tmp_path, [True, 1]) == ["true", "1"]
    assert math.isnan(float(str(written(tmp_path, [math.nan])[0])))


def test_one_moment_is_one_row_and_a_repeated_tag_opens_another(tmp_path: Path) -> None:
    samples = [Sample(1, "a", 1), Sample(1, "b", 2), Sample(2, "a", 3), Sample(1, "b", 4)]
    path = tmp_path / "batch.parquet"
    assert table.write(arrivals(samples), {}, path) == 3
    got = pq.read_table(path).to_pydict()
    assert (got["a"], got["b"]) == ([1, 3, None], [2, None, 4])


def test_poor_status_stands_beside_the_values_and_counts_as_held(tmp_path: Path) -> None:
    path = tmp_path / "batch.parquet"
    table.write(arrivals([Sample(1, "a", None, "BadSensorFailure"), Sample(1, "b", 2)]), {}, path)
    assert pq.read_table(path)["status"].to_pylist() == ['{"a": "BadSensorFailure"}']
    assert table.held(path, [("a", 1), ("b", 1), ("a", 2), ("c", 1)]) == {("a", 1): None, ("b", 1): 2}


def test_tags_named_as_our_columns_get_another_name() -> None:
    names = ["time", "time_", "arrival", "status", "flow"]
    assert [table.column_name(n) for n in names] == ["time_", "time__", "arrival_", "status_", "flow"]
