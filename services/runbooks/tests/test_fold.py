"""Laws of the fold: random lives of random executions, legal and not (spec/execution.md, 5; spec/pcq-v1.md, 6)."""

from __future__ import annotations

from typing import Any

from hypothesis import event as note
from hypothesis import given, settings
from hypothesis import strategies as st
from runbooks import events as ev
from runbooks.canonical import digest_of
from runbooks.definition import PHASES, Definition
from runbooks.effects import (
    Ask,
    Attempt,
    CloseReview,
    Compute,
    Each,
    Effect,
    Finish,
    MutateGraph,
    OpenReview,
    Perform,
    Seal,
)
from runbooks.errors import EvidenceError, ExpressionError, IllegalTransitionError
from runbooks.execution import Execution, StepRun, fold
from runbooks.expressions import evaluate
from runbooks.provers import denies
from runbooks.reviews import Review, denial_subject

from services.runbooks.tests.histories import (
    AT,
    OPA,
    ended,
    materials,
    said,
    sealed,
    started,
    state_of,
)
from services.runbooks.tests.simulator import define, step

PROVERS = {
    "preconditions": {
        "may": OPA,
        "advised": {**OPA, "severity": "warn"},
        "two": {"type": "four_eyes", "quorum": 2},
        "calls": {"type": "budget", "counter": "calls", "limit": 3},
    },
    "postconditions": {"kpi:n>=1": {"type": "metric", "query": "RETURN 1 AS n", "assertion": "n >= 1"}},
}
CONDITIONS: list[list[str]] = [
    [],
    [],
    [],
    ["may"],
    ["advised"],
    ["may", "nobody"],
    ["two"],
    ["calls", "may"],
    ["two", "calls"],
]
WORDS = ["approved", "approved", "approved", "rejected", "info-requested", "info-given", "expired", "break-glass"]
DECISIONS = ["allow", "allow", "allow", "deny", "undefined", "error"]
KINDS: list[dict[str, Any]] = [
    {"kind": "query", "cypher": "RETURN 1"},
    {"kind": "transform", "expression": "$count($keys($))"},
    {"kind": "transform", "expression": "1 / 0"},
    {"kind": "external_api", "endpoint": "https://api.example.com/x"},
    {"kind": "mutation", "cypher": "CREATE (n)", "inputs": "[{'id': 1}]"},
    {"kind": "assertion"},
    {"kind": "approval", "question": "go on?"},
    {"kind": "transform", "expression": "$", "forEach": "[1, 2]"},
    {"kind": "external_api", "endpoint": "https://api.example.com/x", "forEach": "[$keys(steps)]"},
    {"kind": "mutation", "cypher": "CREATE (n)", "forEach": "[{'id': 1}, {'id': 2}]"},
    {"kind": "query", "cypher": "RETURN 1", "forEach": "1 + 'a'"},
]
# Of no dependency, of those that were done, and one that cannot be told.
BRANCHES: list[dict[str, str]] = [
    {},
    {},
    {},
    {},
    {"when": "false"},
    {"when": "$count($keys(steps)) != 1"},
    {"when": "steps.*.updated = 1"},
    {"when": "'maybe'"},
]


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    names = [f"s{number}" for number in range(draw(st.integers(1, 6)))]
    steps = []
    for number, name in enumerate(names):
        members = dict(draw(st.sampled_from(KINDS)))
        needs = draw(st.lists(st.sampled_from(names[:number]), unique=True, max_size=2)) if number else []
        members["preconditions"] = draw(st.sampled_from(CONDITIONS))
        members["postconditions"] = draw(st.sampled_from([[], [], ["kpi:n>=1"]]))
        if members["kind"] == "mutation" and "forEach" in members:
            members["postconditions"] = []
        members.update(draw(st.sampled_from(BRANCHES)))
        steps.append(step(name, members.pop("kind"), dependsOn=needs, **members))
    return define(*steps, provers=PROVERS)


def answer(draw: st.DrawFn, execution: Execution, effect: Effect) -> ev.Event:  # noqa: C901 (one line an effect)
    match effect:
        case Ask(step_id, questions, reservations):
            answers: dict[str, Any] = {
                name: {"decision": draw(st.sampled_from(DECISIONS)), "engine": "e"} for name in questions
            }
            answers.update({name: {"before": draw(st.integers(1, 4))} for name in reservations})
            return ev.PreconditionsObserved(step_id, answers, AT)
        case Compute(step_id):
            return computed(execution, step_id)
        case Attempt(step_id, number, _):
            return ev.AttemptStarted(step_id, number, "key", AT)
        case Perform(step_id, number, metrics=metrics):
            if draw(st.integers(0, 3)) == 0:
                return ev.AttemptFailed(step_id, number, "port.x", "no", draw(st.booleans()), AT)
            rows = {name: [{"n": draw(st.integers(0, 3))}] for name in metrics}
            if isinstance(effect.action, MutateGraph) and execution.is_denied(step_id, {"updated": 1}, rows):
                return ev.AttemptDenied(step_id, number, {"updated": 0}, rows, AT)
            each = [{"updated": 1}] * len(effect.action.actions) if isinstance(effect.action, Each) else []
            return ev.AttemptSucceeded(step_id, number, each or {"updated": 1}, rows, AT)
        case OpenReview(step_id):
            return said(execution, step_id, "opened")
        case CloseReview(step_id):
            return said(execution, step_id, "closed")
        case Seal(step_id):
            return sealed(step_id)
        case Finish():
            return ended()


def waiting(execution: Execution, review: Review) -> dict[str, Any]:
    """The requirements that the review's step still waits for."""
    return execution.steps[review.step_id].wanted


def spoken(draw: st.DrawFn, execution: Execution, review: Review) -> ev.Event:
    """Something that people say in a review; approvals come from two people, so that a quorum of two can be met."""
    approver = draw(st.sampled_from(["ben", "cat"]))
    return said(execution, review.step_id, draw(st.sampled_from(WORDS)), approver=approver)


def computed(execution: Execution, step_id: str) -> ev.Event:
    try:
        return ev.AttemptSucceeded(step_id, 1, execution.compute(step_id, {}), {}, AT)
    except (ExpressionError, EvidenceError) as error:
        return ev.AttemptFailed(step_id, 1, error.code, str(error), False, AT)


@st.composite
def lives(draw: st.DrawFn) -> tuple[Definition, list[ev.Event], Execution]:
    """A definition, all events of one life of it in a random order of answers, and the execution at its end."""
    definition = draw(definitions())
    execution = Execution(materials(definition))
    events: list[ev.Event] = [started()]
    execution.receive(events[0])
    while execution.ended is None:
        due = execution.outstanding()
        reviews = [
            item for item in execution.open_reviews() if item.requirement.requirement_id in waiting(execution, item)
        ]
        assert due or reviews or execution.paused, "one that has not ended has something due, or waits for people"
        if execution.paused and not (due and draw(st.booleans())):
            event: ev.Event = ev.PauseLifted("ann", "go on", AT)
        elif reviews and (not due or draw(st.booleans())):
            event = spoken(draw, execution, draw(st.sampled_from(reviews)))
        else:
            event = answer(draw, execution, draw(st.sampled_from(due)))
        if draw(st.integers(0, 24)) == 0 and not execution.cancelled and not isinstance(event, ev.ExecutionSealed):
            event = ev.CancelRequested("enough", AT)
        if draw(st.integers(0, 12)) == 0 and execution.is_pausable:
            event = ev.PauseRequested("ann", "wait", AT)
        events.append(event)
        try:
            execution.receive(event)
        except IllegalTransitionError:
            # What people say can come too late, or be what this review does not take now.
            assert isinstance(events.pop(), ev.CancelRequested | ev.ReviewDecided)
    note(execution.outcome)
    return definition, events, execution


@settings(max_examples=150, deadline=None)
@given(lives(), st.data())
def test_folding_a_history_in_two_parts_gives_what_folding_it_at_once_gives(
    life: tuple[Definition, list[ev.Event], Execution], data: st.DataObject
) -> None:
    definition, events, execution = life
    cut = data.draw(st.integers(0, len(events)))
    resumed = fold(materials(definition), events[:cut])
    for event in events[cut:]:
        resumed.receive(event)
    assert state_of(resumed) == state_of(execution)


@settings(max_examples=150, deadline=None)
@given(lives())
def test_what_is_due_was_said_when_it_became_due_and_once(life: tuple[Definition, list[ev.Event], Execution]) -> None:
    definition, events, _ = life
    execution = Execution(materials(definition))
    said: list[Effect] = []
    is_paused = False
    for event in events:
        made = execution.receive(event)
        # After a pause, what was prepared or waited for another attempt is prepared again.
        is_paused = is_paused or isinstance(event, ev.ReviewDecided | ev.PauseLifted)
        assert is_paused or all(effect not in said for effect in made)
        said += made
        due = execution.outstanding()
        assert all(effect in said for effect in due)
        assert all(due.count(effect) == 1 for effect in due)


@settings(max_examples=150, deadline=None)
@given(lives())
def test_outcomes_follow_the_specification(life: tuple[Definition, list[ev.Event], Execution]) -> None:
    _, events, execution = life
    for item in execution.steps.values():
        assert_outcome_fits(item)
        assert_branch_fits(execution, item)
    outcomes = {item.outcome for item in execution.steps.values()}
    expected = (
        "blocked"
        if "blocked" in outcomes
        else "failed"
        if "failed" in outcomes
        else "cancelled"
        if "not-run" in outcomes
        else "overridden"
        if "overridden" in outcomes
        else "completed"
    )
    assert execution.outcome == expected
    order = [event.step_id for event in events if isinstance(event, ev.StepSealed)]
    assert order == [item.step_id for item in execution.plan.steps]


def is_lifted(item: StepRun, phase: str, denying: list[dict[str, Any]]) -> bool:
    """True when an approved review of the step has these denials as its subject (spec/pcq-v1.md, 6)."""
    review = item.reviews.get(f"denial/{phase}")
    if not denying or review is None or review.state != "approved":
        return False
    context = digest_of(dict(started().context))
    return review.requirement.subject == denial_subject(context, item.step_id, phase, item.inputs, denying)


def assert_outcome_fits(item: StepRun) -> None:
    """The table of spec/pcq-v1.md, 6."""
    before, after = list(item.definition.preconditions), list(item.definition.postconditions)
    recorded = [[proof["prover"] for proof in proofs] for proofs in (item.preconditions, item.postconditions)]
    denying = [[proof for proof in proofs if denies(proof)] for proofs in (item.preconditions, item.postconditions)]
    denied = [bool(proofs) for proofs in denying]
    lifted = [is_lifted(item, phase, proofs) for phase, proofs in zip(PHASES, denying, strict=True)]
    match item.outcome:
        case "done":
            assert recorded == [before, after]
            assert denied == [False, False]
        case "overridden":
            assert recorded == [before, after]
            assert any(denied)
            assert lifted == denied
        case "blocked":
            is_stopped_before = denied[0] and not lifted[0]
            assert any(is_denied and not is_lifted for is_denied, is_lifted in zip(denied, lifted, strict=True))
            assert recorded == [before, [] if is_stopped_before else after]
            assert not is_stopped_before or item.outputs == {}
        case "failed":
            assert recorded == [before, []]
            assert denied == [lifted[0], False]
            assert item.outputs == {}
        case "not-run" | "skipped":
            assert (recorded, item.inputs, item.outputs, item.attempts) == ([[], []], {}, {}, [])
        case other:
            raise AssertionError(f"step {item.step_id} ended as {other}")


def assert_branch_fits(execution: Execution, item: StepRun) -> None:
    """What spec/execution.md, 2.1 says of a step, by a slow look at everything behind it."""
    before = [execution.steps[name] for name in item.definition.depends_on]
    ended = {other.outcome for other in before}
    if ended & {"failed", "blocked", "not-run"}:
        assert item.outcome == "not-run"
        return
    if ended == {"skipped"}:
        assert item.outcome in ("skipped", "not-run")
        return
    if item.definition.when is None:
        assert item.outcome != "skipped"
        return
    steps: dict[str, Any] = {}
    while before:
        other = before.pop()
        before += [execution.steps[name] for name in other.definition.depends_on]
        if other.outcome != "skipped":
            steps[other.step_id] = other.outputs
    condition = evaluate(item.definition.when, {"parameters": {}, "steps": steps})
    if condition is False:
        assert item.outcome in ("skipped", "not-run")
    elif condition is True:
        assert item.outcome != "skipped"
    else:
        assert item.outcome in ("failed", "blocked", "not-run")


@settings(max_examples=150, deadline=None)
@given(lives())
def test_no_step_starts_behind_the_fence(life: tuple[Definition, list[ev.Event], Execution]) -> None:
    definition, events, _ = life
    execution = Execution(materials(definition))
    for event in events:
        fenced = execution.fenced
        effects = execution.receive(event)
        assert not fenced or not any(isinstance(effect, Ask | Attempt | Compute) for effect in effects)
        assert not fenced or not isinstance(event, ev.AttemptStarted)


@settings(max_examples=150, deadline=None)
@given(lives())
def test_no_step_starts_while_the_execution_is_paused(life: tuple[Definition, list[ev.Event], Execution]) -> None:
    definition, events, _ = life
    execution = Execution(materials(definition))
    for event in events:
        paused = execution.paused is not None and not isinstance(event, ev.PauseLifted)
        effects = execution.receive(event)
        assert not paused or not any(isinstance(effect, Ask | Attempt | Compute) for effect in effects)
        assert not paused or not isinstance(event, ev.AttemptStarted)
        assert execution.paused is None or execution.outcome == "paused"


@settings(max_examples=150, deadline=None)
@given(lives(), st.data())
def test_events_lost_doubled_or_moved_are_taken_or_refused_without_a_trace(
    life: tuple[Definition, list[ev.Event], Execution], data: st.DataObject
) -> None:
    definition, events, _ = life
    execution = fold(materials(definition), events[: data.draw(st.integers(1, len(events)))])
    for event in data.draw(st.lists(st.sampled_from(events), max_size=8)):
        before = state_of(execution)
        try:
            execution.receive(event)
        except IllegalTransitionError:
            assert state_of(execution) == before
