"""Figures for Prometheus. Labels are few and bounded: routes, kinds, outcomes; never a name of anybody or anything."""

from __future__ import annotations

__all__ = ["Gauges", "Metrics"]

import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from runbooks import __version__
from runbooks import events as ev
from runbooks.evidence import instant
from runbooks.execution import Execution
from runbooks.provers import COMBINATIONS, PROVERS

_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_SLOW = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

# What is looked at when somebody asks: name and help of a figure, and its values by the label's value.
Gauges = Mapping[tuple[str, str], Callable[[], Mapping[str, float]]]


class Metrics:
    """The figures of one service; `text` is what Prometheus reads."""

    content_type = CONTENT_TYPE_PLAIN_0_0_4

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        Info("runbooks_build", "Which version this is", registry=registry).info(
            {"version": __version__, "python": platform.python_version()}
        )
        route = ["method", "route"]
        self._requests = Counter("runbooks_http_requests", "Requests", [*route, "status"], registry=registry)
        self._seconds = Histogram(
            "runbooks_http_request_duration_seconds", "To the answer's end", route, buckets=_SLOW, registry=registry
        )
        self._started = Counter("runbooks_executions_started", "Executions that were opened", registry=registry)
        self._ended = Counter("runbooks_executions_ended", "Executions that ended", ["outcome"], registry=registry)
        self._steps = Histogram(
            "runbooks_step_duration_seconds",
            "First attempt to end of steps that had any",
            ["kind", "outcome"],
            buckets=_SLOW,
            registry=registry,
        )
        self._failures = Counter(
            "runbooks_attempts_failed", "Failed attempts", ["kind", "transient"], registry=registry
        )
        self._proofs = Counter(
            "runbooks_prover_results", "Verdicts of ended steps", ["prover", "result"], registry=registry
        )
        self._reviews = Counter("runbooks_review_statements", "Said in reviews", ["statement"], registry=registry)
        self._calls = Histogram(
            "runbooks_port_call_duration_seconds",
            "Calls of ledger, graph, policies and APIs",
            ["port", "operation", "result"],
            buckets=_FAST + _SLOW[8:],
            registry=registry,
        )

    def text(self) -> bytes:
        """All figures as they stand."""
        return generate_latest(self._registry)

    def watch(self, gauges: Gauges) -> None:
        """Look at these too whenever somebody asks."""
        self._registry.register(_Looked(gauges))

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    @contextmanager
    def call(self, port: str, operation: str) -> Iterator[None]:
        """See `calls.CallObserver`."""
        began, result = time.perf_counter(), "error"
        try:
            yield
            result = "ok"
        finally:
            self._calls.labels(port, operation, result).observe(time.perf_counter() - began)

    def take(self, event: ev.Event, execution: Execution) -> None:
        """Count a recorded event."""
        match event:
            case ev.ExecutionStarted():
                self._started.inc()
            case ev.ExecutionSealed():
                self._ended.labels(execution.outcome).inc()
            case ev.AttemptFailed():
                kind = execution.steps[event.step_id].definition.kind
                self._failures.labels(kind, str(event.transient).lower()).inc()
            case ev.ReviewOpened():
                self._reviews.labels("opened").inc()
            case ev.ReviewDecided():
                self._reviews.labels(str(event.statement["decision"])).inc()
            case ev.StepSealed():
                self._take_step(event, execution)
            case _:
                pass

    def _take_step(self, event: ev.StepSealed, execution: Execution) -> None:
        run, observed = execution.steps[event.step_id], event.observed
        if observed["startedAt"] and observed["endedAt"]:
            spent = instant(observed["endedAt"]) - instant(observed["startedAt"])
            self._steps.labels(run.definition.kind, str(run.outcome)).observe(spent.total_seconds())
        for proof in (*run.preconditions, *run.postconditions):
            known = proof["kind"] in PROVERS or proof["kind"] in COMBINATIONS
            self._proofs.labels(proof["kind"] if known else "undefined", proof["result"]).inc()


class _Looked(Collector):
    def __init__(self, gauges: Gauges) -> None:
        self._gauges = gauges

    def collect(self) -> Iterable[Metric]:
        for (name, text), look in self._gauges.items():
            values: Any = look()
            labelled = "" not in values
            family = GaugeMetricFamily(name, text, labels=["state"] if labelled else None)
            for label, value in values.items():
                family.add_metric([label] if labelled else [], value)
            yield family
