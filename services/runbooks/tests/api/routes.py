"""The routes of an application as the framework has them, and addresses that fit them."""

from __future__ import annotations

__all__ = ["address", "routes"]

import re

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

_FITTING = {"section": "outputs", "execution_id": "R-0001-000000", "runbook_id": "R", "step_id": "s"}


def routes(app: FastAPI) -> dict[tuple[str, str], BaseRoute]:
    """(method, path) → route, of all but HEAD."""
    found = {}
    for context in iter_route_contexts(app.routes):
        for method in (context.methods or set()) - {"HEAD"}:
            found[method, context.path or ""] = context.original_route
    return found


def address(path: str, **named: str) -> str:
    """A path without braces."""
    return re.sub(r"{(\w+)(:path)?}", lambda found: {**_FITTING, **named}.get(found[1], "none.r1"), path)
