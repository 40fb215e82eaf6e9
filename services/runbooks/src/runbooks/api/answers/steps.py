"""One step: values, proofs, attempts, and the statement that is signed of it; and what a replay says of each."""

from __future__ import annotations

__all__ = ["COMPONENTS", "PROOF"]

from runbooks.api.answers.executions import RESULTS
from runbooks.api.answers.shapes import (
    ANY,
    COUNT,
    FLAG,
    OPEN,
    TEXT,
    TEXTS,
    Members,
    Schema,
    closed,
    list_of,
    one_of,
    or_null,
    ref,
    said,
)

_SHOWN = "any JSON; more than 64 KiB is told as `{$digest, size}`; left out for who may not read values"

PROOF: Members = {
    "prover": ref("Identifier"),
    "kind": said(TEXT, "its type (spec/provers.md)"),
    "version": {"const": 1},
    "result": one_of(RESULTS),
    "severity": one_of(["block", "warn"]),
    "reason": said(TEXT, "a stable code"),
    "evidence": said(OPEN, "what the verdict rests on"),
}

_ATTEMPT: Members = {
    "attempt": {"type": "integer", "minimum": 1},
    "startedAt": ref("Time"),
    "endedAt": or_null(ref("Time")),
    "error": or_null(ref("StepError")),
}

_OBSERVED: Members = {
    "startedAt": or_null(ref("Time")),
    "endedAt": or_null(ref("Time")),
    "attempts": list_of(ref("Attempt")),
    "worker": or_null(TEXT),
    "engine": or_null(TEXT),
}

_CORE: Members = {
    "pcq": {"const": "step/v1"},
    "context": said(ref("Digest"), "of the execution's context"),
    "stepId": ref("Identifier"),
    "index": said(COUNT, "its place in canonical order, from 0"),
    "count": said({"type": "integer", "minimum": 1}, "of all steps"),
    "outcome": ref("StepOutcome"),
    "dependsOn": said(list_of(ref("Digest")), "attestation hashes of its dependencies"),
    "inputs": said(ref("Digest"), "commitment"),
    "outputs": said(ref("Digest"), "commitment"),
    "proofs": said(ref("Digest"), "commitment"),
    "timestamp": said(ref("Time"), "the execution's logical time"),
    "previousAttestationHash": or_null(ref("Digest")),
}

_SEAL: Members = {
    "core": ref("StepCore"),
    "attestationHash": ref("Digest"),
    "keyid": ref("Digest"),
    "signature": ref("Base64"),
    "observed": ref("Observed"),
}

_DETAIL: Members = {
    "stepId": ref("Identifier"),
    "type": said(TEXT, "what it does (spec/execution.md, 3)"),
    "description": TEXT,
    "dependsOn": list_of(ref("Identifier")),
    "state": ref("StepState"),
    "outcome": said(or_null(ref("StepOutcome")), "null before it is settled"),
    "inputs": said(ANY, _SHOWN),
    "outputs": said(ANY, _SHOWN),
    "preconditions": list_of(ref("Proof")),
    "postconditions": list_of(ref("Proof")),
    "attempts": list_of(ref("Attempt")),
    "reviews": said(list_of(ref("Identifier")), "all of them, also those that ended"),
    "definition": said(OPEN, "as its author wrote it; spec/schemas/runbook.schema.json is its schema"),
    "attestation": said(or_null(ref("Seal")), "null before it is sealed"),
}

_SIDES: Members = {
    "recordedHash": said(ref("Digest"), "the sealed commitment"),
    "hash": said(ref("Digest"), "the commitment of the replay"),
    "isKnown": said(FLAG, "false when the record no longer holds what was sealed"),
    "recorded": said(ANY, "the value that was sealed; left out when it is not known or not to be read"),
    "again": said(ANY, "the value of the replay; more than 64 KiB is `{$digest, size}`; left out when not to be read"),
}

_REPLAYED: Members = {
    "stepId": ref("Identifier"),
    "grade": {
        **one_of(["recomputed", "played", "differs"]),
        "description": "`recomputed`: its outputs follow from its inputs again. `played`: they are what the world "
        "answered then. `differs`: its statement is another one now.",
    },
    "recordedHash": said(ref("Digest"), "attestation hash in the record"),
    "hash": said(ref("Digest"), "attestation hash of the replay"),
    "mark": {
        **one_of(["equal", "linked", "different"]),
        "description": "`equal`: the same bytes. `linked`: all of its own is byte-equal, a step before is not.",
    },
    "role": {
        "type": ["string", "null"],
        "enum": ["cause", "follows", None],
        "description": "`cause`: different, and nothing before it explains that",
    },
    "members": said(TEXTS, "the members of its statement that differ"),
    "sections": closed(
        "Of inputs, outputs and proofs those that differ",
        {name: ref("ReplaySides") for name in ("inputs", "outputs", "proofs")},
        optional=("inputs", "outputs", "proofs"),
    ),
}


COMPONENTS: dict[str, Schema] = {
    "Proof": closed(
        "What a prover says (spec/provers.md); the evidence is left out for who may not read values",
        PROOF,
        optional=("evidence",),
    ),
    "Attempt": closed("One attempt of a step, as observed", _ATTEMPT),
    "Observed": closed("The world as the runner saw it, signed beside the statement", _OBSERVED),
    "StepCore": closed("What is signed of a step (spec/pcq-v1.md, 4.1)", _CORE),
    "Seal": closed("The statement of a step, its hash and its signature", _SEAL),
    "StepDetail": closed("One step and all that is known of it", _DETAIL, optional=("inputs", "outputs")),
    "ReplaySides": closed("Both sides of a section that differs", _SIDES, optional=("recorded", "again")),
    "ReplayStep": closed("How one step fared", _REPLAYED),
    "Replay": closed(
        "An execution replayed from its record, without effects",
        {
            "executionId": ref("Identifier"),
            "identical": said(FLAG, "every step and the root are the recorded ones"),
            "merkleRoot": said(ref("Digest"), "root over the steps' hashes in the replay"),
            "recordedRoot": said(ref("Digest"), "the same in the record"),
            "steps": said(list_of(ref("ReplayStep")), "in canonical order"),
        },
    ),
}
