"""The API against its own OpenAPI document: whatever fits it, and whatever does not, is answered as it says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from services.runbooks.tests.api.conftest import Api, opened_api
from services.runbooks.tests.gates import LIMITS, service_bundle
from services.runbooks.tests.simulator import World

EXAMPLES = 25
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
MODES = {"fitting": GenerationMode.POSITIVE, "not fitting": GenerationMode.NEGATIVE}


async def answered(api: Api, case: Any, names: dict[str, str]) -> httpx.Response:
    """The answer to one case; identifiers that exist stand in now and then, so that routes get to their work."""
    case.path_parameters = {**(case.path_parameters or {}), **names}
    case.headers = {**(case.headers or {}), **api.of("ann")}
    sent = case.as_transport_kwargs(base_url="http://runbooks")
    known = {
        name: sent[name] for name in ("params", "json", "data", "headers", "cookies") if sent.get(name) is not None
    }
    if "data" in known:
        known["content"] = known.pop("data")
    known.pop("cookies", None)
    return await api.http.request(sent["method"], sent["url"], **known)


def checked(
    loop: asyncio.Runner, api: Api, operation: Any, mode: GenerationMode, names: dict[str, str]
) -> Counter[int]:
    """How often one operation answered with which status; raises for an answer that the document does not have."""
    statuses: Counter[int] = Counter()

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode), exists=st.booleans())
    def check(case: Any, exists: bool) -> None:
        answer = loop.run(answered(api, case, names if exists else {}))
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    # A route that takes nothing cannot be given anything that does not fit.
    with nullcontext() if mode is GenerationMode.POSITIVE else suppress(Unsatisfiable):
        check()
    return statuses


@contextmanager
def opened(world: World, folder: Path) -> Iterator[tuple[asyncio.Runner, Api]]:
    """An API and the loop in which it lives: Hypothesis calls plain functions."""
    with asyncio.Runner() as loop:
        opening = opened_api(world, folder, LIMITS, service_bundle())
        try:
            yield loop, loop.run(opening.__aenter__())
        finally:
            loop.run(opening.__aexit__(None, None, None))


@pytest.mark.real
@pytest.mark.parametrize("mode", MODES.values(), ids=MODES.keys())
def test_every_answer_is_as_the_document_says_and_none_is_a_failure(
    mode: GenerationMode, world: World, tmp_path: Path
) -> None:
    statuses: Counter[int] = Counter()
    with opened(world, tmp_path) as (loop, api):
        name = loop.run(api.run("gated"))
        [review] = loop.run(api.get("/reviews")).json()
        known = {"execution_id": name, "step_id": "s", "runbook_id": "R", "review_id": review["reviewId"]}
        schema = schemathesis.openapi.from_dict(loop.run(api.http.get("/openapi.json")).json())
        for result in schema.get_all_operations():
            operation = result.ok()
            if operation.path != "/events":  # a stream does not end; its tests are its own
                names = {part: known[part] for part in known if f"{{{part}}}" in operation.path}
                statuses += checked(loop, api, operation, mode, names)
    assert statuses.total() > 100
    assert statuses[422] > 0
    assert mode is GenerationMode.NEGATIVE or statuses[200] > 50
