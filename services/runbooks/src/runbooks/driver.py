"""Drives one execution to its end: records, performs, feeds back. The one place where time passes.

A turn takes every event that is due (seals, intents, outcomes), appends them in one transaction, and
only then lets the execution see them. So a successor starts after its inputs are on the disk, an
intent is on the disk before its effect, and a chain of pure steps costs one disk write a step.
"""

from __future__ import annotations

__all__ = ["Driver", "Progress", "Sealer"]

import asyncio
from collections import ChainMap, Counter
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from runbooks import __version__
from runbooks import events as ev
from runbooks.attestation import AttestationManager, run_key
from runbooks.canonical import digest_of, dumps, loads, pae, to_base64
from runbooks.desk import ReviewDesk
from runbooks.effects import Ask, Attempt, CloseReview, Compute, Effect, Finish, OpenReview, Perform
from runbooks.errors import LedgerError
from runbooks.execution import Execution, StepRun, StepState
from runbooks.items import Children
from runbooks.ledger import Entry, Head
from runbooks.log_context import about
from runbooks.manifest import Origin, make_header, manifest_hash, step_record
from runbooks.performer import Performer, Ports
from runbooks.ports import Signer
from runbooks.recorder import Recorder

Progress = Callable[[ev.Event, Execution], None]

_MAX_CONCURRENT = 16


class Sealer:
    """Makes the seals of one execution: of its steps, in canonical order, and of its manifest."""

    def __init__(
        self,
        execution: Execution,
        step_signer: Signer,
        manifest_signer: Signer,
        *,
        salt_key: bytes,
        log_origin: str,
        trust_version: int,
        start_entry: str,
    ) -> None:
        if execution.started is None:
            raise LedgerError("the execution has no start in the ledger", code="ledger.record")
        self._execution = execution
        self._manifest_signer = manifest_signer
        self._origin = (log_origin, trust_version, start_entry)
        self.start_entry = start_entry
        context = execution.started.context
        context_hash = digest_of(context)
        self._manager = AttestationManager(
            context_hash, context["logicalTime"], run_key(salt_key, context_hash), step_signer
        )
        seals = (run.sealed for run in execution.steps.values())
        self._hashes = {seal.step_id: seal.attestation_hash for seal in seals if seal is not None}

    def seal_steps(self) -> list[ev.StepSealed]:
        """Seals of all settled steps that come next."""
        order = self._execution.plan.steps
        made: dict[str, str] = {}
        hashes = ChainMap(made, self._hashes)
        seals = []
        for run in self._execution.sealable():
            index = self._execution.plan.index[run.step_id]
            previous = hashes[order[index - 1].step_id] if index else None
            attestation = self._manager.create_attestation(step_record(self._execution, run), previous, hashes)
            made[run.step_id] = attestation.attestation_hash
            named = (attestation.core, attestation.attestation_hash, attestation.keyid, attestation.signature)
            seals.append(ev.StepSealed(run.step_id, *named, _observed(run)))
        return seals

    def remember(self, seal: ev.StepSealed) -> None:
        """Take note of a recorded seal."""
        self._hashes[seal.step_id] = seal.attestation_hash

    def seal_execution(self, head: Head, at: str) -> ev.ExecutionSealed:
        """The signed header; `head` knows the manifest sealed last for this runbook."""
        runbook_id = self._execution.materials.definition.runbook_id
        last = head.last(runbook_id, "ExecutionSealed")
        log_origin, trust_version, start_entry = self._origin
        previous = _manifest_hash_in(last) if last else None
        keyid = self._manifest_signer.keyid
        header = make_header(self._execution, Origin(log_origin, trust_version, start_entry, previous, keyid))
        signature = to_base64(self._manifest_signer.sign(pae("manifest", dumps(header))))
        return ev.ExecutionSealed(header, signature, manifest_hash(header), at)


class Driver:
    """Drives one execution; an error of the ledger stops it, and `resume` goes on from the record."""

    def __init__(
        self,
        world: Ports,
        recorder: Recorder,
        execution: Execution,
        sealer: Sealer,
        desk: ReviewDesk,
        progress: Progress,
        children: Children,
    ) -> None:
        started = execution.started
        if started is None:
            raise LedgerError("the execution has no start in the ledger", code="ledger.record")
        self.execution = execution
        self.start_entry = sealer.start_entry
        self._clock = world.clock
        self._recorder = recorder
        self._sealer = sealer
        self._desk = desk
        self._progress = progress
        self._names = (started.context["runbookId"], started.execution_id)
        self._performer = Performer(world, execution, started.execution_id, children)
        self._slots = asyncio.Semaphore(_MAX_CONCURRENT)
        self._tasks: set[asyncio.Task[ev.Event | Attempt | None]] = set()
        self._parked: list[Perform] = []
        self._looks = 0
        self._is_over = False
        # Something was said after the last turn: another driver has to go on.
        self.is_late = False
        self._due: list[Effect] = []
        self._told = asyncio.Event()

    async def run(self) -> None:
        """Go on until the manifest is sealed, or only people can say how it goes on."""
        self.execution.awaited.clear()
        with about(executionId=self._names[1]):
            await self._run()

    async def _run(self) -> None:
        try:
            self._take(self.execution.outstanding())
            while self._due or self._tasks:
                self._turn(await self._outcomes())
        finally:
            self._is_over = True
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._performer.close()

    def tell(self, event: ev.Event) -> None:
        """Record what somebody said of the execution from outside, and go on from there."""
        self._recorder.record(*self._names, lambda _: [event])
        self._receive(event)
        if isinstance(event, ev.PauseLifted):
            self.go_on()
        self._wake()

    def go_on(self) -> None:
        """Look again after what the steps began that wait for people: one of them may wait no more."""
        self._looks += 1
        parked, self._parked = self._parked, []
        self.execution.awaited.difference_update(effect.step_id for effect in parked)
        self._take(parked)
        self._wake()

    def _wake(self) -> None:
        self._told.set()
        self.is_late = self._is_over

    def _take(self, effects: Iterable[Effect]) -> None:
        for effect in () if self._is_over else effects:
            match effect:
                case Ask():
                    self._spawn(self._performer.ask(effect), stepId=effect.step_id)
                case Perform():
                    self._spawn(self._perform(effect), stepId=effect.step_id, attempt=str(effect.attempt))
                case Attempt(wait=wait) if wait > 0:
                    self._spawn(self._wait(effect), stepId=effect.step_id)
                case _:
                    self._due.append(effect)

    async def _outcomes(self) -> list[ev.Event]:
        """Outcomes of ended tasks; waits for one only when nothing else is due."""
        if self._due:
            await asyncio.sleep(0)
        else:
            told = asyncio.create_task(self._told.wait())
            await asyncio.wait({*self._tasks, told}, return_when=asyncio.FIRST_COMPLETED)
            told.cancel()
        self._told.clear()
        ended = [task for task in self._tasks if task.done()]
        results = [task.result() for task in ended]
        self._tasks.difference_update(ended)
        self._due += [result for result in results if isinstance(result, Attempt)]
        return [result for result in results if result is not None and not isinstance(result, Attempt)]

    def _turn(self, outcomes: Sequence[ev.Event]) -> None:
        due, self._due = self._due, []
        # Intents come before outcomes: an outcome may raise the fence, and an intent behind it would be illegal.
        events: list[ev.Event] = [*self._intents(due), *self._words(due)]
        # A pause may have taken one back, or let it go on again: then it is due twice and meant once.
        due_now = dict.fromkeys(effect.step_id for effect in due if isinstance(effect, Compute))
        ready = [name for name in due_now if self.execution.steps[name].state is StepState.COMPUTING]
        events += [self._performer.compute(name) for name in ready]
        events += outcomes
        is_sealing = bool(self.execution.sealable())
        is_finishing = any(isinstance(effect, Finish) for effect in due)

        def make(head: Head) -> list[ev.Event]:
            seals = self._sealer.seal_steps() if is_sealing else []
            end = [self._sealer.seal_execution(head, self._clock.now())] if is_finishing else []
            return [*seals, *self._charge(head, events), *end]

        if is_sealing or is_finishing or events:
            for event in self._recorder.record(*self._names, make):
                self._receive(event)

    def _words(self, due: Iterable[Effect]) -> Iterator[ev.Event]:
        """What the installation has to say in reviews."""
        before = 0
        for effect in due:
            if isinstance(effect, OpenReview):
                at = self._clock.now()
                yield self._desk.open(effect.step_id, effect.requirement, at, before=before)
                before += 1
            elif isinstance(effect, CloseReview):
                yield self._desk.close(effect.review_id, self._clock.now())

    def _charge(self, head: Head, events: Iterable[ev.Event]) -> Iterator[ev.Event]:
        """The events, those that wait for a budget with the ledger's answer, after what they reserve."""
        charged: Counter[tuple[str, str]] = Counter()
        for event in events:
            if not isinstance(event, ev.PreconditionsObserved):
                yield event
                continue
            answers = dict(event.answers)
            run = self.execution.steps[event.step_id]
            wanted_now = self.execution.derivation.reservations(run.definition, run.reserved)
            for name, wanted in wanted_now.items():
                key = (wanted.counter, wanted.period)
                before = head.reserved(*key) + charged[key]
                answers[name] = {"before": before}
                if before + wanted.amount <= wanted.limit:
                    charged[key] += wanted.amount
                    yield ev.BudgetReserved(event.step_id, *key, wanted.amount, event.at)
            yield replace(event, answers=answers)

    def _receive(self, event: ev.Event) -> None:
        if isinstance(event, ev.StepSealed):
            self._sealer.remember(event)
        effects = self.execution.receive(event)
        self._take(effects)
        self._progress(event, self.execution)

    def _intents(self, due: Iterable[Effect]) -> Iterable[ev.AttemptStarted]:
        # A pause may leave an attempt that waited and the one that goes on after it: one of them is meant.
        attempts = {effect.step_id: effect for effect in due if isinstance(effect, Attempt)}
        if self.execution.may_start:
            for effect in attempts.values():
                run = self.execution.steps[effect.step_id]
                is_next = effect.attempt == len(run.attempts) + 1
                if is_next and run.state in (StepState.PREPARED, StepState.BACKOFF):
                    key = self.execution.derivation.effect_key(run.definition, run.inputs)
                    yield ev.AttemptStarted(effect.step_id, effect.attempt, key, self._clock.now())

    def _spawn(self, work: Coroutine[Any, Any, ev.Event | Attempt | None], **names: str) -> None:
        with about(executionId=self._names[1], **names):  # whoever lets it go on may be about something else
            self._tasks.add(asyncio.create_task(work))

    async def _perform(self, effect: Perform) -> ev.Event | None:
        async with self._slots:
            looks, event = self._looks, await self._performer.perform(effect)
            while event is None and looks != self._looks:  # what it waited for may have ended meanwhile
                looks, event = self._looks, await self._performer.perform(effect)
        if event is None:
            self._parked.append(effect)
            self.execution.awaited.add(effect.step_id)
        return event

    async def _wait(self, effect: Attempt) -> Attempt:
        await self._clock.sleep(effect.wait)
        return Attempt(effect.step_id, effect.attempt, 0)


def _observed(run: StepRun) -> dict[str, Any]:
    return {
        "startedAt": run.attempts[0]["startedAt"] if run.attempts else None,
        "endedAt": run.ended_at,
        "attempts": run.attempts,
        "worker": None,
        "engine": f"runbooks {__version__}",
    }


def _manifest_hash_in(entry: Entry) -> str:
    found: str = loads(entry.draft.body)["members"]["manifest_hash"]
    return found
