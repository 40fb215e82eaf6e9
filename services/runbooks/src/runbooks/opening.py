"""How an execution is opened: what it is held against before, the context that it runs in, and its opening entry."""

from __future__ import annotations

__all__ = ["Opening"]

import re
import secrets
from collections.abc import Mapping
from typing import Any

from runbooks import events as ev
from runbooks.canonical import as_recorded, digest_of
from runbooks.definition import Definition
from runbooks.derivation import Materials
from runbooks.driver import Progress
from runbooks.errors import DefinitionError, ParameterError, SettingsError
from runbooks.execution import Execution
from runbooks.expressions import engine
from runbooks.ledger import Head
from runbooks.lint import require_parameters
from runbooks.models import named_models
from runbooks.nesting import nesting_problems
from runbooks.performer import Ports
from runbooks.recorder import Recorder
from runbooks.schedules import Occurrence
from runbooks.sql import sql_engine
from runbooks.steps import STEP_KINDS

_MAX_SUBJECT = 256
_MAX_NAME = 96


class Opening:
    """Opens executions of one installation; `registries` are as the runner has them."""

    def __init__(
        self,
        world: Ports,
        recorder: Recorder,
        registries: Mapping[str, Mapping[str, Any]],
        progress: Progress,
    ) -> None:
        self._world = world
        self._recorder = recorder
        self._registries = registries
        self._progress = progress

    def begin(
        self,
        definition: Definition,
        parameters: Mapping[str, Any],
        *,
        executed_by: str,
        purpose: str | None,
        occurrence: Occurrence | None = None,
        parent: Mapping[str, str] | None = None,
        origin: Mapping[str, str] | None = None,
    ) -> str:
        """Record the opening of an execution, for a step `parent` of another or for nobody; its id.

        `origin` names the execution of which it is another run.

        Raises ParameterError, ModelError, and DefinitionError for a runbook that would execute itself, before anything
        is recorded, and LedgerConflictError when the schedule's `occurrence` is settled by then.
        """
        require_parameters(definition, parameters)
        problems = nesting_problems(definition, self.find, only_circular=True)
        if problems:
            raise DefinitionError(problems)
        if not 1 <= len(executed_by) <= _MAX_SUBJECT:
            raise ParameterError(f"who runs it must be named in 1 to {_MAX_SUBJECT} characters, got {len(executed_by)}")
        models = named_models(definition, self._registries.get("models", {}))
        materials = Materials(definition, **{**self._registries, "models": models})
        parameters = as_recorded(parameters)
        context = self._context(materials, parameters, purpose or definition.purpose)

        schedule = occurrence.members() if occurrence else None

        def make(head: Head) -> ev.ExecutionStarted:
            if occurrence is not None:
                occurrence.require_open(head)
            seq = head.count(definition.runbook_id, "ExecutionStarted") + 1
            execution_id = f"{_file_name(definition.runbook_id)}-{seq:04d}-{secrets.token_hex(3)}"
            at = context["logicalTime"]
            return ev.ExecutionStarted(
                execution_id, seq, executed_by, context, parameters, at, schedule, parent, origin
            )

        [started] = self._recorder.record(definition.runbook_id, None, lambda head: [make(head)])
        self._progress(started, Execution(materials))
        name: str = getattr(started, "execution_id", "")
        return name

    def find(self, runbook_id: str) -> Definition | None:
        """The installation's runbook of that id; None when there is none that can be used."""
        try:
            return self._world.find_runbook(runbook_id)
        except (DefinitionError, SettingsError):
            return None  # the step that needs it will say so

    def _context(self, materials: Materials, parameters: Mapping[str, Any], purpose: str | None) -> dict[str, Any]:
        definition = materials.definition
        policy = self._world.policy(materials.policies)
        return {
            "pcq": "context/v1",
            "runbookId": definition.runbook_id,
            "version": definition.version,
            **self._recorder.store_materials(materials),
            "logicalTime": self._world.clock.now(),
            "seed": self._world.make_seed(),
            "purpose": purpose,
            "parametersDigest": digest_of(parameters),
            "steps": [{"stepId": step.step_id, "dependsOn": list(step.depends_on)} for step in materials.plan.steps],
            "schemas": {},
            "engines": {"expressions": engine(), "policies": policy.engine, **_sql_engines(definition)},
        }


def _file_name(runbook_id: str) -> str:
    # An executionId names a folder and a file, and with what is put around it stays an identifier.
    return re.sub(r"[^A-Za-z0-9._-]", "_", runbook_id)[:_MAX_NAME]


def _sql_engines(definition: Definition) -> dict[str, str]:
    has_sql = any(STEP_KINDS[step.kind].statement(step) is not None for step in definition.steps)
    return {"sql": sql_engine()} if has_sql else {}
