"""OpenTelemetry traces: one connected trace an execution, through restarts and sub-runbooks.

Ids of traces and spans follow from the execution's id, and a span of an execution, a step or an attempt is made when it
is over, from the times in the record. So nothing is open when a process dies, and the next one continues the same tree.
It tells once more what the record has, under the same ids, for nobody knows what the dead one had sent. Spans have
names, kinds, outcomes and codes; never parameters or values.
"""

from __future__ import annotations

__all__ = ["Tracing", "open_tracing"]

import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.propagate import extract
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from runbooks import __version__
from runbooks import events as ev
from runbooks.evidence import instant
from runbooks.execution import Execution, StepRun
from runbooks.log_context import names
from runbooks.telemetry.identity import span_id_of, trace_id_of

_log = logging.getLogger(__name__)
_KEPT = 10_000
_BAD = frozenset({"blocked", "failed"})

# What the next span is to be called; None for one like any other.
_next_id: ContextVar[tuple[int, int] | None] = ContextVar("ids of the next span", default=None)


class _Ids(IdGenerator):
    """Random ids, unless the next span has its own."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()

    def generate_trace_id(self) -> int:
        wanted = _next_id.get()
        return wanted[0] if wanted else self._random.generate_trace_id()

    def generate_span_id(self) -> int:
        wanted = _next_id.get()
        return wanted[1] if wanted else self._random.generate_span_id()


def open_tracing(look: Callable[[str], ev.ExecutionStarted | None]) -> Tracing:
    """Traces to where the variables OTEL_* of the environment say; `look` gives the opening of an execution."""
    attributes = {"service.version": __version__}
    if "OTEL_SERVICE_NAME" not in os.environ and "service.name=" not in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", ""):
        attributes["service.name"] = "runbooks"
    provider = TracerProvider(resource=Resource.create(attributes), id_generator=_Ids(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider, look)


class Tracing:
    """Spans of requests, executions and calls; `look` gives the opening of an execution that is not known here."""

    def __init__(self, provider: TracerProvider, look: Callable[[str], ev.ExecutionStarted | None]) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("runbooks", __version__)
        self._look = look
        # By executionId: its trace, where it hangs in it, and the request that began it.
        self._parents: OrderedDict[str, Mapping[str, str] | None] = OrderedDict()
        self._requests: OrderedDict[str, SpanContext] = OrderedDict()
        self._told: OrderedDict[str, bool] = OrderedDict()
        self._first: OrderedDict[tuple[str, str], str] = OrderedDict()

    def close(self) -> None:
        """Send what is left, for as long as the exporter's time-out at most."""
        self._provider.shutdown()

    def take(self, event: ev.Event, execution: Execution) -> None:
        """Make the spans that a recorded event ends."""
        started = event if isinstance(event, ev.ExecutionStarted) else execution.started
        if started is None:
            return
        name = started.execution_id
        if name not in self._told:
            _keep(self._told, name, True)
            _keep(self._parents, name, started.parent)
            self._again(name, execution)
        match event:
            case ev.ExecutionStarted():
                request = trace.get_current_span().get_span_context()
                if request.is_valid:
                    _keep(self._requests, name, request)
            case ev.PreconditionsObserved() | ev.AttemptStarted():
                self._first.setdefault((name, event.step_id), event.at)
            case ev.AttemptSucceeded() | ev.AttemptDenied() | ev.AttemptFailed():
                self._first.setdefault((name, event.step_id), event.at)
                failed = event.code if isinstance(event, ev.AttemptFailed) else None
                self._attempt(name, execution.steps[event.step_id], event.attempt, event.at, failed)
            case ev.StepSealed():
                self._step(name, event, execution)
            case ev.ExecutionSealed():
                self._execution(started, event, execution)
            case _:
                pass

    def begin_call(self, port: str, operation: str) -> Callable[[BaseException | None], None] | None:
        """The span of a call that begins; to be told of its end. A call outside an execution has none."""
        about = names()
        if "executionId" not in about:
            return None
        kind = SpanKind.INTERNAL if port == "ledger" else SpanKind.CLIENT
        where = self._within(about["executionId"], about.get("stepId"), about.get("attempt"))
        span = self._tracer.start_span(f"{port}.{operation}", where, kind)

        def end(error: BaseException | None) -> None:
            if error is not None:
                # The message of an error may hold what it is about; its code does not.
                span.set_status(Status(StatusCode.ERROR, getattr(error, "code", type(error).__name__)))
            span.end()

        return end

    @contextmanager
    def request(self, headers: Mapping[str, str]) -> Iterator[Callable[[str, str, int, str | None], None]]:
        """The span of a request, in the trace of the `traceparent` that it came with.

        What is given says how it ended: method, route, status, and the execution that it was about.
        """
        begun = self._tracer.start_as_current_span(
            "request", extract(headers), SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        )
        with begun as span:

            def ended(method: str, route: str, status: int, execution_id: str | None) -> None:
                span.update_name(f"{method} {route}")
                span.set_attributes(
                    {"http.request.method": method, "http.route": route, "http.response.status_code": status}
                )
                if status >= 500:
                    span.set_status(StatusCode.ERROR)
                if execution_id is not None:
                    span.add_link(self._context_of(execution_id, span_id_of(execution_id)))

            yield ended

    def _again(self, name: str, execution: Execution) -> None:
        """The spans of what is in the record already: a process that died may have told nobody."""
        for run in execution.steps.values():
            for number, attempt in enumerate(run.attempts, 1):
                if attempt.get("endedAt"):
                    error = attempt.get("error")
                    self._attempt(name, run, number, attempt["endedAt"], error["code"] if error else None)
            if run.sealed is not None:
                self._step(name, run.sealed, execution)

    def _attempt(self, name: str, run: StepRun, number: int, ended: str, failed: str | None) -> None:
        record = run.attempts[number - 1] if len(run.attempts) >= number else {}
        attributes = {"runbook.step.id": run.step_id, "runbook.attempt": number}
        times = (record.get("startedAt") or ended, ended)
        self._made(
            "runbook.attempt", (name, run.step_id, number), self._within(name, run.step_id), times, attributes, failed
        )

    def _step(self, name: str, event: ev.StepSealed, execution: Execution) -> None:
        run = execution.steps[event.step_id]
        ended = event.observed["endedAt"] or event.observed["startedAt"]
        began = self._first.pop((name, event.step_id), event.observed["startedAt"] or ended)
        if began is None or ended is None:
            return  # it never began
        attributes = {
            "runbook.step.id": event.step_id,
            "runbook.step.kind": run.definition.kind,
            "runbook.outcome": str(run.outcome),
        }
        where = self._within(name)
        bad = run.outcome if run.outcome in _BAD else None
        self._made("runbook.step", (name, event.step_id), where, (began, ended), attributes, bad)
        for phase, proofs in (("pre", run.preconditions), ("post", run.postconditions)):
            at = began if phase == "pre" else ended
            for proof in proofs:
                told = {"runbook.phase": phase, "runbook.prover": proof["prover"], "runbook.prover.kind": proof["kind"]}
                key = (name, event.step_id, phase, proof["prover"])
                result = {**told, "runbook.result": proof["result"]}
                bad = proof["reason"] if proof["result"] in ("fail", "error") else None
                self._made("runbook.prover", key, self._within(name, event.step_id), (at, at), result, bad)

    def _execution(self, started: ev.ExecutionStarted, event: ev.ExecutionSealed, execution: Execution) -> None:
        name, parent = started.execution_id, self._parents.get(started.execution_id)
        attributes = {
            "runbook.execution.id": name,
            "runbook.id": started.context["runbookId"],
            "runbook.outcome": execution.outcome,
        }
        request = self._requests.pop(name, None)
        where = self._within(parent["executionId"], parent["stepId"]) if parent else Context()
        links = [Link(request)] if request is not None else []
        bad = execution.outcome if execution.outcome in _BAD else None
        self._made("runbook.execution", (name,), where, (started.at, event.at), attributes, bad, links)

    def _made(
        self,
        title: str,
        key: tuple[str | int, ...],
        where: Context,
        times: tuple[str, str],
        attributes: Mapping[str, Any],
        failure: str | None,
        links: list[Link] | None = None,
    ) -> None:
        began, ended = map(_nanoseconds, times)
        token = _next_id.set((int(trace_id_of(self._top(str(key[0]))), 16), span_id_of(*key)))
        try:
            span = self._tracer.start_span(
                title, where, links=links, attributes=attributes, start_time=min(began, ended)
            )
        finally:
            _next_id.reset(token)
        if failure is not None:
            span.set_status(Status(StatusCode.ERROR, failure))
        span.end(ended)

    def _within(self, execution_id: str, step_id: str | None = None, attempt: str | None = None) -> Context:
        parts: list[str | int] = [execution_id]
        if step_id is not None:
            parts += [step_id, *([int(attempt)] if attempt is not None else [])]
        context = self._context_of(execution_id, span_id_of(*parts))
        return trace.set_span_in_context(NonRecordingSpan(context), Context())

    def _context_of(self, execution_id: str, span_id: int) -> SpanContext:
        trace_id = int(trace_id_of(self._top(execution_id)), 16)
        # Asked of the trace's id alone, as for its root: all spans of a trace are kept, or none.
        decision = self._provider.sampler.should_sample(Context(), trace_id, "runbook.execution").decision
        flags = TraceFlags(TraceFlags.SAMPLED if decision is Decision.RECORD_AND_SAMPLE else TraceFlags.DEFAULT)
        return SpanContext(trace_id, span_id, is_remote=True, trace_flags=flags)

    def _top(self, execution_id: str) -> str:
        """The execution that no step began, among those above this one."""
        while True:
            if execution_id not in self._parents:
                started = self._look(execution_id)
                _keep(self._parents, execution_id, started.parent if started else None)
            parent = self._parents[execution_id]
            if parent is None:
                return execution_id
            execution_id = parent["executionId"]


def _keep(known: OrderedDict[Any, Any], name: Any, value: Any) -> None:
    known[name] = value
    if len(known) > _KEPT:
        known.popitem(last=False)


def _nanoseconds(at: str) -> int:
    found = instant(at)
    return int(found.timestamp()) * 1_000_000_000 + found.microsecond * 1_000
