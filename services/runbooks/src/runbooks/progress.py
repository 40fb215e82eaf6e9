"""What a person sees while an execution goes on, and afterwards: one line a step."""

from __future__ import annotations

__all__ = ["ProgressView", "print_execution"]

from typing import Any

from rich.console import Console
from rich.markup import escape

from runbooks import events as ev
from runbooks.evidence import instant
from runbooks.execution import Execution, StepRun, StepState
from runbooks.manifest import blocking_proof

_MARKS = {
    "done": "[green]✔[/]",
    "skipped": "[dim]↷[/]",
    "blocked": "[red]✘[/]",
    "overridden": "[yellow]✔[/]",
    "failed": "[red]✘[/]",
    "not-run": "[dim]·[/]",
    None: "[yellow]…[/]",
}
_HINTS = {
    "graph.unreachable": "start the graph, or correct `graph` in settings.json",
    "graph.auth": "correct the user and password reference in settings.json",
    "graph.syntax": "correct the step's cypher; the position is the one in its text",
    "graph.read_only": "a query must not write; use a mutation step",
    "api.unreachable": "start the service, or correct `endpoints` in settings.json",
    "api.timeout": "raise the step's `timeout`, or ask the provider",
    "step.timeout": "raise the step's `timeout`",
    "api.not_allowed": "",
}
_RESULTS = {"pass": "green", "fail": "red", "error": "red", "skipped": "dim"}


class ProgressView:
    """Prints each step when it settles, and each attempt that is going to be repeated."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._printed: set[tuple[str, str]] = set()

    def __call__(self, event: ev.Event, execution: Execution) -> None:
        """Take note of a recorded event."""
        match event:
            case ev.ExecutionStarted(execution_id=name):
                self._console.print(f"[bold]{escape(name)}[/]")
            case ev.AttemptFailed(step_id=name) if execution.steps[name].state is StepState.BACKOFF:
                self._console.print(f"  [yellow]↻[/] {escape(name)}  {escape(event.message)}; trying again")
            case ev.ReviewDecided(statement=said):
                words = f"{said['decision']} by {said['approver']}: {said['reason']}"
                self._console.print(f"  [yellow]{'⚠' if said['decision'] == 'break-glass' else '☞'}[/] {escape(words)}")
                self._print_new(execution.steps[event.step_id])
            case ev.AttemptSucceeded() | ev.AttemptDenied() | ev.AttemptFailed() | ev.PreconditionsObserved():
                self._print_new(execution.steps[event.step_id])
            case _:
                pass

    def _print_new(self, run: StepRun) -> None:
        stands = (run.step_id, run.outcome or run.state)
        if (run.outcome is not None or run.state is StepState.HELD) and stands not in self._printed:
            self._printed.add(stands)
            print_step(self._console, run)


def print_execution(console: Console, execution: Execution) -> None:
    """Every step in canonical order, and how the execution ended."""
    for step in execution.plan.steps:
        print_step(console, execution.steps[step.step_id])
    print_outcome(console, execution)


def print_step(console: Console, run: StepRun) -> None:
    """One line for the step, one for each proof that did not pass, one for an error."""
    proofs = [*run.preconditions, *run.postconditions]
    shown = "  ".join(f"[{_RESULTS[proof['result']]}]{escape(proof['prover'])}[/]" for proof in proofs)
    outcome = run.outcome or run.state.value
    mark = _MARKS.get(run.outcome, "?")
    console.print(f"  {mark} {escape(run.step_id):<22} {outcome:<8} {_amount(run):<14} {_duration(run):>8}  {shown}")
    for proof in proofs:
        if proof["result"] != "pass":
            console.print(f"      [red]{escape(explain_proof(proof))}[/]")
    error = run.attempts[-1].get("error") if run.attempts else None
    if error:
        hint = _HINTS.get(error["code"], "")
        console.print(f"      [red]{escape(error['message'])} ({escape(error['code'])})[/]{hint and '; ' + hint}")


def print_outcome(console: Console, execution: Execution) -> None:
    """The last lines: the outcome, why, and the root."""
    blocked = blocking_proof(execution)
    reviews = execution.open_reviews()
    if blocked:
        step_id, proof = blocked
        console.print(f"[red]blocked[/] at {escape(step_id)}: {escape(explain_proof(proof))}; nothing was exported")
    for review in reviews:
        asked = ", ".join(review.requirement.needs.assigned_to) or "whom the policy names"
        what = f"review {escape(review.review_id)} of step {escape(review.step_id)}"
        console.print(f"[yellow]{review.state}[/]: {what} waits for {escape(asked)} until {review.due_at[:16]}Z;")
        console.print(f"  runbooks reviews show {escape(review.review_id)}")
    if execution.paused:
        who, why = escape(execution.paused.by), escape(execution.paused.reason)
        console.print(f"[yellow]paused[/] by {who} at {execution.paused.at[:16]}Z: {why}")
        return
    if execution.ended is None:
        if blocked or reviews:
            return
        if execution.awaited:
            steps = escape(", ".join(sorted(execution.awaited)))
            console.print(f"[yellow]waiting[/] for people in what {steps} began: `runbooks reviews list` shows it")
            return
        name = execution.started.execution_id if execution.started else ""
        console.print(f"[yellow]unfinished[/]: `runbooks resume {escape(name)}` goes on from its record")
    else:
        colour = {"completed": "green", "overridden": "yellow"}.get(execution.outcome, "red")
        console.print(f"[{colour}]{execution.outcome}[/]")
        console.print(f"merkleRoot {execution.ended.header['merkleRoot']}")


def explain_proof(proof: Any) -> str:
    """Why a proof did not pass, in a sentence."""
    name, evidence = proof["prover"], proof["evidence"]
    match proof["reason"]:
        case "prover.undefined":
            return f"prover {name} is defined neither by the runbook nor by this installation, so it denies"
        case "metric.not_met":
            return f"prover {name} measured {evidence['value']:.3f}, which does not satisfy it"
        case "policy.denied" | "policy.undefined":
            asked = evidence["input"]
            return (
                f"prover {name}: the policy does not allow {asked['subject']['id']} to {asked['action']['name']} "
                f"{asked['resource']['type']} ({proof['reason']})"
            )
        case "licence.unknown_resource" | "licence.not_permitted" | "licence.not_active" | "licence.prohibited":
            what = f"{evidence['action']} with {evidence['resource']}"
            return f"prover {name}: no licence in force permits {what} ({proof['reason']})"
        case "licence.revoked":
            return f"prover {name}: the licence {evidence['licence']} is revoked ({proof['reason']})"
        case "licence.registry_unavailable":
            return f"prover {name}: the licence registry does not say whether it is revoked ({proof['reason']})"
        case reason:
            return f"prover {name} says {proof['result']} ({reason})"


def _amount(run: StepRun) -> str:
    outputs = run.outputs
    if isinstance(outputs, list):
        return f"{len(outputs)} rows"
    if isinstance(outputs, dict) and len(outputs) == 1:
        [(name, value)] = outputs.items()
        if isinstance(value, int | float):
            return f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
    return ""


def _duration(run: StepRun) -> str:
    if not run.attempts or not run.attempts[-1].get("endedAt"):
        return ""
    spent = instant(run.attempts[-1]["endedAt"]) - instant(run.attempts[0]["startedAt"])
    return f"{spent.total_seconds():.2f} s"
