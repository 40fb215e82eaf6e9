"""The plan: which step waits for which, and the one order in which all are sealed.

Kahn's algorithm; among the steps that are ready, the one with the smallest stepId by UTF-8 bytes
comes first (spec/pcq-v1.md, 3). Steps run as soon as they can; only sealing follows this order.
"""

from __future__ import annotations

__all__ = ["Plan", "dependency_problems", "make_plan"]

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from runbooks.definition import Definition, StepDefinition
from runbooks.errors import DefinitionError, Problem

_SHOWN = 20  # steps of a cycle that a message names


@dataclass(frozen=True)
class Plan:
    """The steps in canonical order."""

    steps: tuple[StepDefinition, ...]

    @cached_property
    def index(self) -> dict[str, int]:
        """Position of each stepId in canonical order."""
        return {step.step_id: position for position, step in enumerate(self.steps)}

    @cached_property
    def dependents(self) -> dict[str, tuple[str, ...]]:
        """For each step, the steps that wait for it."""
        waiting: dict[str, list[str]] = {step.step_id: [] for step in self.steps}
        for step in self.steps:
            for name in step.depends_on:
                waiting[name].append(step.step_id)
        return {name: tuple(steps) for name, steps in waiting.items()}

    def step(self, step_id: str) -> StepDefinition:
        """The step of that name; raises KeyError."""
        return self.steps[self.index[step_id]]

    def ancestors(self, step_id: str) -> set[str]:
        """The step's dependencies, theirs, and so on."""
        found: set[str] = set()
        stack = list(self.step(step_id).depends_on)
        while stack:
            name = stack.pop()
            if name not in found:
                found.add(name)
                stack.extend(self.step(name).depends_on)
        return found


def make_plan(definition: Definition) -> Plan:
    """The plan; raises DefinitionError for unknown, repeated or circular dependencies."""
    problems = dependency_problems(definition.steps)
    if problems:
        raise DefinitionError(problems)
    by_name = {step.step_id: step for step in definition.steps}
    return Plan(tuple(by_name[name] for name in _kahn(definition.steps)))


def dependency_problems(steps: Sequence[StepDefinition]) -> list[Problem]:
    """Every repeated stepId, unknown dependency, cycle, and step that can never start."""
    problems = list(_name_problems(steps))
    if problems:
        return problems
    done = set(_kahn(steps))
    stuck = {step.step_id: step for step in steps if step.step_id not in done}
    cycle = _a_cycle(stuck)
    if not cycle:
        return []
    position = {step.step_id: number for number, step in enumerate(steps)}
    path = _shown(cycle)
    circular = set(cycle)
    where = f"/steps/{position[cycle[0]]}/dependsOn"
    problems.append(Problem("definition.cycle", where, f"steps wait for each other: {path}", "remove one dependency"))
    for name in stuck:
        if name not in circular:
            where = f"/steps/{position[name]}"
            message = f"step {name} can never start: it waits for the cycle {path}"
            problems.append(Problem("definition.unreachable", where, message, "remove the cycle"))
    return problems


def _name_problems(steps: Sequence[StepDefinition]) -> Iterable[Problem]:
    seen: dict[str, int] = {}
    for number, step in enumerate(steps):
        if step.step_id in seen:
            message = f"stepId {step.step_id} is already the id of step {seen[step.step_id]}"
            yield Problem("definition.duplicate_step", f"/steps/{number}/stepId", message, "give it another id")
        seen.setdefault(step.step_id, number)
    for number, step in enumerate(steps):
        for name in step.depends_on:
            if name not in seen:
                message = f"step {step.step_id} depends on {name}, which is no step of this runbook"
                hint = "known steps: " + ", ".join(list(seen)[:10])
                yield Problem("definition.unknown_step", f"/steps/{number}/dependsOn", message, hint)


def _kahn(steps: Sequence[StepDefinition]) -> list[str]:
    waiting = {step.step_id: len(step.depends_on) for step in steps}
    dependents: dict[str, list[str]] = {step.step_id: [] for step in steps}
    for step in steps:
        for name in step.depends_on:
            dependents[name].append(step.step_id)
    ready = [(name.encode(), name) for name, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        _, name = heapq.heappop(ready)
        order.append(name)
        for dependent in dependents[name]:
            waiting[dependent] -= 1
            if waiting[dependent] == 0:
                heapq.heappush(ready, (dependent.encode(), dependent))
    return order


def _a_cycle(stuck: dict[str, StepDefinition]) -> list[str]:
    if not stuck:
        return []
    # Every stuck step has a stuck dependency, so walking them must come back to a step it has seen.
    path: dict[str, None] = {}
    name = next(iter(stuck))
    while name not in path:
        path[name] = None
        name = next(dependency for dependency in stuck[name].depends_on if dependency in stuck)
    names = list(path)
    return names[names.index(name) :]


def _shown(cycle: list[str]) -> str:
    shown = cycle if len(cycle) <= _SHOWN else [*cycle[:_SHOWN], f"… ({len(cycle) - _SHOWN} more)"]
    return " → ".join([*shown, cycle[0]])
