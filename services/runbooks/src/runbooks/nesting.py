"""Runbooks that execute others: which of them would execute themselves. Pure."""

from __future__ import annotations

__all__ = ["MAX_DEPTH", "Find", "nesting_problems"]

from collections.abc import Callable, Iterable

from runbooks.definition import Definition, StepDefinition
from runbooks.errors import Problem

MAX_DEPTH = 8

Find = Callable[[str], Definition | None]


def nesting_problems(definition: Definition, find: Find, *, only_circular: bool = False) -> list[Problem]:
    """Every step that executes a runbook which is not there, has not what is wanted of it, or leads back to it.

    `find` gives a runbook by its id, None when it is not there. With `only_circular` what may mend before the step
    starts is no problem.
    """
    found = [
        problem
        for number, step in enumerate(definition.steps)
        if step.kind == "runbook"
        for problem in _problems(definition, step, f"/steps/{number}", find)
    ]
    return [problem for problem in found if problem.code == "runbook.circular" or not only_circular]


def _problems(definition: Definition, step: StepDefinition, where: str, find: Find) -> Iterable[Problem]:
    name = step.body["runbook"]
    path = _way_back(definition.runbook_id, name, find)
    if path is not None:
        message = f"runbook {definition.runbook_id} would execute itself: {' → '.join([definition.runbook_id, *path])}"
        yield Problem("runbook.circular", f"{where}/runbook", message, "take one of the steps out")
        return
    child = find(name)
    if child is None:
        hint = "add it to the templates, or correct the name"
        yield Problem("runbook.unknown", f"{where}/runbook", f"no runbook {name}: the step will fail", hint)
    elif (wanted := step.body.get("result")) is not None and wanted not in {item.step_id for item in child.steps}:
        known = "its steps: " + ", ".join(item.step_id for item in child.steps[:10])
        yield Problem("runbook.no_result", f"{where}/result", f"runbook {name} has no step {wanted}", known)


def _way_back(origin: str, first: str, find: Find) -> list[str] | None:
    """Names from `first` to `origin`, each executing the next; None when there is no such way."""
    ways, seen = [[first]], {first}
    while ways:
        way = ways.pop()
        if way[-1] == origin:
            return way
        child = find(way[-1])
        names = () if child is None else (step.body["runbook"] for step in child.steps if step.kind == "runbook")
        for name in names:
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return None
