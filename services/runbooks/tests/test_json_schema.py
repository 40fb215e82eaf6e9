"""Authors' JSON Schemas: here and in the child alike, with limits, and without a word of the value."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from runbooks.errors import DefinitionError, SchemaError
from runbooks.evaluator import findings_here, findings_in_child, is_small
from runbooks.json_schema import require_usable, schema_findings

from services.runbooks.tests.simulator import define, step

ROW: Any = {
    "type": "object",
    "required": ["id"],
    "additionalProperties": False,
    "properties": {"id": {"type": "string", "maxLength": 5}, "n": {"enum": [1, 2]}},
}
ROWS: Any = {"type": "array", "items": ROW}


def endless(count: int = 60) -> Any:
    """References that double `count` times."""
    steps = {f"a{n}": {"anyOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(count)}
    return {"$ref": "#/$defs/a0", "$defs": {**steps, f"a{count}": {"type": "string"}}}


def test_findings_name_the_place_and_what_was_expected_and_not_the_value() -> None:
    value = [{"id": "s3cret-s3cret"}, {"id": 31337}, {"n": 3}, {"id": "a"}, "s3cret"]
    found = schema_findings(ROWS, value)
    assert [finding.pointer for finding in found] == ["/0/id", "/1/id", "/2", "/2/n", "/4"]
    text = "; ".join(map(str, found))
    assert "5 characters" in text
    assert '"id" is a required property' in text
    assert "1 or 2" in text
    assert "s3cret" not in text
    assert "31337" not in text


def test_a_place_that_is_wrong_twice_is_found_once_and_no_more_than_ten_are() -> None:
    assert len(schema_findings({"minLength": 9, "pattern": "b"}, "a")) == 1
    assert len(schema_findings(ROWS, [{}] * 1000)) == 10
    assert len(schema_findings({**ROWS, "$defs": {}}, [{}] * 100_000)) == 1, "a list of all is too long to make"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"$ref": "https://example.com/s.json"},
        {"items": {"properties": {"a": {"$dynamicRef": "file:///etc/passwd"}}}},
        {"$ref": "#/$defs/none"},
        {"pattern": "(?=a)b"},
        {"pattern": "(a)\\1"},
        {"pattern": "((a{1000}){1000}){1000}"},
        {"pattern": "("},
        7,
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_where_it_is_written(schema: Any) -> None:
    for use in (require_usable, lambda s: schema_findings(s, 1), lambda s: findings_in_child(s, 1)):
        with pytest.raises(SchemaError) as caught:
            use(schema)
        assert caught.value.code == "schema.unusable"
    if isinstance(schema, dict):
        with pytest.raises(DefinitionError) as refused:
            define(step("a", "external_api", endpoint="https://api.example.com", responseSchema=schema))
        [problem] = refused.value.problems
        assert (problem.code, problem.pointer) == ("definition.schema", "/steps/0/responseSchema")


def test_patterns_take_linear_time() -> None:
    before = time.monotonic()
    assert schema_findings({"pattern": "^(a+)+$"}, "a" * 50_000 + "b")
    assert time.monotonic() - before < 2


def test_a_schema_that_never_ends_is_an_error_and_the_next_is_none() -> None:
    with pytest.raises(SchemaError) as caught:
        schema_findings(endless(), 1)
    assert caught.value.code == "schema.limit"
    assert schema_findings(endless(3), "text") == []


def test_a_fault_in_each_of_many_rows_takes_little_time_and_memory() -> None:
    before = time.monotonic()
    [found] = schema_findings(ROWS, [{"id": 5, "x": "s3cret"}] * 300_000)
    assert found.pointer.startswith("/0")
    assert time.monotonic() - before < 5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
SCHEMAS = st.sampled_from([ROW, ROWS, {"type": "object"}, {"items": {"type": "string"}}, {"not": {}}, {"maxItems": 1}])


@settings(max_examples=60, deadline=None)
@given(SCHEMAS, JSON)
def test_the_child_finds_what_is_found_here(schema: Any, value: Any) -> None:
    assert is_small(schema, value)
    assert findings_in_child(schema, value) == findings_here(schema, value)


def test_what_is_large_or_refers_is_not_small() -> None:
    assert not is_small(ROWS, [{"id": "a"}] * 10_000)
    assert not is_small({"allOf": [{}] * 10_000}, list(range(10)))
    assert not is_small({"$ref": "#/$defs/a", "$defs": {"a": {}}}, 1)
