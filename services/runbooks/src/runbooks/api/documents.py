"""What the OpenAPI document says of answers: named schemas, an example of each, and what no route says of itself."""

from __future__ import annotations

__all__ = ["PROBLEMS", "answer", "described", "text"]

from collections.abc import Mapping, Sequence
from typing import Any

from runbooks.api.answers import executions, installation, people, proofs, steps, templates
from runbooks.api.answers.examples import EXAMPLES
from runbooks.api.answers.shapes import TEXT_COMPONENTS, Schema, ref

_MODULES = (executions, steps, proofs, people, templates, installation)
_COMPONENTS: Mapping[str, Schema] = {
    **TEXT_COMPONENTS,
    **{name: schema for module in _MODULES for name, schema in module.COMPONENTS.items()},
}
_HEADERS: Mapping[str, str] = {
    "ETag": "what `If-Match` or `If-None-Match` take",
    "Location": "where to look",
    "Content-Range": "which bytes of how many",
}

Responses = dict[int | str, dict[str, Any]]


def answer(
    description: str,
    schema: str,
    media_type: str = "application/json",
    *,
    status: int = 200,
    headers: Sequence[str] = (),
) -> Responses:
    """The `responses` of a route whose JSON answer has that schema; it is what the route makes of itself."""
    if schema not in _COMPONENTS:
        raise KeyError(f"no schema {schema}")
    named = {name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in headers}
    told = {"headers": named} if named else {}
    return {status: {"description": description, "content": {media_type: {"schema": ref(schema)}}, **told}}


def text(description: str, media_type: str) -> Responses:
    """The `responses` of a route that answers with a text."""
    return {200: {"description": description, "content": {media_type: {"schema": {"type": "string"}}}}}


PROBLEMS: Responses = {"default": answer("A problem (RFC 9457)", "Problem", "application/problem+json")[200]}


def described(document: dict[str, Any]) -> dict[str, Any]:
    """The document that FastAPI made, with the schemas of answers and their examples in it.

    FastAPI checks and writes answers as what their routes' functions say they give, which is any object: that it is
    fast about. Here the schema that the route names takes the place of that.
    """
    found = document["components"]["schemas"]
    if twice := found.keys() & _COMPONENTS.keys():
        raise KeyError(f"a request and an answer have the same name: {', '.join(sorted(twice))}")
    document["components"]["schemas"] = dict(sorted({**found, **_COMPONENTS}.items()))
    document["components"]["examples"] = {name: {"value": value} for name, value in EXAMPLES.items()}
    for path in document["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                for content in response.get("content", {}).values():
                    _show(content)
    return document


def _show(content: dict[str, Any]) -> None:
    reference = content["schema"].get("$ref")
    if reference is None:
        return
    name = reference.rpartition("/")[2]
    content["schema"] = ref(name)
    if name in EXAMPLES:
        content["examples"] = {name: {"$ref": f"#/components/examples/{name}"}}
