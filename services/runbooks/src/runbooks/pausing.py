"""Pauses of executions, and of what their steps began: recorded like everything that people say.

To *resume* is two things: the runner's `resume` goes on from the record; `lift` ends a pause.
"""

from __future__ import annotations

__all__ = ["Pausing"]

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence

from runbooks import events as ev
from runbooks.errors import ExecutionStateError
from runbooks.execution import Execution
from runbooks.ports import Clock


class Pausing:
    """`look` gives an execution as it stands, `tell` records, `below` gives the executions of steps in flight."""

    def __init__(
        self,
        look: Callable[[str], Execution],
        tell: Callable[[Execution, ev.Event], None],
        below: Callable[[Execution], Mapping[str, Sequence[str]]],
        clock: Clock,
    ) -> None:
        self._look = look
        self._tell = tell
        self._below = below
        self._clock = clock

    def pause(self, execution_id: str, reason: str, by: str) -> Execution:
        """Let no further step start; what is in flight ends. An execution that is paused stays so.

        Raises UnknownExecutionError, and ExecutionStateError (`execution.over`) when no step is left to start.
        """
        execution = self._look(execution_id)
        if not execution.is_pausable and execution.paused is None:
            raise ExecutionStateError(f"execution {execution_id} has no step left to start", code="execution.over")
        return self.follow(execution_id, ev.PauseRequested(by, reason, self._clock.now()))

    def follow(self, execution_id: str, asked: ev.PauseRequested) -> Execution:
        """Pause it, if that can be, and all that its steps began."""
        execution = self._look(execution_id)
        if execution.is_pausable:
            self._tell(execution, asked)
        for name in self._names_below(execution):
            self.follow(name, asked)
        return execution

    def lift(self, execution_id: str, reason: str, by: str) -> Execution:
        """Let steps start again, here and below.

        Raises UnknownExecutionError, and ExecutionStateError (`execution.not_paused`).
        """
        execution = self._look(execution_id)
        if execution.paused is None:
            raise ExecutionStateError(f"execution {execution_id} is not paused", code="execution.not_paused")
        return self._lift(execution, ev.PauseLifted(by, reason, self._clock.now()))

    def _lift(self, execution: Execution, said: ev.PauseLifted) -> Execution:
        # What is below comes first: after a death in between, the execution itself is still there to be lifted.
        for name in self._names_below(execution):
            self._lift(self._look(name), said)
        if execution.paused is not None:
            self._tell(execution, said)
        return execution

    def _names_below(self, execution: Execution) -> Iterable[str]:
        return itertools.chain.from_iterable(self._below(execution).values())
