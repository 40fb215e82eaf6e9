"""Which JSON Schemas refer to nothing outside themselves (spec/provers.md, 10)."""

from __future__ import annotations

__all__ = ["is_local"]

from typing import Any


def is_local(schema: Any) -> bool:
    """True when every `$ref` and `$dynamicRef` that is a text begins with `#`."""
    if type(schema) is dict:
        references = [schema[name] for name in ("$ref", "$dynamicRef") if name in schema]
        if any(type(reference) is str and not reference.startswith("#") for reference in references):
            return False
    items = schema.values() if type(schema) is dict else schema if type(schema) is list else ()
    return all(is_local(item) for item in items)
