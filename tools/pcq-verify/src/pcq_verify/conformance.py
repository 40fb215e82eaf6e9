"""JSON Schema 2020-12 over one value, with references into the schema only (spec/provers.md, 10).

Runs in the sandbox's child. `format` is an annotation, as the draft has it by default.
"""

from __future__ import annotations

__all__ = ["conforms"]

import sys
from types import ModuleType
from typing import Any


def conforms(schema: dict[str, Any], value: Any) -> str:
    """`valid`, `invalid` or `unusable`."""
    engine = _engine()
    try:
        patterns = engine.RegexOptions()  # the kind that takes linear time
        validator = engine.Draft202012Validator(schema, validate_formats=False, offline=True, pattern_options=patterns)
        return "valid" if validator.is_valid(value) else "invalid"
    except (ValueError, engine.ReferencingError):
        return "unusable"


def _engine() -> Any:
    if "jsonschema_rs" not in sys.modules:
        # The engine loads `email.utils`, which loads `socket` for a name that nobody asks for: it gets an empty module.
        blank = sys.modules.setdefault("socket", ModuleType("socket"))
        import jsonschema_rs

        if not hasattr(blank, "socket"):
            del sys.modules["socket"]
        return jsonschema_rs
    return sys.modules["jsonschema_rs"]
