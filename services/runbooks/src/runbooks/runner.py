"""The runner: execute, resume, cancel, replay and export the executions of one installation."""

from __future__ import annotations

__all__ = ["RunbookRunner"]

import re
import secrets
from collections.abc import Mapping
from typing import Any

from runbooks import events as ev
from runbooks.canonical import digest_of, dumps
from runbooks.definition import Definition
from runbooks.derivation import Materials
from runbooks.driver import Driver, Progress, Sealer
from runbooks.effects import PolicyQuestion
from runbooks.errors import ParameterError, UnknownExecutionError
from runbooks.execution import Execution, fold
from runbooks.expressions import engine
from runbooks.ledger import Head, verify_chain
from runbooks.lint import require_parameters
from runbooks.manifest import PCQManifestBuilder
from runbooks.performer import Ports
from runbooks.recorder import Recorder
from runbooks.replay import ReplayReport, replay

_MAX_SUBJECT = 256
_MAX_NAME = 96


class RunbookRunner:
    """Executes runbooks of one installation.

    `registries` are the installation's prover registry, policy bundle and licence registry; `salt_key` and
    `log_origin` are its own. `progress` is told every recorded event.
    """

    def __init__(
        self,
        world: Ports,
        registries: Mapping[str, Mapping[str, Any]],
        *,
        salt_key: bytes,
        log_origin: str,
        trust_version: int = 1,
        progress: Progress | None = None,
    ) -> None:
        self._world = world
        self._registries = registries
        self._salt_key = salt_key
        self._log_origin = log_origin
        self._trust_version = trust_version
        self._progress = progress or (lambda event, execution: None)
        self._recorder = Recorder(world.ledger, world.blobs)

    async def execute(
        self, definition: Definition, parameters: Mapping[str, Any], *, executed_by: str, purpose: str | None = None
    ) -> Execution:
        """Run to the end; raises ParameterError before anything is recorded."""
        require_parameters(definition, parameters)
        return await self._drive(*self.start(definition, parameters, executed_by=executed_by, purpose=purpose))

    def start(
        self, definition: Definition, parameters: Mapping[str, Any], *, executed_by: str, purpose: str | None = None
    ) -> tuple[Execution, str]:
        """Open the execution in the ledger and return it with the hash of its opening entry; raises ParameterError."""
        if not 1 <= len(executed_by) <= _MAX_SUBJECT:
            raise ParameterError(f"who runs it must be named in 1 to {_MAX_SUBJECT} characters, got {len(executed_by)}")
        materials = Materials(definition, **self._registries)
        context = self._context(materials, parameters, purpose or definition.purpose)

        def make(head: Head) -> ev.ExecutionStarted:
            seq = head.count(definition.runbook_id, "ExecutionStarted") + 1
            execution_id = f"{_file_name(definition.runbook_id)}-{seq:04d}-{secrets.token_hex(3)}"
            return ev.ExecutionStarted(execution_id, seq, executed_by, context, parameters, context["logicalTime"])

        [started] = self._recorder.record(definition.runbook_id, None, lambda head: [make(head)])
        self._progress(started, Execution(materials))
        return self._open(getattr(started, "execution_id", ""))

    async def resume(self, execution_id: str) -> Execution:
        """Continue an unfinished execution from its ledger; an ended one is returned as it is."""
        return await self._drive(*self._open(execution_id))

    async def cancel(self, execution_id: str, reason: str) -> Execution:
        """Let no further step of an unfinished execution start, and seal it; an ended one is returned as it is."""
        execution, start_entry = self._open(execution_id)
        if execution.is_cancellable:
            cancel = ev.CancelRequested(reason, self._world.clock.now())
            context = execution.started.context if execution.started else {}
            self._recorder.record(context["runbookId"], execution_id, lambda _: [cancel])
            execution.receive(cancel)
        return await self._drive(execution, start_entry)

    def get_status(self, execution_id: str) -> Execution:
        """The execution as its ledger tells it; raises UnknownExecutionError."""
        return self._open(execution_id)[0]

    async def replay(self, execution_id: str) -> ReplayReport:
        """Replay from the record; raises VerificationError when the record cannot have happened."""
        materials, recorded, _ = self._recorder.load(execution_id)
        policy = self._world.policy(materials.policies)
        execution = fold(materials, recorded)
        try:
            decisions: dict[bytes, dict[str, str]] = {}
            for step in materials.plan.steps:
                for question in execution.derivation.questions(step).values():
                    decision = await policy.decide(question.query, question.document)
                    decisions[_asked(question)] = {"decision": decision, "engine": policy.engine}
        finally:
            await policy.close()
        return replay(materials, recorded, self._salt_key, lambda question: decisions[_asked(question)])

    def executions(self) -> list[ev.ExecutionStarted]:
        """The openings of all executions, oldest first."""
        return self._recorder.started()

    def resolve(self, name: str) -> str:
        """`name`, or the id of the newest execution for `last`; raises UnknownExecutionError when there is none."""
        if name != "last":
            return name
        executions = self.executions()
        if not executions:
            raise UnknownExecutionError("this ledger has no execution yet; `runbooks run R1` makes one")
        return executions[-1].execution_id

    def verify_ledger(self) -> int:
        """Recompute the ledger's chain; its number of entries. Raises LedgerError."""
        return verify_chain(self._world.ledger.entries())

    def manifest(self, execution_id: str) -> PCQManifestBuilder:
        """Builder of the execution's manifest."""
        return PCQManifestBuilder(self.get_status(execution_id), self._salt_key)

    def _open(self, execution_id: str) -> tuple[Execution, str]:
        materials, events, start_entry = self._recorder.load(execution_id)
        return fold(materials, events), start_entry

    def _context(self, materials: Materials, parameters: Mapping[str, Any], purpose: str | None) -> dict[str, Any]:
        definition = materials.definition
        policy = self._world.policy(materials.policies)
        return {
            "pcq": "context/v1",
            "runbookId": definition.runbook_id,
            "version": definition.version,
            **self._recorder.store_materials(materials),
            "logicalTime": self._world.clock.now(),
            "seed": secrets.token_hex(16),
            "purpose": purpose,
            "parametersDigest": digest_of(parameters),
            "steps": [{"stepId": step.step_id, "dependsOn": list(step.depends_on)} for step in materials.plan.steps],
            "models": {},
            "schemas": {},
            "engines": {"expressions": engine(), "policies": policy.engine},
        }

    async def _drive(self, execution: Execution, start_entry: str) -> Execution:
        if execution.ended is None:
            driver = Driver(
                self._world, self._recorder, execution, self._sealer(execution, start_entry), self._progress
            )
            await driver.run()
        return execution

    def _sealer(self, execution: Execution, start_entry: str) -> Sealer:
        return Sealer(
            execution,
            self._world.step_signer,
            self._world.manifest_signer,
            salt_key=self._salt_key,
            log_origin=self._log_origin,
            trust_version=self._trust_version,
            start_entry=start_entry,
        )


def _file_name(runbook_id: str) -> str:
    # An executionId names a folder and a file, and with what is put around it stays an identifier.
    return re.sub(r"[^A-Za-z0-9._-]", "_", runbook_id)[:_MAX_NAME]


def _asked(question: PolicyQuestion) -> bytes:
    return dumps([question.query, question.document])
