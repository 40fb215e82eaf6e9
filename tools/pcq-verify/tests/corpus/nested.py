"""Runbooks that execute others: what a step keeps of an execution, with and without that execution's own proof."""

from __future__ import annotations

from collections.abc import Iterator

from keyring import digest, jcs, pae
from maker import draft, seal, step
from scenarios import documents

from corpus.cases import Case, Json

NOT_REPRODUCED = 4

_PURPOSE = "enrichment"
_BODY = ("steps", "materials", "approvals", "signature")
_CHILD = "valid/nested-child.pcq"
_WITH = ("--proof", _CHILD)


def _transform(name: str, expression: str, **members: Json) -> Json:
    return {"stepId": name, "type": "transform", "expression": expression, "dependsOn": [], **members}


def _runbook(runbook_id: str, version: str, *steps: Json, **members: Json) -> Json:
    return {"runbookId": runbook_id, "name": runbook_id, "version": version, "steps": list(steps), **members}


def _child(number: int = 21, **header: Json) -> Json:
    """One execution of R8, which doubles a number; its purpose is its parent's."""
    definition = _runbook(
        "R8", "2", _transform("twice", "n * 2", inputs="parameters"), _transform("off", "1", when="false")
    )
    items = [
        step("twice", "done", {"n": number}, number * 2, [], []),
        step("off", "skipped", {}, {}, [], []),
    ]
    papers = {**documents(), "parameters": {"n": number}}
    made = draft(definition, items, papers, **{"executionId": "exec-0002", "manifestId": "pcq-0002", **header})
    made["context"]["purpose"] = _PURPOSE
    return made


def _told(manifest: Json, **changes: Json) -> Json:
    """What a step keeps of that execution."""
    header = {name: member for name, member in manifest.items() if name not in _BODY}
    kept = {name: header[name] for name in ("executionId", "runbookId", "version", "outcome", "merkleRoot")}
    kept["runbookDigest"] = header["context"]["runbookDigest"]
    kept["manifestHash"] = digest(pae("manifest", jcs(header)))
    return {**kept, **changes}


def _parent(told: Json, **members: Json) -> Json:
    """An execution whose one step executed R8 with 21."""
    call = {"stepId": "call", "type": "runbook", "runbook": "R8", "inputs": {"n": "20 + 1"}, "dependsOn": [], **members}
    definition = _runbook("R9", "1.0", call, purpose=_PURPOSE)
    return seal(draft(definition, [step("call", "done", {"n": 21}, told, [], [])], documents()))


def _each(told: list[Json]) -> Json:
    call = {
        "stepId": "call",
        "type": "runbook",
        "runbook": "R8",
        "forEach": "[21, 21]",
        "inputs": {"n": "item"},
        "dependsOn": [],
    }
    inputs = [{"n": 21}, {"n": 21}]
    definition = _runbook("R9", "1.0", call, purpose=_PURPOSE)
    return seal(draft(definition, [step("call", "done", inputs, told, [], [])], documents()))


def _above(told: Json) -> Json:
    """An execution whose one step executed R9."""
    call = {"stepId": "up", "type": "runbook", "runbook": "R9", "inputs": {"limit": "10"}, "dependsOn": []}
    definition = _runbook("R10", "1", call, purpose=_PURPOSE)
    made = draft(definition, [step("up", "done", {"limit": 10}, told, [], [])], documents())
    return seal({**made, "executionId": "exec-0000", "manifestId": "pcq-0000"})


def valid_cases() -> Iterator[Case]:
    """What must be accepted, and the proofs that others name."""
    child = seal(_child())
    parent = _parent(_told(child, result=42), result="twice")
    yield Case("nested-child", 0, "an execution that a step of another began", child)
    yield Case("nested", 0, "its parent, without that proof: a note says so", parent)
    yield Case("nested-with-proof", 0, "its parent, with that proof", parent, options=_WITH)
    integrity = (*_WITH, "--profile", "integrity")
    yield Case(
        "nested-integrity", 0, "a profile that asks for no outputs asks for no proofs", parent, options=integrity
    )
    both = ("--proof", "valid/nested.pcq", *_WITH)
    yield Case(
        "nested-twice", 0, "three executions in each other, all proofs given", _above(_told(parent)), options=both
    )
    yield Case(
        "nested-twice-without", 0, "the same, the innermost proof missing", _above(_told(parent)), options=both[:2]
    )
    pair = [_told(child), _told(seal(_child(executionId="exec-0003")))]
    yield Case("nested-each", 0, "executions of two items, one proof given", _each(pair), options=_WITH)


def attack_cases() -> Iterator[Case]:
    """What must be refused, every hash and signature of the parent being right."""
    child = seal(_child())
    other = "sha256:" + "00" * 32
    for name, desc, changes in (
        ("hash", "another manifest than the proof's", {"manifestHash": other}),
        ("root", "another root than the proof's", {"merkleRoot": other}),
        ("digest", "another definition than the proof's", {"runbookDigest": other}),
        ("version", "another version than the proof's", {"version": "3"}),
        ("outcome", "another outcome than the proof's", {"outcome": "overridden"}),
        ("result", "other outputs than the proof's step has", {"result": 43}),
    ):
        lie = _parent({**_told(child, result=42), **changes}, result="twice")
        yield Case(f"nested-{name}", NOT_REPRODUCED, desc, lie, options=_WITH)
    for name, desc, told in (
        ("unnamed", "outputs that name no execution", {"updated": 1}),
        ("more", "a member more", _told(child, note="fine")),
        ("less", "a result that was asked for and is not there", _told(child)),
        ("other-runbook", "an execution of another runbook", _told(child, result=42, runbookId="R7")),
        ("blocked", "an execution that did not end well", _told(child, result=42, outcome="blocked")),
        ("no-digest", "a digest that is none", _told(child, result=42, manifestHash="sha256:1")),
    ):
        members = {} if name == "more" else {"result": "twice"}
        yield Case(f"nested-{name}", NOT_REPRODUCED, desc, _parent(told, **members))
    for name, desc, step_id in (
        ("result-gone", "no step", "gone"),
        ("result-skipped", "a step that was skipped", "off"),
    ):
        lie = _parent(_told(child, result=42), result=step_id)
        yield Case(
            f"nested-{name}", NOT_REPRODUCED, f"the outputs of {desc} of the other execution", lie, options=_WITH
        )
    yield from _children(child)
    stranger = _parent(_told(child, executionId="exec-0009"))
    yield Case("nested-stranger", NOT_REPRODUCED, "a proof was given that no step names", stranger, options=_WITH)
    unreadable = (*_WITH, "--proof", "index.json")
    yield Case("nested-unreadable", 6, "what was given for a proof is none", _parent(_told(child)), options=unreadable)
    one = _each([_told(child)])
    yield Case("nested-each-less", NOT_REPRODUCED, "one execution for two items", one)
    myself = _parent({**_told(child), "executionId": "exec-0001"})
    around = ("--proof", "attacks/nested-itself.pcq")
    yield Case("nested-itself", NOT_REPRODUCED, "an execution that rests on itself", myself, options=around)


def _children(child: Json) -> Iterator[Case]:
    """Proofs that are not of the execution that the parent began, and parents that name them."""
    for name, exit_code, desc, made in (
        ("other-parameters", NOT_REPRODUCED, "an execution with other parameters", seal(_child(20))),
        ("other-executor", NOT_REPRODUCED, "an execution of somebody else", seal(_child(executedBy="agent-1"))),
        ("other-purpose", NOT_REPRODUCED, "an execution for another purpose", _for_nothing()),
        (
            "forged",
            1,
            "an execution whose proof has a wrong signature",
            {**child, "signature": seal(_child(20))["signature"]},
        ),
        ("lied", NOT_REPRODUCED, "an execution whose own outputs do not follow", _lying()),
    ):
        file = f"nested-{name}-child"
        own = {"forged": 1, "lied": NOT_REPRODUCED}.get(name, 0)
        yield Case(file, own, f"{desc}: that proof", made)
        where = f"{'attacks' if own else 'valid'}/{file}.pcq"
        yield Case(f"nested-{name}", exit_code, desc, _parent(_told(made)), options=("--proof", where))


def _for_nothing() -> Json:
    made = _child()
    made["context"]["purpose"] = None
    return seal(made)


def _lying() -> Json:
    made = _child()
    made["steps"][1]["attestation"]["outputs"] = 43
    return seal(made)
