"""What the OpenAPI document says of answers: the shape of a problem, and of what has no model of its own."""

from __future__ import annotations

__all__ = ["PROBLEMS", "answer"]

from collections.abc import Mapping
from typing import Any

_TEXT = {"type": "string"}
_PLACE = {"type": "object", "required": ["pointer", "message"], "properties": {"pointer": _TEXT, "message": _TEXT}}
_PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {**_TEXT, "description": "`urn:runbooks:` and the code"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": {**_TEXT, "description": "stable; the command line has the same"},
        "detail": {**_TEXT, "description": "what is wrong and what to do"},
        "errors": {"type": "array", "items": _PLACE, "description": "where, as JSON Pointers into the request"},
    },
}

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem (RFC 9457)",
        "content": {"application/problem+json": {"schema": _PROBLEM}},
    }
}


def answer(
    description: str,
    media_type: str = "application/json",
    *,
    status: int = 200,
    schema: Mapping[str, Any] | None = None,
    example: Any = None,
) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that makes its answer itself."""
    told = {} if example is None else {"example": example}
    content = {media_type: {"schema": dict(schema or {"type": "object"}), **told}}
    return {status: {"description": description, "content": content}}
