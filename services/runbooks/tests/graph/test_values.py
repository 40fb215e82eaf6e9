"""From the driver's values to JSON, for what the servers of the contract suite do not return."""

from __future__ import annotations

from typing import Any

import pytest
from neo4j.spatial import CartesianPoint
from neo4j.time import Date, DateTime, Duration, Time
from runbooks.adapters.graph.values import json_row, json_value
from runbooks.errors import PermanentPortError


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (2**53 - 1, 2**53 - 1),
        (-0.5, -0.5),
        ("ü", "ü"),
        ([1, [None]], [1, [None]]),
        ({"a": {"b": [False]}}, {"a": {"b": [False]}}),
        (Date(2024, 2, 29), "2024-02-29"),
        (Time(10, 11, 12), "10:11:12"),
        (Time(10, 11, 12, 500_000_000), "10:11:12.5"),
        (DateTime(2024, 2, 29, 10, 11, 12, 1), "2024-02-29T10:11:12.000000001"),
        (DateTime(2024, 2, 29, 10, 11, 12, 120_000_000), "2024-02-29T10:11:12.12"),
        (DateTime(2024, 2, 29, 10, 11, 10), "2024-02-29T10:11:10"),
        (Duration(months=14, days=3, seconds=10), "P1Y2M3DT10S"),
        (Duration(seconds=1, nanoseconds=500_000_000), "PT1.5S"),
    ],
)
def test_a_value_keeps_all_that_it_says(value: Any, expected: Any) -> None:
    assert json_value(value, "x") == expected
    assert type(json_value(value, "x")) is type(expected)


@pytest.mark.parametrize("value", [b"bytes", bytearray(b"bytes"), CartesianPoint((1, 2)), object(), {1, 2}])
def test_a_value_without_a_json_form_is_refused_with_its_type(value: Any) -> None:
    with pytest.raises(PermanentPortError, match=f"^column x: a {type(value).__name__} has no JSON form") as caught:
        json_value(value, "x")
    assert caught.value.code == "graph.value"


def test_columns_of_one_name_are_refused() -> None:
    with pytest.raises(PermanentPortError, match="two columns have one name: a, b, a") as caught:
        json_row(["a", "b", "a"], [1, 2, 3])
    assert caught.value.code == "graph.value"
