"""What each route is, as a policy is asked about it: one table, and a route that is not in it lets nobody in.

Names are those of `policies/data.json`; `OPEN` are the routes that ask nobody.
"""

from __future__ import annotations

__all__ = [
    "ACTIONS",
    "EVENTS",
    "EXECUTION",
    "MEMBER",
    "OPEN",
    "POLICY",
    "REVIEW",
    "RIGHTS",
    "ROLES",
    "SCHEDULE",
    "SESSION",
    "TEMPLATE",
    "VALUES",
    "Right",
    "holders",
]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

POLICY = "data.runbooks.service.allow"
# Whether a subject has the role in `resource.properties.role`: told to people, and never asked before a route.
MEMBER = "data.runbooks.service.member"
ROLES = ("viewer", "operator", "approver", "ombuds", "auditor", "admin", "monitor")


@dataclass(frozen=True)
class Right:
    """An action on a kind of resource, as AuthZEN names them."""

    action: str
    resource: str


# Who may see what a step was given and what it gave, and the evidence of proofs. Others see digests in their place.
VALUES = Right("value.read", "execution")

# Asked again for as long as a stream lasts.
EVENTS = Right("event.read", "execution")

_READ = Right("execution.read", "execution")
_CANCEL = Right("execution.cancel", "execution")
_PAUSE = Right("execution.pause", "execution")
_RESUME = Right("execution.resume", "execution")
_RERUN = Right("execution.rerun", "execution")
_FORK = Right("execution.fork", "execution")
_REPLAY = Right("execution.replay", "execution")
_MANIFEST = Right("manifest.read", "execution")
_START = Right("execution.start", "runbook")
_REHEARSE = Right("execution.rehearse", "runbook")
_SCHEDULES = Right("schedule.read", "schedule")
_SET_SCHEDULE = Right("schedule.set", "schedule")
_PAUSE_SCHEDULE = Right("schedule.pause", "schedule")
_RESUME_SCHEDULE = Right("schedule.resume", "schedule")
_DELETE_SCHEDULE = Right("schedule.delete", "schedule")
_SPEAK = Right("review.speak", "review")
_REVIEW = Right("review.read", "review")
_TEMPLATE = Right("template.read", "runbook")
_INSTALLATION = Right("installation.read", "installation")

RIGHTS: Mapping[tuple[str, str], Right] = {
    ("GET", "/executions"): Right("execution.list", "execution"),
    ("GET", "/executions/histogram"): Right("execution.list", "execution"),
    ("GET", "/events"): EVENTS,
    ("GET", "/templates"): _TEMPLATE,
    ("GET", "/templates/{runbook_id:path}"): _TEMPLATE,
    ("GET", "/templates/{runbook_id:path}/versions/{digest}"): _TEMPLATE,
    ("POST", "/runbooks/execute"): _START,
    ("POST", "/runbooks/dry-run"): _REHEARSE,
    ("GET", "/runbooks/{execution_id}"): _READ,
    ("GET", "/runbooks/{execution_id}/log"): _READ,
    ("POST", "/runbooks/{execution_id}/cancel"): _CANCEL,
    ("POST", "/runbooks/{execution_id}/pause"): _PAUSE,
    ("POST", "/runbooks/{execution_id}/resume"): _RESUME,
    ("POST", "/runbooks/{execution_id}/rerun"): _RERUN,
    ("POST", "/runbooks/{execution_id}/fork"): _FORK,
    ("GET", "/runbooks/{execution_id}/replay"): _REPLAY,
    ("GET", "/runbooks/{execution_id}/manifest.pcq"): _MANIFEST,
    ("GET", "/runbooks/{execution_id}/steps/{step_id:path}"): Right("step.read", "execution"),
    ("GET", "/runbooks/{execution_id}/parameters"): VALUES,
    ("GET", "/runbooks/{execution_id}/values/{section}/{step_id:path}"): VALUES,
    ("GET", "/reviews"): _REVIEW,
    ("GET", "/reviews/{review_id}"): _REVIEW,
    # Who may say what in a review is a question of its own, to the policies that its execution pinned.
    ("POST", "/reviews/{review_id}/decisions"): _SPEAK,
    ("GET", "/schedules"): _SCHEDULES,
    ("POST", "/schedules"): _SET_SCHEDULE,
    ("GET", "/schedules/{schedule_id}"): _SCHEDULES,
    ("POST", "/schedules/{schedule_id}/pause"): _PAUSE_SCHEDULE,
    ("POST", "/schedules/{schedule_id}/resume"): _RESUME_SCHEDULE,
    ("POST", "/schedules/{schedule_id}/delete"): _DELETE_SCHEDULE,
    ("GET", "/metrics"): Right("metrics.read", "installation"),
    ("GET", "/audit"): Right("audit.read", "audit"),
    ("GET", "/me"): _INSTALLATION,
    ("GET", "/trust"): _INSTALLATION,
    ("GET", "/keys"): _INSTALLATION,
    ("GET", "/policies"): _INSTALLATION,
    ("GET", "/licences"): _INSTALLATION,
}
# Open too, for who signs in is nobody yet; as changes they are in the audit trail, under these names.
SESSION: Mapping[tuple[str, str], Right] = {
    ("POST", "/session"): Right("session.start", "session"),
    ("DELETE", "/session"): Right("session.end", "session"),
}
OPEN = frozenset({("GET", "/health"), ("GET", "/ready"), ("GET", "/openapi.json"), *SESSION})

# What can be done with a resource, as a client is told of it, and the right that it needs.
EXECUTION: Mapping[str, Right] = {
    "cancel": _CANCEL,
    "pause": _PAUSE,
    "resume": _RESUME,
    "rerun": _RERUN,
    "fork": _FORK,
    "replay": _REPLAY,
    "manifest": _MANIFEST,
    "manifest-of-block": _MANIFEST,
    "values": VALUES,
}
REVIEW: Mapping[str, Right] = dict.fromkeys(
    ("approved", "rejected", "info-requested", "info-given", "break-glass"), _SPEAK
)
TEMPLATE: Mapping[str, Right] = {"execute": _START, "dry-run": _REHEARSE, "schedule": _SET_SCHEDULE}
SCHEDULE: Mapping[str, Right] = {"pause": _PAUSE_SCHEDULE, "resume": _RESUME_SCHEDULE, "delete": _DELETE_SCHEDULE}
ACTIONS = sorted({(right.action, right.resource) for right in RIGHTS.values()})


def holders(data: Any) -> dict[str, Sequence[str]]:
    """Action → the roles that have it, from the `rights` of a bundle's data; of a bundle without such, nothing."""
    rights = data.get("rights") if isinstance(data, Mapping) else None
    found: dict[str, list[str]] = {}
    for role, actions in (rights if isinstance(rights, Mapping) else {}).items():
        for action in actions if isinstance(actions, list) else ():
            found.setdefault(str(action), []).append(role)
    return {action: sorted(roles) for action, roles in found.items()}
