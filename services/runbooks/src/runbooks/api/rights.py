"""What each route is, as a policy is asked about it: one table, and a route that is not in it lets nobody in.

Names are those of `policies/data.json`; `OPEN` are the routes that ask nobody.
"""

from __future__ import annotations

__all__ = ["ACTIONS", "EVENTS", "MEMBER", "OPEN", "POLICY", "RIGHTS", "ROLES", "SESSION", "VALUES", "Right"]

from collections.abc import Mapping
from dataclasses import dataclass

POLICY = "data.runbooks.service.allow"
# Whether a subject has the role in `resource.properties.role`: told to people, and never asked before a route.
MEMBER = "data.runbooks.service.member"
ROLES = ("viewer", "operator", "approver", "ombuds", "auditor", "admin")


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
_REVIEW = Right("review.read", "review")
_TEMPLATE = Right("template.read", "runbook")
_INSTALLATION = Right("installation.read", "installation")

RIGHTS: Mapping[tuple[str, str], Right] = {
    ("GET", "/executions"): Right("execution.list", "execution"),
    ("GET", "/events"): EVENTS,
    ("GET", "/templates"): _TEMPLATE,
    ("GET", "/templates/{runbook_id:path}"): _TEMPLATE,
    ("POST", "/runbooks/execute"): Right("execution.start", "runbook"),
    ("GET", "/runbooks/{execution_id}"): _READ,
    ("POST", "/runbooks/{execution_id}/cancel"): Right("execution.cancel", "execution"),
    ("GET", "/runbooks/{execution_id}/replay"): Right("execution.replay", "execution"),
    ("GET", "/runbooks/{execution_id}/manifest.pcq"): Right("manifest.read", "execution"),
    ("GET", "/runbooks/{execution_id}/steps/{step_id:path}"): Right("step.read", "execution"),
    ("GET", "/runbooks/{execution_id}/values/{section}/{step_id:path}"): VALUES,
    ("GET", "/reviews"): _REVIEW,
    ("GET", "/reviews/{review_id}"): _REVIEW,
    # Who may say what in a review is a question of its own, to the policies that its execution pinned.
    ("POST", "/reviews/{review_id}/decisions"): Right("review.speak", "review"),
    ("GET", "/audit"): Right("audit.read", "audit"),
    ("GET", "/me"): _INSTALLATION,
    ("GET", "/trust"): _INSTALLATION,
    ("GET", "/policies"): _INSTALLATION,
    ("GET", "/licences"): _INSTALLATION,
}
# Open too, for who signs in is nobody yet; as changes they are in the audit trail, under these names.
SESSION: Mapping[tuple[str, str], Right] = {
    ("POST", "/session"): Right("session.start", "session"),
    ("DELETE", "/session"): Right("session.end", "session"),
}
OPEN = frozenset({("GET", "/health"), ("GET", "/ready"), ("GET", "/openapi.json"), *SESSION})
ACTIONS = sorted({(right.action, right.resource) for right in RIGHTS.values()})
