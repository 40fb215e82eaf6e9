"""Step types: one file a kind, one line each here."""

from __future__ import annotations

__all__ = ["STEP_KINDS", "StepKind"]

from runbooks.steps.aggregate import Aggregate
from runbooks.steps.approval import ApprovalStep
from runbooks.steps.assertion import Assertion
from runbooks.steps.export import Export
from runbooks.steps.external_api import ExternalApi
from runbooks.steps.mutation import Mutation
from runbooks.steps.notify import Notify
from runbooks.steps.query import Query
from runbooks.steps.report import Report
from runbooks.steps.runbook import RunbookStep
from runbooks.steps.score import Score
from runbooks.steps.step_kind import StepKind
from runbooks.steps.transform import Transform

STEP_KINDS: dict[str, StepKind] = {
    kind.kind: kind
    for kind in (
        Query(),
        Transform(),
        Aggregate(),
        Score(),
        ExternalApi(),
        Mutation(),
        Report(),
        Export(),
        Assertion(),
        ApprovalStep(),
        Notify(),
        RunbookStep(),
    )
}
