"""Executions that steps of others begin: found again by the key of their effect, so that none is begun twice.

A child is an execution like any other, with its own entries in the ledger and its own manifest; its opening entry names
its parent. What the parent keeps of it are digests and names (spec/execution.md, 6).
"""

from __future__ import annotations

__all__ = ["Begin", "ChildExecutions"]

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from runbooks.definition import Definition
from runbooks.effects import Each, RunChild
from runbooks.errors import DefinitionError, ModelError, ParameterError, PermanentPortError, SettingsError
from runbooks.execution import Execution, StepState
from runbooks.nesting import MAX_DEPTH
from runbooks.recorder import Recorder

_CODES = {"blocked": "runbook.blocked", "failed": "runbook.failed", "cancelled": "runbook.cancelled"}

# Opens an execution of that runbook with those parameters for a step of the given execution.
Begin = Callable[[Definition, Mapping[str, Any], Execution, Mapping[str, str]], str]


class ChildExecutions:
    """The `performer.Children` of one runner.

    `look` gives an execution as it stands, `begin` opens one and gives its id, `go_on` goes on with one, begun by
    a step of the other, as far as it goes, `find` gives a runbook by its id.
    """

    def __init__(
        self,
        recorder: Recorder,
        find: Callable[[str], Definition],
        *,
        look: Callable[[str], Execution],
        begin: Begin,
        go_on: Callable[[str, str], Awaitable[Execution]],
    ) -> None:
        self._recorder = recorder
        self._find = find
        self._look = look
        self._begin = begin
        self._go_on = go_on
        self._begun: dict[str, str] | None = None

    def has_begun(self, key: str) -> bool:
        """True when the effect with that key is an execution that was begun."""
        return key in self._by_key()

    async def run(self, call: RunChild, parent: Mapping[str, str]) -> Mapping[str, Any] | None:
        """Go on with the child that the step `parent` began, or begin it; see `performer.Children`."""
        key = parent["key"]
        if not self.has_begun(key):
            self._by_key()[key] = self._opened(call, parent)
        child = await self._go_on(self._by_key()[key], parent["executionId"])
        return None if child.ended is None else _outputs(child, call)

    def of(self, execution: Execution, *, settled: bool = False) -> dict[str, list[str]]:
        """The executions that steps in flight began, by stepId; with `settled` also what the others began."""
        found: dict[str, list[str]] = {}
        for run in execution.steps.values():
            has_acted = run.state is StepState.ACTING or (settled and run.attempts and run.failure is None)
            if run.definition.kind == "runbook" and has_acted:
                action = execution.derivation.action(run.definition, run.inputs)
                own = execution.derivation.effect_key(run.definition, run.inputs)
                keys = [key for key, _ in action.actions] if isinstance(action, Each) else [own]
                found[run.step_id] = [self._by_key()[key] for key in keys if self.has_begun(key)]
        return found

    def waiting(self, execution: Execution) -> set[str]:
        """The steps in flight that do nothing but wait for people, somewhere in their executions."""
        found = set()
        for step_id, names in self.of(execution).items():
            unfinished = [child for child in map(self._look, names) if child.ended is None]
            if unfinished and all(child.outcome in ("held", "waiting", "paused") for child in unfinished):
                found.add(step_id)
        return found

    def _by_key(self) -> dict[str, str]:
        # Read once: whoever begins another one in this folder is this process.
        if self._begun is None:
            self._begun = self._recorder.children()
        return self._begun

    def _opened(self, call: RunChild, parent: Mapping[str, str]) -> str:
        above = self._look(parent["executionId"])
        self._require_depth(call, above)
        try:
            definition = self._find(call.runbook_id)
            if call.result is not None and call.result not in {step.step_id for step in definition.steps}:
                message = f"runbook {call.runbook_id} has no step {call.result}, whose outputs are wanted"
                raise PermanentPortError(message, code="runbook.no_result")
            return self._begin(definition, call.parameters, above, parent)
        except (DefinitionError, ModelError, ParameterError, SettingsError) as error:
            raise PermanentPortError(str(error), code=error.code) from None

    def _require_depth(self, call: RunChild, above: Execution) -> None:
        depth = 1
        while above.started is not None and above.started.parent is not None:
            above = self._look(above.started.parent["executionId"])
            depth += 1
        if depth > MAX_DEPTH:
            message = f"runbook {call.runbook_id} would be {depth} deep in others, expected at most {MAX_DEPTH}"
            raise PermanentPortError(message, code="runbook.depth")


def _outputs(child: Execution, call: RunChild) -> dict[str, Any]:
    header = child.ended.header if child.ended else {}
    name = header["executionId"]
    if child.outcome not in ("completed", "overridden"):
        message = f"runbook {call.runbook_id}: its execution {name} is {child.outcome}"
        raise PermanentPortError(message, code=_CODES[child.outcome])
    outputs = {member: header[member] for member in ("executionId", "runbookId", "version", "outcome", "merkleRoot")}
    outputs["runbookDigest"] = header["context"]["runbookDigest"]
    outputs["manifestHash"] = child.ended.manifest_hash if child.ended else ""
    if call.result is not None:
        run = child.steps[call.result]
        if run.outcome == "skipped":
            message = f"runbook {call.runbook_id}: its execution {name} skipped the step {call.result}"
            raise PermanentPortError(message, code="runbook.no_result")
        outputs["result"] = run.outputs
    return outputs
