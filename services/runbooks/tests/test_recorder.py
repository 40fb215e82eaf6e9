"""Events to entries and back: what is recorded is what is folded (spec/ledger.md, 3 and 4)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runbooks import events as ev
from runbooks.adapters.blobs import FolderBlobs
from runbooks.adapters.ledger.sqlite import SqliteLedger
from runbooks.canonical import digest, dumps
from runbooks.derivation import Materials
from runbooks.errors import CanonicalError, LedgerError, PermanentPortError, UnknownExecutionError
from runbooks.ledger import Draft
from runbooks.recorder import Recorder

from services.runbooks.tests.example import example, example_world
from services.runbooks.tests.simulator import NO_PROVERS, World, define, step

LIMIT = 65_536
AT = "2026-03-01T12:00:00Z"


def materials() -> Materials:
    definition = define(step("a", "transform", expression="1"))
    return Materials(definition, provers=NO_PROVERS, licences={"licences": []}, policies={"modules": {}, "data": {}})


class Store:
    """A recorder with the ledger and the blobs beneath it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = SqliteLedger(folder / "ledger.sqlite")
        self.blobs = FolderBlobs(folder / "blobs")
        self.recorder = Recorder(self.ledger, self.blobs)

    def open(self, name: str = "R-1", parameters: Any = None) -> ev.ExecutionStarted:
        context = {"runbookId": "R", **self.recorder.store_materials(materials())}
        started = ev.ExecutionStarted(name, 1, "ann", context, parameters or {}, AT)
        self.recorder.record("R", None, lambda head: [started])
        return started

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(entry.draft.body) for entry in self.ledger.entries()]


@pytest.fixture
def store(memory_path: Path) -> Store:
    return Store(memory_path)


EVENTS = [
    ev.PreconditionsObserved("a", {"p": {"decision": "allow", "engine": "e"}}, AT),
    ev.AttemptStarted("a", 1, "sha256:key", AT),
    ev.AttemptFailed("a", 1, "port.x", "no", True, AT),
    ev.AttemptStarted("a", 2, "sha256:key", AT),
    ev.AttemptSucceeded("a", 2, [1, {"é": None}], {"kpi:x": [{"n": 1.5}]}, AT),
    ev.CancelRequested("enough", AT),
    ev.StepSealed("a", {"pcq": "step/v1"}, "sha256:h", "sha256:k", "base64:s", {"attempts": []}),
    ev.ExecutionSealed({"pcq": "manifest/v1"}, "base64:s", "sha256:m", AT),
]


def test_every_kind_of_event_comes_back_as_it_was_recorded(store: Store) -> None:
    started = store.open()
    store.recorder.record("R", "R-1", lambda head: EVENTS)
    found, events, start_entry = store.recorder.load("R-1")
    assert events == [started, *EVENTS]
    assert found.definition == materials().definition
    assert (found.provers, found.licences, found.policies) == (
        materials().provers,
        materials().licences,
        materials().policies,
    )
    assert start_entry == store.ledger.entries()[0].entry_hash


def test_an_entry_names_its_kind_its_step_and_its_members(store: Store) -> None:
    store.open()
    store.recorder.record("R", "R-1", lambda head: EVENTS)
    first, *others = store.ledger.entries()
    assert (first.draft.kind, first.draft.step_id) == ("ExecutionStarted", None)
    members = {
        "ExecutionStarted": {"execution_id", "execution_seq", "executed_by", "context", "parameters", "at"},
        "PreconditionsObserved": {"step_id", "answers", "at"},
        "AttemptStarted": {"step_id", "attempt", "key", "at"},
        "AttemptSucceeded": {"step_id", "attempt", "outputs", "metrics", "at"},
        "AttemptFailed": {"step_id", "attempt", "code", "message", "transient", "at"},
        "CancelRequested": {"reason", "at"},
        "StepSealed": {"step_id", "core", "attestation_hash", "keyid", "signature", "observed"},
        "ExecutionSealed": {"header", "signature", "manifest_hash", "at"},
    }
    seen = set()
    for entry, body in zip([first, *others], store.bodies(), strict=True):
        assert set(body) == {"members", "blobs"}
        assert set(body["members"]) == members[entry.draft.kind]
        assert body["blobs"] == {}
        assert entry.draft.step_id == body["members"].get("step_id")
        assert (entry.draft.execution_id, entry.draft.runbook_id) == ("R-1", "R")
        seen.add(entry.draft.kind)
    assert seen == set(members)


@pytest.mark.parametrize(("size", "inline"), [(LIMIT, True), (LIMIT + 1, False)])
@pytest.mark.parametrize("member", ["outputs", "metrics", "parameters"])
def test_a_large_member_lies_in_the_blobs_and_its_digest_in_the_chain(
    member: str, size: int, inline: bool, store: Store
) -> None:
    value: Any = {"kpi:x": ["a" * (size - len('{"kpi:x":[""]}'))]}
    assert len(dumps(value)) == size
    started = store.open(parameters=value if member == "parameters" else None)
    values = {"outputs": 1, "metrics": {}, member: value}
    event = ev.AttemptSucceeded("a", 1, values["outputs"], values["metrics"], AT)
    store.recorder.record("R", "R-1", lambda head: [event])
    body = store.bodies()[0 if member == "parameters" else 1]
    assert (member in body["members"]) == inline
    assert body["blobs"] == ({} if inline else {member: digest(dumps(value))})
    assert store.recorder.load("R-1")[1] == [started, event]


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(-9, 9), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(json_values, st.lists(json_values, max_size=3))
def test_any_json_is_recorded_and_comes_back(store: Store, outputs: Any, rows: Any) -> None:
    name = f"R-{len(store.ledger.entries())}"
    store.open(name)
    event = ev.AttemptSucceeded("a", 1, outputs, {"kpi:x": rows}, AT)
    store.recorder.record("R", name, lambda head: [event])
    assert store.recorder.load(name)[1][1] == event


def test_events_that_cannot_be_recorded_leave_nothing(store: Store) -> None:
    started = store.open()
    bad = ev.AttemptSucceeded("a", 1, float("nan"), {}, AT)
    with pytest.raises(CanonicalError, match="not finite"):
        store.recorder.record("R", "R-1", lambda head: [EVENTS[1], bad])
    assert store.recorder.load("R-1")[1] == [started]


def test_a_missing_or_damaged_blob_is_an_error_and_no_empty_value(store: Store) -> None:
    store.open(parameters={"x": "a" * LIMIT})
    [name] = store.bodies()[0]["blobs"].values()
    [path] = (store.folder / "blobs").rglob(name[7:])
    path.write_bytes(b'{"x": "forged"}')
    with pytest.raises(PermanentPortError) as caught:
        store.recorder.load("R-1")
    assert caught.value.code == "blob.damaged"
    path.unlink()
    with pytest.raises(PermanentPortError) as caught:
        store.recorder.load("R-1")
    assert caught.value.code == "blob.read"


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("StepSkipped", {}),
        ("CancelRequested", {"reason": "r"}),
        ("CancelRequested", {"reason": "r", "at": AT, "by": "x"}),
    ],
)
def test_an_entry_that_this_version_does_not_know_is_named(kind: str, members: Any, store: Store) -> None:
    store.open()
    body = dumps({"members": members, "blobs": {}})
    store.ledger.append(lambda head: [Draft("R-1", "R", kind, None, body)])
    with pytest.raises(LedgerError, match="entry 2 ") as caught:
        store.recorder.load("R-1")
    assert caught.value.code == "ledger.record"


def test_an_execution_without_a_start_and_one_that_nobody_knows_are_told_apart(store: Store) -> None:
    with pytest.raises(UnknownExecutionError):
        store.recorder.load("R-1")
    store.recorder.record("R", "R-1", lambda head: [EVENTS[1]])
    with pytest.raises(LedgerError, match="has no start"):
        store.recorder.load("R-1")


def test_openings_are_found_oldest_first(store: Store) -> None:
    opened = [store.open(f"R-{number}") for number in (3, 1, 2)]
    store.recorder.record("R", "R-1", lambda head: EVENTS)
    assert store.recorder.started() == opened


async def test_every_effect_has_its_intent_before_it_and_every_start_its_inputs(memory_path: Path) -> None:
    world = example_world(memory_path)
    await world.runner().execute(example(), {}, executed_by="ann")
    entries = world.ports().ledger.entries()
    place = {(entry.draft.kind, entry.draft.step_id): entry.seq for entry in entries}
    for name in ("count", "find", "ask", "write", "check", "export"):
        assert place["AttemptStarted", name] < place["AttemptSucceeded", name] < place["StepSealed", name]
    assert ("AttemptStarted", "group") not in place, "a pure step has no intent"
    for item in example().steps:
        for dependency in item.depends_on:
            first = min(seq for (_, step_id), seq in place.items() if step_id == item.step_id)
            assert place["AttemptSucceeded", dependency] < first
    seals = [entry.draft.step_id for entry in entries if entry.draft.kind == "StepSealed"]
    assert seals == ["count", "find", "ask", "group", "write", "check", "summarise", "export"]
    assert entries[-1].draft.kind == "ExecutionSealed"


async def test_the_key_of_an_effect_is_that_of_the_specification(world: World) -> None:
    definition = define(step("a", "export", inputs="{'x': 1}", file="x.json"))
    execution = await world.runner().execute(definition, {}, executed_by="ann")
    assert execution.started is not None
    inputs = digest(dumps({"x": 1}))
    expected = digest(dumps(["pcq-effect-v1", execution.started.execution_id, "a", inputs]))
    [entry] = world.ports().ledger.entries(kind="AttemptStarted")
    assert json.loads(entry.draft.body)["members"]["key"] == expected
