"""Effects: requests of the core that the world be read or changed. Data only; the runner performs them.

An action carries an idempotency key that names the step and its inputs and not the attempt, so
performing it twice is the adapter's problem and not the story's.
"""

from __future__ import annotations

__all__ = [
    "MAX_ANSWER_BYTES",
    "Action",
    "Ask",
    "Attempt",
    "CallApi",
    "CloseReview",
    "Compute",
    "Each",
    "Effect",
    "Finish",
    "Measure",
    "MutateGraph",
    "OpenReview",
    "Perform",
    "PolicyQuestion",
    "QueryGraph",
    "RenderReport",
    "Reservation",
    "RunChild",
    "Seal",
    "SendMessage",
    "WriteArtifact",
    "WriteExport",
]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runbooks.artifacts import Artifact
from runbooks.needs import Requirement

MAX_ANSWER_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class QueryGraph:
    """Read the graph."""

    statement: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class MutateGraph:
    """Run a statement once per row in one transaction."""

    statement: str
    rows: list[dict[str, Any]]


@dataclass(frozen=True)
class CallApi:
    """Send `body` to an external API, whose answer has at most `max_bytes` bytes."""

    method: str
    endpoint: str
    body: Any
    max_bytes: int = MAX_ANSWER_BYTES


@dataclass(frozen=True)
class WriteExport:
    """Write `content` under a file name, as JSON, or its rows as CSV with `columns` or all there are."""

    file: str
    content: Any
    format: str = "json"
    columns: Sequence[str] | None = None


@dataclass(frozen=True)
class WriteArtifact:
    """Write the bytes that the blob store has under `digest` under a file name."""

    file: str
    digest: str
    size: int


@dataclass(frozen=True)
class RenderReport:
    """Set `data` by the template of that name, and keep the bytes."""

    template: str
    data: dict[str, Any]


@dataclass(frozen=True)
class SendMessage:
    """Tell people on a channel, `mail` or `slack`; `recipients` None means those of the installation."""

    channel: str
    recipients: tuple[str, ...] | None
    subject: str
    text: str
    attachments: tuple[Artifact, ...]


@dataclass(frozen=True)
class RunChild:
    """Execute another runbook with these parameters; `result` names the step whose outputs are wanted."""

    runbook_id: str
    parameters: Mapping[str, Any]
    result: str | None


@dataclass(frozen=True)
class Measure:
    """Nothing but the metric queries that go with every action."""


@dataclass(frozen=True)
class Each:
    """One action for each item, at most `limit` at once; each has its own key. The answer is the list of theirs."""

    actions: Sequence[tuple[str, Action]]
    limit: int


Action = (
    QueryGraph | MutateGraph | CallApi | WriteExport | WriteArtifact | RenderReport | SendMessage | RunChild | Measure
)


@dataclass(frozen=True)
class PolicyQuestion:
    """What to ask the policy engine: `query` is `data.pkg.rule`, `document` its input."""

    query: str
    document: dict[str, Any]


@dataclass(frozen=True)
class Reservation:
    """What to reserve of a budget: `amount` of `counter` in `period`, if what was reserved before leaves room."""

    counter: str
    period: str
    amount: int
    limit: int


@dataclass(frozen=True)
class OpenReview:
    """Ask people; comes back as ReviewOpened."""

    step_id: str
    requirement: Requirement


@dataclass(frozen=True)
class CloseReview:
    """Tell people that nothing is left to decide; comes back as ReviewDecided."""

    step_id: str
    review_id: str


@dataclass(frozen=True)
class Ask:
    """Ask before the step acts: the policy engine, the ledger for budgets, the licence registry, each by prover name.

    `licences` has the names of which the registry must say whether they are revoked. The answers come back as
    PreconditionsObserved.
    """

    step_id: str
    questions: Mapping[str, PolicyQuestion]
    reservations: Mapping[str, Reservation]
    licences: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Compute:
    """Evaluate a pure step; comes back as AttemptSucceeded or AttemptFailed."""

    step_id: str


@dataclass(frozen=True)
class Attempt:
    """Record the intent of an attempt, not before the given time; comes back as AttemptStarted."""

    step_id: str
    attempt: int
    wait: float


@dataclass(frozen=True)
class Perform:
    """Perform an action whose intent is recorded; comes back as AttemptSucceeded or AttemptFailed.

    `timeout` is for each item of an Each.
    """

    step_id: str
    attempt: int
    key: str
    action: Action | Each
    metrics: Mapping[str, str]
    timeout: float


@dataclass(frozen=True)
class Seal:
    """Attest the next step in canonical order; comes back as StepSealed."""

    step_id: str


@dataclass(frozen=True)
class Finish:
    """Sign the manifest; comes back as ExecutionSealed."""


Effect = Ask | Compute | Attempt | Perform | OpenReview | CloseReview | Seal | Finish
