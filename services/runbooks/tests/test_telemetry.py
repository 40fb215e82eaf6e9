"""Traces against a real OTLP/HTTP receiver: one tree an execution, through a restart, and no value."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from runbooks.runner import RunbookRunner
from runbooks.telemetry import Telemetry, wants_traces
from runbooks.telemetry.identity import span_id_of, trace_id_of

from services.runbooks.tests.simulator import (
    ApiSimulator,
    Faults,
    GraphSimulator,
    ProcessDied,
    World,
    define,
    step,
)

SECRET = "what nobody is told"
ENDPOINT = "https://api.example.com/x"
NAMING = (
    "runbook.step.id",
    "runbook.step.kind",
    "runbook.attempt",
    "runbook.outcome",
    "runbook.prover",
    "runbook.result",
)
STEPS = (
    step("find", "query", dependsOn=[], cypher="FIND", preconditions=["may"]),
    step("fetch", "external_api", endpoint=ENDPOINT, method="POST", dependsOn=["find"]),
    step("change", "mutation", cypher="SET", dependsOn=["fetch"], inputs="steps.fetch", postconditions=["enough"]),
    step("say", "transform", dependsOn=["change"], expression="{'rows': []}"),
)
PROVERS: dict[str, Any] = {
    "preconditions": {"may": {"type": "opa", "policy": "acl.allow", "input": {"action": "read", "resource": "e"}}},
    "postconditions": {"enough": {"type": "metric", "query": "COUNT", "assertion": "n >= 1"}},
}
CHAIN = define(*STEPS, provers=PROVERS)


class Receiver:
    """Spans that were sent to it, by span id; `status` is its answer."""

    def __init__(self) -> None:
        self.spans: dict[bytes, Any] = {}
        self.count = 0
        self.bodies: list[bytes] = []
        self.status = 200
        self.url = ""

    def take(self, body: bytes) -> None:
        self.bodies.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.count += 1
                    self.spans[span.span_id] = span

    def parent(self, span: Any) -> Any:
        return self.spans.get(span.parent_span_id)

    def named(self, name: str) -> list[Any]:
        return [span for span in self.spans.values() if span.name == name]


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.path == "/v1/traces"
            if found.status == 200:
                found.take(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", found.url)
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def world_of(path: Path) -> World:
    rows = [{"id": "a", "note": SECRET}]
    graph = GraphSimulator({"FIND": [rows], "SET": [None], "COUNT": [[{"n": 1}]]})
    return World(path, graph=graph, api=ApiSimulator({ENDPOINT: [rows]}))


@contextmanager
def watched(world: World, faults: Faults | None = None) -> Iterator[tuple[RunbookRunner, Telemetry]]:
    """A runner of one process, whose telemetry ends with it."""
    telemetry = Telemetry()
    ports = replace(telemetry.observed(world.ports(faults)), make_seed=lambda: "0" * 32)
    runner = world.runner(ports=ports, progress=telemetry.take)
    telemetry.look = lambda name: runner.get_status(name).started
    yield runner, telemetry
    telemetry.close()


def outline(receiver: Receiver, trace_id: str) -> dict[str, str]:
    """Each span of a trace, by what it is, and what it hangs on."""

    def title(span: Any) -> str:
        about = {item.key: item.value.string_value or item.value.int_value for item in span.attributes}
        return " ".join([span.name, *(str(about[key]) for key in NAMING if key in about)])

    found = [span for span in receiver.spans.values() if span.trace_id.hex() == trace_id]
    roots = [span for span in found if not span.parent_span_id]
    assert len(roots) == 1, "one tree"
    loose = {title(span) for span in found if span not in roots and receiver.parent(span) is None}
    assert not loose, "all of it connected"
    return {title(span): title(receiver.parent(span)) if span not in roots else "" for span in found}


async def test_one_execution_is_one_tree_through_a_death_and_a_review(memory_path: Path, receiver: Receiver) -> None:
    approved = define(*STEPS, step("ask", "approval", dependsOn=["say"], question="is it right?"), provers=PROVERS)
    world = world_of(memory_path)
    with watched(world, Faults(at=45)) as (runner, _):
        execution, _ = runner.start(approved, {}, executed_by="ann")
        name = execution.started.execution_id if execution.started else ""
        with pytest.raises(ProcessDied):
            await runner.resume(name)
    assert receiver.spans, "and had told something by then"
    later = World(memory_path, graph=world.graph, api=world.api, clock=world.clock)
    with watched(later) as (runner, _):
        execution = await runner.resume(name)
        [review] = execution.open_reviews()
        execution = await runner.decide(review.review_id, "approved", approver="ben", reason="it is right")
        assert execution.outcome == "completed"
    found = outline(receiver, trace_id_of(name))
    assert found["runbook.execution completed"] == ""
    for step_id in ("find", "fetch", "change", "say"):
        [kind] = [item.kind for item in approved.steps if item.step_id == step_id]
        assert found[f"runbook.step {step_id} {kind} done"] == "runbook.execution completed"
        assert found[f"runbook.attempt {step_id} 1"] == f"runbook.step {step_id} {kind} done"
    assert found["runbook.prover may pass"] == "runbook.step find query done"
    assert found["runbook.prover enough pass"] == "runbook.step change mutation done"
    assert found["graph.query"] == "runbook.attempt find 1"
    assert found["graph.mutate"] == "runbook.attempt change 1"
    assert found["http.call"] == "runbook.attempt fetch 1"
    assert found["policy.decide"] == "runbook.step find query done"
    assert found["ledger.append"] == "runbook.execution completed"
    assert SECRET.encode() not in b"".join(receiver.bodies)


async def test_the_record_is_the_same_with_and_without_and_when_the_collector_fails(
    memory_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots = []
    for name in ("fails", "works", "off"):
        receiver.status = 400 if name == "fails" else 200
        if name == "off":
            monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
        with watched(world_of(memory_path / name)) as (runner, telemetry):
            assert (telemetry.tracing is None) == (name == "off")
            execution = await runner.execute(CHAIN, {}, executed_by="ann")
            assert execution.outcome == "completed"
            roots.append(execution.ended.header["merkleRoot"] if execution.ended else "")
    assert len(set(roots)) == 1
    assert len(receiver.named("runbook.execution")) == 1


async def test_a_fault_of_the_telemetry_itself_stops_nothing(
    memory_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with watched(world_of(memory_path)) as (runner, telemetry):
        assert telemetry.tracing is not None

        def broken(*_: Any) -> Any:
            raise KeyError("no")

        monkeypatch.setattr(telemetry.tracing, "take", broken)
        monkeypatch.setattr(telemetry.tracing, "begin_call", broken)
        assert (await runner.execute(CHAIN, {}, executed_by="ann")).outcome == "completed"
    assert caplog.text.count("telemetry failed") == 1
    assert not receiver.spans


async def test_what_a_step_began_hangs_on_that_step(memory_path: Path, receiver: Receiver) -> None:
    below = define(step("x", "transform", dependsOn=[], expression="1"), runbookId="below")
    above = define(step("call", "runbook", dependsOn=[], runbook="below"), runbookId="above")
    world = World(memory_path, runbooks={"below": below})
    with watched(world) as (runner, _):
        execution = await runner.execute(above, {}, executed_by="ann")
        name = execution.started.execution_id if execution.started else ""
    parents = {span.span_id: receiver.parent(span) for span in receiver.named("runbook.execution")}
    [inner] = [parent for parent in parents.values() if parent is not None]
    assert inner.name == "runbook.step"
    assert inner.span_id == span_id_of(name, "call").to_bytes(8, "big")
    assert {span.trace_id.hex() for span in receiver.spans.values()} == {trace_id_of(name)}


async def test_a_request_goes_on_in_its_callers_trace_and_both_are_linked(
    memory_path: Path, receiver: Receiver
) -> None:
    theirs = "0af7651916cd43dd8448eb211c80319c"
    with watched(world_of(memory_path)) as (runner, telemetry):
        with telemetry.request({"traceparent": f"00-{theirs}-b7ad6b7169203331-01"}) as ended:
            execution, _ = runner.start(CHAIN, {}, executed_by="ann")
            name = execution.started.execution_id if execution.started else ""
            assert ended is not None
            ended("POST", "/runbooks/execute", 202, name)
        assert not trace.get_current_span().get_span_context().is_valid
        await runner.resume(name)
    [request] = receiver.named("POST /runbooks/execute")
    [root] = receiver.named("runbook.execution")
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (theirs, "b7ad6b7169203331")
    assert (root.trace_id.hex(), root.parent_span_id) == (trace_id_of(name), b"")
    assert [(link.trace_id, link.span_id) for link in request.links] == [(root.trace_id, root.span_id)]
    assert [(link.trace_id, link.span_id) for link in root.links] == [(request.trace_id, request.span_id)]


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_traces_are_off_unless_the_environment_says_where(
    variables: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert wants_traces() is wanted
