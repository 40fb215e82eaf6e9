"""Executions that waited for people: what was asked, what was said, and what followed, all of it written out.

A talk is the list of what was said in one review: `say("approved", ...)` with the members that differ from the usual.
"""

from __future__ import annotations

__all__ = [
    "INPUTS",
    "Asked",
    "Said",
    "approval_step",
    "denied",
    "draft_denied",
    "four_eyes",
    "measured_override",
    "papers",
    "say",
    "signed",
    "talk",
    "trust_file",
]

from dataclasses import dataclass, field
from typing import Any

import scenarios
import small
from keyring import KEYS, digest, digest_of, jcs, pae, trust, trust_key
from maker import draft, proof, seal, step

Json = Any
Said = dict[str, Json]

OPENED = "2026-02-03T04:11:00Z"
DUE = {"denial": "2026-02-06T04:11:00Z", "four_eyes": "2026-02-04T04:11:00Z", "approval": "2026-02-04T04:11:00Z"}
INPUTS: Json = {"limit": 10}
_INSTALLATION = ("opened", "expired", "closed")
_TEST_POLICY = "package test\n\nimport rego.v1\n\ndefault allow := false\n"
_REVIEW_POLICY = (
    "package runbooks.reviews\n\nimport rego.v1\n\ndefault allow := false\n\nallow if input.subject.id in data.people\n"
)
OPA: Json = {"type": "opa", "policy": "test.allow", "input": scenarios.READ}


def papers(reviews: str = _REVIEW_POLICY) -> dict[str, Json]:
    """The documents: a policy that denies every action and lets carol, dave and erin decide."""
    made = scenarios.documents()
    made["policies"] = {
        "modules": {"reviews.rego": reviews, "test.rego": _TEST_POLICY},
        "data": {"people": ["carol", "dave", "erin"]},
    }
    return made


def trust_file(*keys: Json, **members: Json) -> Json:
    """The installation's keys, and the approvers' (carol, dave, erin) unless others are given."""
    people = [trust_key(KEYS[name], ["approver"], subject=name) for name in ("carol", "dave", "erin")]
    return trust(keys=[*trust()["keys"], *(keys or people)], **members)


@dataclass(frozen=True)
class Asked:
    """What a review is about: the members that all its statements share, and when it is due."""

    context_hash: str
    step_id: str
    requirement: str
    subject: str
    review_id: str = "review-1"
    due: str = ""
    more: Json = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """`denial`, `four_eyes` or `approval`."""
        return self.requirement.partition("/")[0]


def say(decision: str, **members: Json) -> Said:
    """One statement; `key` names another key than the speaker's."""
    return {"decision": decision, **members}


def talk(asked: Asked, said: list[Said]) -> list[Json]:
    """The approvals of one review, one a minute, signed by whoever the speaker is."""
    return [signed({**_usual(asked, number, item), **item}) for number, item in enumerate(said, 1)]


def signed(statement: Json) -> Json:
    """The approval of a statement that may name its `key`."""
    speaker = statement["approver"] if statement["approver"] in KEYS else "manifest"
    key = KEYS[statement.get("key", speaker)]
    body = {name: member for name, member in statement.items() if name != "key"}
    return {"statement": body, "keyid": key.keyid, "signature": key.sign(pae("approval", jcs(body)))}


def _usual(asked: Asked, number: int, item: Said) -> Json:
    decision = item["decision"]
    by_installation = decision in _INSTALLATION
    role = "ombuds" if asked.kind == "denial" else "approver"
    role = "installation" if by_installation else "participant" if decision == "info-given" else role
    expires = {"opened": asked.due or DUE[asked.kind], "approved": "2026-02-03T12:00:00Z"}.get(decision)
    return {
        "pcq": "approval/v1",
        "manifestId": "pcq-0001",
        "contextHash": asked.context_hash,
        "stepId": asked.step_id,
        "requirementId": asked.requirement,
        "reviewId": asked.review_id,
        "sequence": number,
        "subject": asked.subject,
        "decision": decision,
        "approver": "test.example" if by_installation else "agent-456" if decision == "info-given" else "carol",
        "role": role,
        "reason": f"{decision} for good reasons",
        "issuedAt": f"2026-02-03T04:{10 + number}:00Z",
        "expiresAt": expires,
        "nonce": digest(f"{asked.review_id} {number}".encode())[7:39],
        **asked.more,
    }


def context_hash(definition: Json, documents: Json) -> str:
    """The context's hash, which no outcome changes."""
    return digest_of(draft(definition, [], documents)["context"])


def denial_subject(context: str, step_id: str, phase: str, inputs: Json, denials: list[Json]) -> str:
    """The subject of a denial."""
    return digest_of(["pcq-denial-v1", context, step_id, phase, digest_of(inputs), denials])


def action_subject(context: str, step_id: str, inputs: Json) -> str:
    """The subject of a four_eyes or approval review."""
    return digest_of(["pcq-action-v1", context, step_id, digest_of(inputs)])


def draft_denied(
    said: list[Said],
    outcome: str = "overridden",
    *,
    review: Json = None,
    documents: Json = None,
    asked: Json = None,
    **header: Json,
) -> Json:
    """One step that its policy denied, and what was said about that; not sealed. `review` is the step's."""
    documents = documents or papers()
    members = {"inputs": {"limit": "parameters.limit"}, **({"review": review} if review else {})}
    definition = small.runbook({"preconditions": {"gate": OPA}}, **members)
    gate = scenarios.opa("gate", "only", scenarios.READ, "deny", documents["policies"])
    gate["evidence"]["input"]["subject"]["id"] = header.get("executedBy", "agent-456")
    context = context_hash(definition, documents)
    subject = denial_subject(context, "only", "preconditions", INPUTS, [gate])
    about = Asked(**{"context_hash": context, "step_id": "only", "requirement": "denial/preconditions",
                     "subject": subject, **(asked or {})})  # fmt: skip
    outputs = {"rows": 1} if outcome in ("overridden", "done") else {}
    item = step("only", outcome, INPUTS, outputs, [gate], [])
    return draft(definition, [item], documents, **{"approvals": talk(about, said), **header})


def denied(said: list[Said], outcome: str = "overridden", **options: Json) -> Json:
    """The same, sealed."""
    return seal(draft_denied(said, outcome, **options))


def measured_override(said: list[Said], **header: Json) -> Json:
    """The seven steps, whose mutation a KPI denied; it was performed again and committed."""
    documents = scenarios.documents()
    documents["policies"]["modules"]["reviews.rego"] = _REVIEW_POLICY
    documents["policies"]["data"]["people"] = ["carol", "dave"]
    context = context_hash(scenarios.definition(), documents)
    low = scenarios.completeness(1)
    subject = denial_subject(context, "update", "postconditions", scenarios.TITLES, [low])
    steps = scenarios.steps()
    steps["update"] = step("update", "overridden", scenarios.TITLES, {"updated": 2}, [], [low])
    for item in steps.values():
        for told in item["proofs"]["preconditions"]:
            if told["kind"] == "opa":
                told["evidence"]["policy"] = digest_of(documents["policies"])
    approvals = talk(Asked(context, "update", "denial/postconditions", subject), said)
    return seal(draft(scenarios.definition(), list(steps.values()), documents, approvals=approvals, **header))


def four_eyes(
    said: list[Said],
    result: str,
    reason: str,
    *,
    claim: Json = None,
    evidence: Json = None,
    asked: Json = None,
    **header: Json,
) -> Json:
    """One step that nobody does alone; `evidence` replaces members of the proof's."""
    documents = papers()
    told = {"type": "four_eyes", **(claim or {})}
    definition = small.runbook({"preconditions": {"two": told}}, inputs={"limit": "parameters.limit"})
    context = context_hash(definition, documents)
    subject = action_subject(context, "only", INPUTS)
    about = Asked(**{"context_hash": context, "step_id": "only", "requirement": "four_eyes/two",
                     "subject": subject, **(asked or {})})  # fmt: skip
    approvals = talk(about, said)
    found = {"subject": subject, "quorum": told.get("quorum", 1), "approvals": _told(approvals), **(evidence or {})}
    gate = proof("two", "four_eyes", result, reason, found)
    outcome = "done" if result == "pass" else "blocked"
    item = step("only", outcome, INPUTS, {"rows": 1} if outcome == "done" else {}, [gate], [])
    return seal(draft(definition, [item], documents, **{"approvals": approvals, **header}))


def _told(approvals: list[Json]) -> list[Json]:
    kept = ("approved", "rejected", "expired", "closed", "break-glass")
    return [
        {
            "approver": item["statement"]["approver"],
            "decision": item["statement"]["decision"],
            "approval": digest_of(item),
        }
        for item in approvals
        if item["statement"]["decision"] in kept
    ]


def approval_step(
    said: list[Said],
    outcome: str = "done",
    *,
    outputs: Json = None,
    members: Json = None,
    more: Json = (),
    **header: Json,
) -> Json:
    """One step of type `approval`; `outputs` replaces what follows from the talk, `more` is said elsewhere."""
    documents = papers()
    only = {"type": "approval", "question": "Shall we?", "inputs": {"limit": "parameters.limit"}, **(members or {})}
    definition = small.runbook({}, **only)
    del definition["steps"][0]["cypher"]
    context = context_hash(definition, documents)
    approvals = talk(Asked(context, "only", "approval", action_subject(context, "only", INPUTS)), said)
    approvals += more
    counted = [item for item in approvals if item["statement"]["decision"] in ("approved", "break-glass")]
    decided = {
        "decision": "break-glass" if said and said[-1]["decision"] == "break-glass" else "approved",
        "approvals": [
            {
                "approver": item["statement"]["approver"],
                "reason": item["statement"]["reason"],
                "approval": digest_of(item),
            }
            for item in counted
        ],
    }
    item = step("only", outcome, INPUTS, {}, [], [])
    if outcome == "done":
        item["attestation"]["outputs"] = decided if outputs is None else outputs
    if outcome == "not-run":
        item["attestation"]["inputs"] = {}
    if outcome == "failed" and said:
        code = f"approval.{said[-1]['decision']}"
        item["observed"]["attempts"][0]["error"] = {"code": code, "message": "nobody approved"}
    return seal(draft(definition, [item], documents, **{"approvals": approvals, **header}))
