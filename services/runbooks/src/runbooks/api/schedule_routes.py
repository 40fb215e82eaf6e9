"""Routes of schedules: what runs by itself, and when. What is set up here runs in the name of who set it up."""

from __future__ import annotations

__all__ = ["schedules_router"]

from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from runbooks.api.actions import schedule_actions
from runbooks.api.backend import Backend, Subject
from runbooks.api.documents import answer
from runbooks.api.guard import guarded_router
from runbooks.api.rights import SCHEDULE, VALUES
from runbooks.schedules import Schedule

_EXAMPLE: dict[str, Any] = {
    "runbookId": "R1",
    "cron": "0 6 * * 1",
    "timeZone": "Europe/Vienna",
    "compute": {"period": "scheduled.previousWeek"},
}
_CHANGED = answer("The schedule as it stands then", "Schedule")


class ScheduleRequest(BaseModel):
    """What to run, at which times, on what; `compute` are JSONata over the time."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})
    runbookId: str = Field(max_length=128)  # noqa: N815 (the format's spelling)
    cron: str = Field(max_length=256)
    timeZone: str = Field("UTC", max_length=64)  # noqa: N815
    missed: Literal["latest", "skip", "all"] = "latest"
    parameters: dict[str, Any] = Field(default_factory=dict)
    compute: dict[str, str] = Field(default_factory=dict)
    reason: str | None = Field(None, max_length=4000)


class ScheduleChangeRequest(BaseModel):
    """Why the schedule is changed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "the source is on holiday"}]})
    reason: str = Field(min_length=1, max_length=4000)


def schedules_router(backend: Backend) -> APIRouter:
    """The routes under `/schedules`."""
    router, book = guarded_router("/schedules"), backend.schedules

    async def shown(found: list[Schedule], subject: str) -> list[dict[str, Any]]:
        refusals = await backend.gate.refusals(subject, SCHEDULE)
        may_read = await backend.gate.allows(subject, VALUES)
        return [_told(item, with_values=may_read, actions=schedule_actions(item, refusals)) for item in found]

    async def changed(schedule_id: str, change: str, subject: str) -> dict[str, Any]:
        return (await shown([book.change(schedule_id, change, by=subject)], subject))[0]

    @router.get("", summary="The schedules", responses=answer("Schedules", "ScheduleList"))
    async def schedules(subject: Subject) -> dict[str, Any]:
        """Those that are not deleted, and when each is due next; parameters for those who may read values."""
        return {"items": await shown(book.schedules(), subject)}

    @router.get("/{schedule_id}", summary="One schedule", responses=_CHANGED)
    async def schedule(schedule_id: str, subject: Subject) -> dict[str, Any]:
        """As in the list."""
        return (await shown([book.find(schedule_id)], subject))[0]

    @router.post(
        "",
        status_code=201,
        summary="Set up a schedule",
        responses=answer("It is set up; Location says where", "Schedule", status=201, headers=["Location"]),
    )
    async def add(body: ScheduleRequest, subject: Subject) -> JSONResponse:
        """Due from now on, in the caller's name; the runbook is the template as it stands whenever it is due."""
        found = book.add(
            backend.find(body.runbookId),
            cron=body.cron,
            time_zone=body.timeZone,
            missed=body.missed,
            executed_by=subject,
            parameters=body.parameters,
            compute=body.compute,
        )
        [told] = await shown([found], subject)
        return JSONResponse(told, 201, {"Location": f"/schedules/{found.plan.schedule_id}"})

    @router.post("/{schedule_id}/pause", summary="Pause a schedule", responses=_CHANGED)
    async def pause(schedule_id: str, body: ScheduleChangeRequest, subject: Subject) -> dict[str, Any]:
        """Start nothing until it is resumed; what it started goes on."""
        del body  # the audit keeps the reason
        return await changed(schedule_id, "pause", subject)

    @router.post("/{schedule_id}/resume", summary="Resume a schedule", responses=_CHANGED)
    async def resume(schedule_id: str, body: ScheduleChangeRequest, subject: Subject) -> dict[str, Any]:
        """Go on from now; what was due meanwhile does not start."""
        del body
        return await changed(schedule_id, "resume", subject)

    @router.post("/{schedule_id}/delete", summary="Delete a schedule", responses=_CHANGED)
    async def delete(schedule_id: str, body: ScheduleChangeRequest, subject: Subject) -> dict[str, Any]:
        """For good; executions that it started go on."""
        del body
        return await changed(schedule_id, "remove", subject)

    return router


def _told(schedule: Schedule, *, with_values: bool, actions: list[dict[str, Any]]) -> dict[str, Any]:
    plan = schedule.plan
    return {
        "scheduleId": plan.schedule_id,
        "runbookId": plan.runbook_id,
        "cron": plan.cron,
        "timeZone": plan.time_zone,
        "missed": plan.missed,
        "executedBy": plan.executed_by,
        **({"parameters": plan.parameters} if with_values else {}),
        "compute": plan.compute,
        "setAt": plan.at,
        "state": schedule.state,
        "next": schedule.upcoming,
        "actions": actions,
    }
