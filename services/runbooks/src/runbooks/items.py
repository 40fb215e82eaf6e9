"""Steps that are done for each item of a list, and steps that execute a runbook: what is begun, and waited for."""

from __future__ import annotations

__all__ = ["Children", "Items", "Waits"]

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from runbooks.effects import Action, Each, Perform, RunChild
from runbooks.errors import PermanentPortError, PortError, TransientPortError
from runbooks.execution import Execution


class Waits(Exception):  # noqa: N818 (no error: the step is not done yet)
    """What a step started waits for people."""


class Children(Protocol):
    """Executions that steps of other executions start: not the outside world, but performed like it."""

    def has_begun(self, key: str) -> bool:
        """True when the effect with that key is an execution that was begun."""
        ...

    async def run(self, call: RunChild, parent: Mapping[str, str]) -> Mapping[str, Any] | None:
        """Go on with the execution that the step `parent` {executionId, stepId, key} began, as far as it goes.

        Begins it when there is none. The step's outputs (spec/execution.md, 6); None while it waits for people. Raises
        PermanentPortError when it cannot be begun, or did not end well.
        """
        ...


class Items:
    """The items and children of one execution's steps; `act` performs any other action, without a time-out."""

    def __init__(
        self,
        execution: Execution,
        execution_id: str,
        children: Children,
        act: Callable[[Perform, Action], Awaitable[Any]],
    ) -> None:
        self._execution = execution
        self._execution_id = execution_id
        self._children = children
        self._act = act
        # Of items of a step that were performed in an attempt of which others failed, by their keys.
        self._answers: dict[str, Any] = {}

    async def child(self, effect: Perform, call: RunChild) -> Any:
        """The outputs of the execution that the step began or begins; raises Waits, and as `Children.run` does."""
        # No time-out: its steps have their own, and people take the time that their reviews give them.
        if self._execution.fenced and not self._children.has_begun(effect.key):
            message = f"runbook {call.runbook_id}: not begun, for its execution has been stopped"
            raise PermanentPortError(message, code="runbook.cancelled")
        parent = {"executionId": self._execution_id, "stepId": effect.step_id, "key": effect.key}
        answer = await self._children.run(call, parent)
        if answer is None:
            raise Waits
        return answer

    async def each(self, effect: Perform, each: Each) -> list[Any]:
        """The answers in the order of the items; raises the first item's error, what is in flight having ended."""
        slots = asyncio.Semaphore(each.limit)
        errors: list[tuple[int, PortError | TimeoutError]] = []
        waiting: list[int] = []

        async def one(index: int, key: str, action: Action) -> None:
            async with slots:
                # What was begun in an earlier life is gone on with, whatever became of the others.
                if key in self._answers or (errors and not self._children.has_begun(key)):
                    return
                try:
                    self._answers[key] = await self._item(replace(effect, key=key), action)
                except (PortError, TimeoutError) as error:
                    errors.append((index, error))
                except Waits:
                    waiting.append(index)

        tasks = [asyncio.create_task(one(index, *item)) for index, item in enumerate(each.actions)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if waiting:
            raise Waits
        if errors:
            raise _of_item(*min(errors, key=lambda item: item[0]), effect.timeout)
        return [self._answers.pop(key) for key, _ in each.actions]

    async def _item(self, effect: Perform, action: Action) -> Any:
        if isinstance(action, RunChild):
            return await self.child(effect, action)
        async with asyncio.timeout(effect.timeout):
            return await self._act(effect, action)


def _of_item(index: int, error: PortError | TimeoutError, timeout: float) -> PortError:
    if isinstance(error, TimeoutError):
        return TransientPortError(f"item {index}: no answer within {timeout:g} s", code="step.timeout")
    return type(error)(f"item {index}: {error}", code=error.code)
