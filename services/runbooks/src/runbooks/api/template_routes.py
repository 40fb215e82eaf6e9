"""Routes of runbooks: what each does and asks for, its versions that ran, and how its last executions went."""

from __future__ import annotations

__all__ = ["templates_router"]

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path

from runbooks.api.actions import template_actions
from runbooks.api.backend import Backend, Subject
from runbooks.api.documents import answer
from runbooks.api.guard import guarded_router
from runbooks.api.rights import TEMPLATE
from runbooks.canonical import loads
from runbooks.definition import Definition
from runbooks.errors import SettingsError
from runbooks.evidence import instant

# Of so many executions the durations are told, and of so many the outcomes: in the list of runbooks, and of one.
_MEASURED, _IN_LIST, _OF_ONE = 100, 7, 30
_GOOD = ("completed", "overridden")


def templates_router(backend: Backend) -> APIRouter:
    """The routes under `/templates`."""
    router, executions = guarded_router("/templates"), backend.executions

    def runs(runbook_id: str, shown: int) -> dict[str, Any]:
        return _runs(executions.page({"runbookId": [runbook_id]}, limit=_MEASURED).items, shown)

    @router.get("", summary="The runbooks of this installation", responses=answer("Runbooks", "TemplateList"))
    async def templates(subject: Subject) -> dict[str, Any]:
        """The runbooks of this installation with their last executions, and what is wrong with files that are none."""
        definitions, problems = backend.templates()
        actions = template_actions(await backend.gate.refusals(subject, TEMPLATE))
        return {
            "items": [
                {**_told(item), "runs": runs(item.runbook_id, _IN_LIST), "actions": actions} for item in definitions
            ],
            "problems": [
                {"source": item.source, "code": item.code, "pointer": item.pointer, "message": item.message}
                for item in problems
            ],
        }

    @router.get(
        "/{runbook_id:path}/versions/{digest}",
        summary="One version of a runbook",
        responses=answer("The version", "TemplateVersion"),
    )
    async def version(
        runbook_id: str, digest: Annotated[str, Path(pattern="^sha256:[0-9a-f]{64}$")], subject: Subject
    ) -> dict[str, Any]:
        """The definition with that digest, which ran here; also of a runbook that is no template any more."""
        del subject
        if digest not in {item["digest"] for item in executions.versions(runbook_id)}:
            message = f"no version {digest} of {runbook_id} ran here; GET /templates/{runbook_id} lists them"
            raise SettingsError(message, code="runbook.unknown_version")
        definition = backend.runner.definition(digest)
        return {**_told(definition), "definition": loads(definition.raw)}

    @router.get("/{runbook_id:path}", summary="One runbook", responses=answer("The runbook", "TemplateDetail"))
    async def template(runbook_id: str, subject: Subject) -> dict[str, Any]:
        """What it does, what it asks for, its last executions, its versions, and the definition as a start pins it."""
        definition = backend.find(runbook_id)
        actions = template_actions(await backend.gate.refusals(subject, TEMPLATE, {"runbook_id": runbook_id}))
        return {
            **_told(definition),
            "runs": runs(runbook_id, _OF_ONE),
            "versions": _versions(definition, executions.versions(runbook_id)),
            "actions": actions,
            "definition": loads(definition.raw),
        }

    return router


def _versions(definition: Definition, ran: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Those that ran, the last first, and before them the current one when it did not."""
    found = [{**item, "current": item["digest"] == definition.digest} for item in ran]
    if any(item["current"] for item in found):
        return found
    times = {"firstAt": None, "lastAt": None}
    current = {"digest": definition.digest, "version": definition.version, "executions": 0, **times, "current": True}
    return [current, *found]


def _runs(summaries: Sequence[Mapping[str, Any]], shown: int) -> dict[str, Any]:
    """The newest `shown`, and percentiles of the durations in seconds of those of all that ended well."""
    seconds = {item["executionId"]: _seconds(item) for item in summaries}
    good = sorted(
        spent for item in summaries if item["outcome"] in _GOOD and (spent := seconds[item["executionId"]]) is not None
    )
    names = ("executionId", "outcome", "startedAt")
    return {
        "last": [
            {**{name: item[name] for name in names}, "seconds": seconds[item["executionId"]]}
            for item in summaries[:shown]
        ],
        "measured": len(good),
        "p50": _percentile(good, 0.50),
        "p95": _percentile(good, 0.95),
    }


def _seconds(summary: Mapping[str, Any]) -> float | None:
    if summary["endedAt"] is None:
        return None
    return (instant(summary["endedAt"]) - instant(summary["startedAt"])).total_seconds()


def _percentile(ascending: Sequence[float], part: float) -> float | None:
    return ascending[math.ceil(part * len(ascending)) - 1] if ascending else None


def _told(definition: Definition) -> dict[str, Any]:
    return {
        "runbookId": definition.runbook_id,
        "name": definition.name,
        "version": definition.version,
        "digest": definition.digest,
        "purpose": definition.purpose,
        "parameters": definition.parameters or {"type": "object", "properties": {}, "additionalProperties": False},
        "steps": [
            {
                "stepId": step.step_id,
                "type": step.kind,
                "dependsOn": list(step.depends_on),
                "description": step.body.get("description", ""),
            }
            for step in definition.steps
        ],
    }
