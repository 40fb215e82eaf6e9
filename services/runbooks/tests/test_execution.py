"""The state machine: every pair of state and event, the fence, retries, and the fold (spec/execution.md, 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from runbooks import events as ev
from runbooks.definition import Definition
from runbooks.effects import Ask, Attempt, Compute, Finish, Measure, Perform, QueryGraph, Seal
from runbooks.errors import ExpressionError, IllegalTransitionError
from runbooks.execution import TRANSITIONS, Execution, StepState

from services.runbooks.tests.histories import (
    ALLOWED,
    AT,
    DENIED,
    PROVERS,
    attempt,
    ended,
    failure,
    hold,
    materials,
    query,
    refused,
    run,
    said,
    sealed,
    started,
    success,
    transform,
)
from services.runbooks.tests.simulator import define

ONE_QUERY = define(query("s", dependsOn=[]))
HISTORIES: dict[StepState, tuple[Definition, Sequence[ev.Event]]] = {
    StepState.WAITING: (define(transform("r"), query("s")), []),
    StepState.AWAITING: (define(query("s", preconditions=["two"]), provers=PROVERS), []),
    StepState.HELD: (define(query("s", preconditions=["nobody"]), transform("t")), []),
    StepState.ASKING: (define(query("s", preconditions=["may"]), provers=PROVERS), []),
    StepState.PREPARED: (ONE_QUERY, []),
    StepState.COMPUTING: (define(transform("s")), []),
    StepState.ACTING: (ONE_QUERY, [attempt("s")]),
    StepState.BACKOFF: (ONE_QUERY, [attempt("s"), failure("s")]),
    StepState.SETTLED: (ONE_QUERY, [attempt("s"), success("s", [])]),
    StepState.SEALED: (define(query("s"), transform("t")), [attempt("s"), success("s", []), sealed("s")]),
}
# Written a second time, so that a change of the table is a decision and not an accident.
LEGAL = {
    (StepState.ASKING, ev.BudgetReserved): {StepState.ASKING},
    (StepState.ASKING, ev.PreconditionsObserved): {StepState.PREPARED},
    (StepState.AWAITING, ev.ReviewOpened): {StepState.AWAITING},
    (StepState.AWAITING, ev.ReviewDecided): {StepState.PREPARED},
    (StepState.HELD, ev.ReviewOpened): {StepState.HELD},
    (StepState.HELD, ev.ReviewDecided): {StepState.PREPARED},
    (StepState.PREPARED, ev.AttemptStarted): {StepState.ACTING},
    (StepState.COMPUTING, ev.AttemptSucceeded): {StepState.SETTLED},
    (StepState.COMPUTING, ev.AttemptFailed): {StepState.SETTLED},
    (StepState.ACTING, ev.AttemptSucceeded): {StepState.SETTLED},
    (StepState.ACTING, ev.AttemptDenied): {StepState.SETTLED},
    (StepState.ACTING, ev.AttemptFailed): {StepState.BACKOFF},
    (StepState.BACKOFF, ev.AttemptStarted): {StepState.ACTING},
    (StepState.SETTLED, ev.StepSealed): {StepState.SEALED},
    (StepState.SETTLED, ev.ReviewDecided): {StepState.SETTLED},
    (StepState.SEALED, ev.ReviewDecided): {StepState.SEALED},
}
STEP_EVENTS = [
    ev.BudgetReserved,
    ev.PreconditionsObserved,
    ev.AttemptStarted,
    ev.AttemptSucceeded,
    ev.AttemptDenied,
    ev.AttemptFailed,
    ev.ReviewOpened,
    ev.ReviewDecided,
    ev.StepSealed,
]


def event_for(kind: type[Any], execution: Execution, name: str) -> ev.Event:
    """An event of that kind whose numbers fit the step as well as they can."""
    tried = len(execution.steps[name].attempts)
    is_over = execution.steps[name].state in (StepState.SETTLED, StepState.SEALED)
    word = "closed" if is_over else "approved"
    made: dict[type[Any], ev.Event] = {
        ev.BudgetReserved: ev.BudgetReserved(name, "calls", "ever", 1, AT),
        ev.PreconditionsObserved: ev.PreconditionsObserved(name, ALLOWED, AT),
        ev.AttemptStarted: attempt(name, tried + 1),
        ev.AttemptSucceeded: success(name, [], max(tried, 1)),
        ev.AttemptDenied: ev.AttemptDenied(name, max(tried, 1), [], {}, "end"),
        ev.AttemptFailed: failure(name, max(tried, 1)),
        ev.ReviewOpened: ev.ReviewOpened(name, said(execution, name, "opened").statement, "k", "s"),
        ev.ReviewDecided: ev.ReviewDecided(name, said(execution, name, word).statement, "k", "s"),
        ev.StepSealed: sealed(name),
    }
    return made[kind]


def standing(state: StepState, kind: type[Any]) -> Execution:
    """An execution whose step `s` stands there, with a review in which something can be said if that is the event."""
    is_over = state in (StepState.SETTLED, StepState.SEALED)
    if kind is ev.ReviewDecided and is_over:
        execution = hold(standing(StepState.HELD, ev.ReviewOpened), "s")
        execution.receive(ev.CancelRequested("enough", AT))
        return execution if state is StepState.SETTLED else sealing(execution)
    definition, history = HISTORIES[state]
    execution = run(definition, *history)
    has_review = kind is ev.ReviewDecided and state in (StepState.AWAITING, StepState.HELD)
    return hold(execution, "s") if has_review else execution


def sealing(execution: Execution) -> Execution:
    execution.receive(sealed("s"))
    return execution


@pytest.mark.parametrize("kind", STEP_EVENTS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("state", list(StepState))
def test_each_pair_of_state_and_event_is_taken_as_the_table_says_or_refused(state: StepState, kind: type[Any]) -> None:
    execution = standing(state, kind)
    assert execution.steps["s"].state is state
    event = event_for(kind, execution, "s")
    if (state, kind) not in LEGAL:
        assert kind not in TRANSITIONS[state]
        refused(execution, event)
        return
    execution.receive(event)
    assert execution.steps["s"].state in LEGAL[state, kind]
    assert LEGAL[state, kind] <= TRANSITIONS[state][kind]


def test_the_table_has_no_state_and_no_event_that_these_tests_do_not_know() -> None:
    assert set(TRANSITIONS) == set(StepState)
    assert {(state, kind) for state, row in TRANSITIONS.items() for kind in row} == set(LEGAL)


def test_nothing_but_the_start_is_taken_by_a_new_execution() -> None:
    execution = Execution(materials(ONE_QUERY))
    for kind in STEP_EVENTS:
        refused(execution, event_for(kind, execution, "s"))
    for event in (ev.CancelRequested("r", AT), ended()):
        refused(execution, event)
    assert execution.outstanding() == []
    with pytest.raises(IllegalTransitionError):
        _ = execution.derivation
    execution.receive(started())
    refused(execution, started())


def test_nothing_is_taken_after_the_end() -> None:
    execution = run(ONE_QUERY, attempt("s"), success("s", []), sealed("s"), ended())
    for event in (started(), ended(), ev.CancelRequested("r", AT), sealed("s"), attempt("s", 2)):
        refused(execution, event)
    assert execution.outstanding() == []


def test_the_end_is_refused_before_every_step_is_sealed_and_a_cancel_afterwards() -> None:
    execution = run(ONE_QUERY, attempt("s"), success("s", []))
    refused(execution, ended())
    assert execution.receive(sealed("s")) == [Finish()]
    refused(execution, ev.CancelRequested("r", AT))
    assert execution.outstanding() == [Finish()]


@pytest.mark.parametrize(
    ("history", "event"),
    [
        ([], attempt("s", 2)),
        ([], attempt("s", 0)),
        ([attempt("s")], success("s", [], 2)),
        ([attempt("s")], failure("s", 0)),
        ([attempt("s"), failure("s")], attempt("s", 1)),
        ([attempt("s"), failure("s"), attempt("s", 2)], success("s", [], 1)),
        ([], attempt("unknown")),
        ([], sealed("unknown")),
    ],
)
def test_an_attempt_of_another_number_and_a_step_of_another_name_are_refused(
    history: list[ev.Event], event: ev.Event
) -> None:
    refused(run(ONE_QUERY, *history), event)


def test_steps_are_sealed_in_canonical_order_only() -> None:
    definition = define(query("a", dependsOn=[]), query("b", dependsOn=[]))
    execution = run(definition, attempt("b"), success("b", []))
    assert execution.sealable() == []
    refused(execution, sealed("b"))
    execution.receive(attempt("a"))
    assert execution.receive(success("a", [])) == [Seal("a")]
    assert [item.step_id for item in execution.sealable()] == ["a", "b"]
    assert execution.receive(sealed("a")) == [Seal("b")]
    refused(execution, sealed("a"))


def waits(definition: Definition, failures: int) -> list[float]:
    execution = run(definition)
    found = []
    for number in range(1, failures + 1):
        execution.receive(attempt("s", number))
        found += [effect.wait for effect in execution.receive(failure("s", number)) if isinstance(effect, Attempt)]
    assert execution.steps["s"].state is StepState.SETTLED
    return found


@pytest.mark.parametrize(
    ("retry", "failures", "expected"),
    [
        (None, 3, [2, 4]),
        ({"maxAttempts": 4}, 4, [2, 4, 8]),
        ({"maxAttempts": 1}, 1, []),
        ({"maxAttempts": 3, "intervalSeconds": 0.5}, 3, [0.5, 1]),
        ({"intervalSeconds": 0}, 3, [0, 0]),
    ],
)
def test_a_transient_failure_is_tried_again_after_waits_that_double(
    retry: dict[str, Any] | None, failures: int, expected: list[float]
) -> None:
    members = {"retry": retry} if retry else {}
    assert waits(define(query("s", **members)), failures) == expected


def test_the_first_attempt_does_not_wait() -> None:
    assert run(ONE_QUERY).outstanding() == [Attempt("s", 1, 0)]


def test_every_attempt_is_recorded_with_its_error() -> None:
    execution = run(ONE_QUERY, attempt("s"), failure("s"), attempt("s", 2), success("s", [1], 2))
    item = execution.steps["s"]
    assert (item.outcome, item.outputs, item.ended_at) == ("done", [1], "end-2")
    assert item.attempts == [
        {"attempt": 1, "startedAt": "start-1", "endedAt": "end-1", "error": {"code": "port.x", "message": "no"}},
        {"attempt": 2, "startedAt": "start-2", "endedAt": "end-2", "error": None},
    ]


def test_a_permanent_failure_is_not_tried_again() -> None:
    execution = run(ONE_QUERY, attempt("s"))
    assert execution.receive(failure("s", transient=False)) == [Seal("s")]
    assert (execution.steps["s"].outcome, execution.steps["s"].outputs) == ("failed", {})
    refused(execution, attempt("s", 2))


@pytest.mark.parametrize(
    "fence",
    [
        [attempt("x"), failure("x", transient=False)],
        [ev.CancelRequested("enough", AT)],
    ],
    ids=["failed", "cancelled"],
)
def test_behind_the_fence_no_step_starts_those_in_flight_end_and_a_waiting_attempt_has_failed(fence: Any) -> None:
    definition = define(
        query("acting", dependsOn=[]),
        query("asking", dependsOn=[], preconditions=["may"]),
        query("backoff", dependsOn=[]),
        transform("computing", dependsOn=[]),
        query("prepared", dependsOn=[]),
        query("waiting", dependsOn=["acting"]),
        query("x", dependsOn=[], postconditions=["kpi:n>=1"]),
        provers=PROVERS,
    )
    execution = run(definition, attempt("acting"), attempt("backoff"), failure("backoff"), *fence)
    steps = execution.steps
    assert {name: item.outcome for name, item in steps.items() if name != "x"} == {
        "acting": None,
        "asking": None,
        "backoff": "failed",
        "computing": None,
        "prepared": "not-run",
        "waiting": "not-run",
    }
    assert steps["backoff"].ended_at == "end-1"
    for event in (attempt("prepared"), attempt("backoff", 2), attempt("waiting")):
        refused(execution, event)
    made = execution.receive(ev.PreconditionsObserved("asking", ALLOWED, AT))
    made += execution.receive(success("acting", [1]))
    made += execution.receive(success("computing", 1))
    assert not any(isinstance(effect, Attempt | Ask | Perform | Compute) for effect in made)
    assert (steps["asking"].outcome, steps["asking"].preconditions, steps["asking"].inputs) == ("not-run", [], {})
    assert (steps["acting"].outcome, steps["computing"].outcome) == ("done", "done")


def test_an_answer_behind_the_fence_that_denies_is_recorded_as_the_block_it_is() -> None:
    definition = define(query("a", dependsOn=[], preconditions=["may"]), query("x", dependsOn=[]), provers=PROVERS)
    execution = run(definition, attempt("x"), failure("x", transient=False), ev.PreconditionsObserved("a", DENIED, AT))
    assert execution.steps["a"].outcome == "blocked"
    assert [proof["reason"] for proof in execution.steps["a"].preconditions] == ["policy.denied"]


def test_a_transient_failure_behind_the_fence_is_not_tried_again() -> None:
    definition = define(query("a", dependsOn=[]), query("x", dependsOn=[]))
    execution = run(definition, attempt("a"), ev.CancelRequested("enough", AT))
    execution.receive(failure("a"))
    assert execution.steps["a"].outcome == "failed"


def test_a_second_cancel_is_refused() -> None:
    refused(run(ONE_QUERY, ev.CancelRequested("a", AT)), ev.CancelRequested("b", AT))


def test_an_undefined_prover_holds_its_step_without_a_question_and_nothing_starts() -> None:
    definition = define(query("a", dependsOn=[]), query("b", dependsOn=[], preconditions=["nobody"]))
    execution = run(definition)
    assert (execution.steps["b"].state, execution.steps["a"].state) == (StepState.HELD, StepState.WAITING)
    assert execution.outcome == "held"
    [proof] = execution.steps["b"].preconditions
    assert (proof["kind"], proof["result"], proof["severity"], proof["reason"], proof["evidence"]) == (
        *("undefined", "error", "block", "prover.undefined"),
        {},
    )


def test_a_warning_prover_does_not_deny() -> None:
    definition = define(query("s", preconditions=["may-too"]), provers=PROVERS)
    execution = run(definition, ev.PreconditionsObserved("s", {"may-too": DENIED["may"]}, AT))
    assert execution.steps["s"].state is StepState.PREPARED


def test_inputs_that_cannot_be_computed_fail_the_step_with_empty_inputs() -> None:
    execution = run(define(query("s", inputs={"ok": "1", "bad": "1 / 0"})))
    assert execution.outstanding() == [Compute("s")]
    with pytest.raises(ExpressionError):
        execution.compute("s", {})
    execution.receive(failure("s", transient=False))
    assert (execution.steps["s"].outcome, execution.steps["s"].inputs) == ("failed", {})


def test_a_pure_step_that_is_measured_asks_for_the_measurement_and_nothing_else() -> None:
    definition = define(transform("s", expression="7", postconditions=["kpi:n>=1"]), provers=PROVERS)
    execution = run(definition)
    [effect] = execution.receive(attempt("s"))
    assert isinstance(effect, Perform)
    assert (effect.action, effect.metrics) == (Measure(), {"kpi:n>=1": "RETURN 1 AS n"})
    rows = {"kpi:n>=1": [{"n": 1}]}
    assert execution.compute("s", rows) == 7
    execution.receive(success("s", 7, rows=rows))
    assert execution.steps["s"].outcome == "done"


def test_the_idempotency_key_names_step_and_inputs_and_not_the_attempt() -> None:
    execution = run(ONE_QUERY)
    [first] = execution.receive(attempt("s"))
    execution.receive(failure("s"))
    [second] = execution.receive(attempt("s", 2))
    assert isinstance(first, Perform)
    assert isinstance(second, Perform)
    assert isinstance(first.action, QueryGraph)
    assert first.key == second.key
    assert (first.attempt, second.attempt) == (1, 2)
