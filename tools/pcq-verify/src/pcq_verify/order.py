"""Canonical order, and the context held against the definition (spec/pcq-v1.md, 3)."""

from __future__ import annotations

__all__ = ["check_order"]

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence

from pcq_verify.definition import Definition, models_of
from pcq_verify.manifest import Manifest
from pcq_verify.report import Fault, Finding


def check_order(manifest: Manifest, definition: Definition | None) -> Iterator[Finding]:
    """Findings where steps, context, header and definition disagree about what runs after what."""
    context = manifest.context
    names = [item["stepId"] for item in context["steps"]]
    if len(set(names)) != len(names):
        yield Finding(Fault.INVALID, "context.steps", "a stepId occurs twice")
        return
    problems = list(_dependency_problems(manifest.depends_on))
    yield from problems
    if not problems:
        expected = _canonical_order(manifest.depends_on)
        if expected != names:
            yield _difference("context.steps", expected, names, "the canonical order")
    recorded = [step.step_id for step in manifest.steps]
    if recorded != names:
        yield _difference("steps", names, recorded, "the context's order")
    for member in ("runbookId", "version"):
        if context[member] != manifest.header[member]:
            message = f"expected {manifest.header[member]!r} as in the header, got {context[member]!r}"
            yield Finding(Fault.INVALID, f"context.{member}", message)
    yield from _against_definition(manifest, definition)


def _dependency_problems(depends_on: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    for name, dependencies in depends_on.items():
        where = f"context.steps, step {name}"
        if list(dependencies) != sorted(set(dependencies), key=lambda item: item.encode()):
            yield Finding(Fault.INVALID, where, "dependsOn is not sorted by UTF-8 bytes without repetition")
        for dependency in dependencies:
            if dependency not in depends_on:
                yield Finding(Fault.INVALID, where, f"depends on {dependency!r}, which is no step")


def _canonical_order(depends_on: Mapping[str, Sequence[str]]) -> list[str]:
    """Kahn's algorithm, the smallest ready stepId first; steps of a cycle are left out."""
    waiting = {name: len(dependencies) for name, dependencies in depends_on.items()}
    dependents: dict[str, list[str]] = {name: [] for name in depends_on}
    for name, dependencies in depends_on.items():
        for dependency in dependencies:
            dependents[dependency].append(name)
    # Identifiers are ASCII, so text compares as its UTF-8 bytes do.
    ready = [name for name, count in waiting.items() if not count]
    heapq.heapify(ready)
    order = []
    while ready:
        name = heapq.heappop(ready)
        order.append(name)
        for dependent in dependents[name]:
            waiting[dependent] -= 1
            if not waiting[dependent]:
                heapq.heappush(ready, dependent)
    return order


def _difference(where: str, expected: Sequence[str], got: Sequence[str], what: str) -> Finding:
    for index, (wanted, name) in enumerate(zip(expected, got, strict=False)):
        if wanted != name:
            return Finding(Fault.INVALID, f"{where}.{index}", f"expected {wanted!r} by {what}, got {name!r}")
    message = f"expected {len(expected)} steps by {what}, got {len(got)}"
    return Finding(Fault.INVALID, where, message)


def _against_definition(manifest: Manifest, definition: Definition | None) -> Iterator[Finding]:
    if definition is None:
        yield Finding(Fault.INCOMPLETE, "context", "cannot be compared: the definition is not there")
        return
    context = manifest.context
    for member, declared in (("runbookId", definition.runbook_id), ("version", definition.version)):
        if context[member] != declared:
            message = f"expected {declared!r} as in the definition, got {context[member]!r}"
            yield Finding(Fault.INVALID, f"context.{member}", message)
    for name in sorted(definition.steps.keys() | manifest.depends_on.keys()):
        step, recorded = definition.steps.get(name), manifest.depends_on.get(name)
        if step is None:
            yield Finding(Fault.INVALID, f"context.steps, step {name}", "the definition has no such step")
        elif recorded is None:
            yield Finding(Fault.INVALID, "context.steps", f"step {name} of the definition is missing")
        elif recorded != step.depends_on:
            message = f"expected dependsOn {list(step.depends_on)} as in the definition, got {list(recorded)}"
            yield Finding(Fault.INVALID, f"context.steps, step {name}", message)
    yield from _model_problems(context["models"], models_of(definition))


def _model_problems(named: Mapping[str, str], used: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    for name in sorted(named.keys() | used.keys()):
        where = f"context.models, {name}"
        if name not in used:
            yield Finding(Fault.INVALID, where, "no step of the definition scores with it")
        elif name not in named:
            yield Finding(Fault.INVALID, where, "a step of the definition scores with it, and the context lacks it")
        for pinned in sorted(used.get(name, ())):
            if name in named and named[name] != pinned:
                message = f"expected {pinned} as the definition pins it, got {named[name]}"
                yield Finding(Fault.INVALID, where, message)
