"""One value against one JSON Schema 2020-12 through `jsonschema_rs` (spec/provers.md, 10).

References lead into the schema only, patterns take linear time and `format` is an annotation. References can make a
small schema large, and an engine that lists every error can make a small value large: `is_small` says what may be
done in the service's own process.
"""

from __future__ import annotations

__all__ = ["compile_schema", "findings_here", "is_small"]

from collections.abc import Iterable
from typing import Any

from runbooks.canonical import pointer_to
from runbooks.errors import SchemaError

_MOST_HERE = 20_000
_MOST_LISTED = 100_000
_MAX_FINDINGS = 10
_MAX_TEXT = 200
_REFERENCES = ("$ref", "$dynamicRef")


def compile_schema(schema: Any) -> Any:
    """The validator; raises SchemaError for a schema that cannot be used."""
    import jsonschema_rs

    for target in _references(schema):
        if isinstance(target, str) and not target.startswith("#"):
            raise SchemaError("a $ref or $dynamicRef leads out of the schema")
    try:
        # The engine's other kind of pattern goes back and forth in a text, for minutes if it is made for that.
        patterns = jsonschema_rs.RegexOptions()
        # Masked: a message says what was expected, and nothing of what came.
        return jsonschema_rs.Draft202012Validator(
            schema, validate_formats=False, offline=True, pattern_options=patterns, mask="the value"
        )
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise SchemaError(str(error).splitlines()[0]) from None


def is_small(schema: Any, value: Any) -> bool:
    """True when the work is bounded by what the two have places, and that is little."""
    return _is_within(schema, value, _MOST_HERE)


def findings_here(schema: Any, value: Any) -> list[list[str]]:
    """[pointer, what was expected] of at most 10 places, the first in the order of UTF-8; raises SchemaError.

    One place only where a list of all could be too long to make: the engine makes it whole.
    """
    validator = compile_schema(schema)
    if validator.is_valid(value):
        return []
    if not _is_within(schema, value, _MOST_LISTED):
        return [_first_finding(validator, value)]
    found: dict[str, list[str]] = {}
    for error in validator.iter_errors(value):
        finding = _finding(error)
        found.setdefault(finding[0], finding)
    return [found[pointer] for pointer in sorted(found, key=str.encode)[:_MAX_FINDINGS]]


def _first_finding(validator: Any, value: Any) -> list[str]:
    import jsonschema_rs

    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        return _finding(error)
    raise SchemaError("the engine finds the value valid and not valid")


def _finding(error: Any) -> list[str]:
    return [pointer_to(error.instance_path), error.message[:_MAX_TEXT]]


def _is_within(schema: Any, value: Any, most: int) -> bool:
    places = _places(schema, most)
    return places * _places(value, most // places) <= most and not any(True for _ in _references(schema))


def _places(value: Any, most: int) -> int:
    """How many values there are in `value`, itself among them; not counted far beyond `most`."""
    count, waiting = 0, [value]
    while waiting and count <= most:
        item = waiting.pop()
        count += 1
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return count


def _references(schema: Any) -> Iterable[Any]:
    waiting = [schema]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield from (item[name] for name in _REFERENCES if name in item)
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
