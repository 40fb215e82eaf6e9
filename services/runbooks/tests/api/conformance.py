"""Answers against the OpenAPI document: of each route and status what was declared, and nothing else."""

from __future__ import annotations

__all__ = ["Conformance", "validator"]

import json
import re
from collections.abc import Mapping
from typing import Any

import httpx
import jsonschema_rs
from fastapi import FastAPI
from runbooks.canonical import pointer_to
from starlette.routing import compile_path

from services.runbooks.tests.api.routes import routes


def validator(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """Of a schema whose references are into the document."""
    return jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]}, validate_formats=True)


class Conformance:
    """Of one application; every instance of it has the same document, so one look at that serves all."""

    _shared: tuple[list[tuple[str, re.Pattern[str], str]], Mapping[str, Any], dict[str, Any]] | None = None

    def __init__(self, app: FastAPI) -> None:
        if Conformance._shared is None:
            found = [(method, compile_path(path)[0], compile_path(path)[1]) for method, path in routes(app)]
            Conformance._shared = (found, app.openapi(), {})
        self._routes, self._document, self._validators = Conformance._shared

    async def check(self, response: httpx.Response) -> None:
        """Raise AssertionError for an answer that is not as the document says; a hook of httpx."""
        media_type = response.headers.get("content-type", "").partition(";")[0]
        where = f"{response.request.method} {response.request.url.path} answered {response.status_code}"
        if response.is_success and response.request.url.path.removeprefix("/api") == "/openapi.json":
            return
        declared = self._declared(response)
        if not media_type.endswith("json") or response.status_code == 206:
            assert declared is None or not media_type or media_type in declared.get("content", {media_type: {}}), where
            return
        data = json.loads(await response.aread())
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        if declared is not None:
            content = declared.get("content", {})
        assert media_type in content, f"{where} with {media_type}; declared: {', '.join(content) or 'nothing'}"
        reference = content[media_type]["schema"]["$ref"]
        if reference not in self._validators:
            self._validators[reference] = validator(self._document, {"$ref": reference})
        found = self._validators[reference].iter_errors(data)
        faults = [f"{pointer_to(error.instance_path) or '/'}: {error.message}" for error in found]
        assert not faults, f"{where}, and that is no {reference.rpartition('/')[2]}: {'; '.join(faults[:5])}"

    def _declared(self, response: httpx.Response) -> Mapping[str, Any] | None:
        """What the document says of answers of that status; None for a route that is not in it."""
        method, path = response.request.method, response.request.url.path.removeprefix("/api")
        for of, pattern, name in self._routes:
            operation = self._document["paths"].get(name, {}).get(of.lower())
            if of == method and operation and pattern.match(path):
                found: Mapping[str, Any] | None = operation["responses"].get(
                    str(response.status_code), operation["responses"].get("default")
                )
                return found
        return None
