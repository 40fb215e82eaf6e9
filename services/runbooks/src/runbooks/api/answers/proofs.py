"""The manifest and the trust file, as spec/schemas has them; a test holds both equal to those files."""

from __future__ import annotations

__all__ = ["COMPONENTS", "DECISIONS", "RISKS"]

from runbooks.api.answers.executions import ENDED
from runbooks.api.answers.shapes import (
    ANY,
    BASE64,
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
from runbooks.api.answers.steps import PROOF
from runbooks.needs import PEOPLE
from runbooks.reviews import TRANSITIONS

RISKS: Schema = one_of(PEOPLE["risk"]["enum"])

_COUNTED: Schema = {"type": "integer", "minimum": 1}
_PERSON: Schema = {"type": "string", "minLength": 1, "maxLength": 256}
_HEX: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
DECISIONS = list(dict.fromkeys(["opened", *(decision for after in TRANSITIONS.values() for decision in after)]))
_DIGESTS: Schema = {"type": "object", "additionalProperties": ref("Digest")}

_CONTEXT: Members = {
    "pcq": {"const": "context/v1"},
    "runbookId": ref("Identifier"),
    "version": TEXT,
    "runbookDigest": ref("Digest"),
    "logicalTime": said(ref("Time"), "the one time that the execution knows"),
    "seed": _HEX,
    "purpose": or_null(TEXT),
    "parametersDigest": ref("Digest"),
    "steps": said(
        list_of(closed("A step", {"stepId": ref("Identifier"), "dependsOn": list_of(ref("Identifier"))})),
        "in canonical order",
    ),
    "provers": ref("Digest"),
    "policies": ref("Digest"),
    "licences": ref("Digest"),
    "models": _DIGESTS,
    "schemas": _DIGESTS,
    "engines": {"type": "object", "additionalProperties": TEXT},
}

_ATTESTATION: Members = {
    "inputs": said(ANY, "any JSON, or what stands for it (spec/pcq-v1.md, 4.2)"),
    "outputs": said(ANY, "any JSON, or what stands for it"),
    "timestamp": ref("Time"),
    "previousAttestationHash": or_null(ref("Digest")),
    "signature": ref("Base64"),
    "attestationHash": ref("Digest"),
    "outcome": ref("StepOutcome"),
    "dependsOn": list_of(ref("Digest")),
    "salts": closed("Of the fields shown", {name: ref("Salts") for name in ("inputs", "outputs", "proofs")}),
    "keyid": ref("Digest"),
}

_STATEMENT: Members = {
    "pcq": {"const": "approval/v1"},
    "manifestId": ref("Identifier"),
    "contextHash": ref("Digest"),
    "stepId": ref("Identifier"),
    "requirementId": TEXT,
    "reviewId": ref("Identifier"),
    "sequence": _COUNTED,
    "subject": said(ref("Digest"), "of what is decided (spec/reviews.md, 2)"),
    "decision": one_of(DECISIONS),
    "approver": _PERSON,
    "role": one_of(["installation", "ombuds", "approver", "participant"]),
    "reason": {"type": "string", "minLength": 1, "maxLength": 4000},
    "issuedAt": ref("Time"),
    "expiresAt": or_null(ref("Time")),
    "nonce": _HEX,
}

_MANIFEST: Members = {
    "pcq": {"const": "manifest/v1"},
    "manifestId": ref("Identifier"),
    "runbookId": ref("Identifier"),
    "version": TEXT,
    "executionId": ref("Identifier"),
    "executedAt": ref("Time"),
    "executedBy": _PERSON,
    "outcome": one_of(ENDED),
    "context": ref("Context"),
    "contextHash": ref("Digest"),
    "stepCount": _COUNTED,
    "chainHead": said(ref("Digest"), "attestation hash of the last step"),
    "merkleRoot": ref("Digest"),
    "observationsRoot": ref("Digest"),
    "stepSignaturesRoot": ref("Digest"),
    "approvalsRoot": ref("Digest"),
    "keyid": ref("Digest"),
    "trustVersion": _COUNTED,
    "executionSeq": _COUNTED,
    "previousManifestHash": or_null(ref("Digest")),
    "logOrigin": ref("Identifier"),
    "startEntry": ref("Digest"),
    "extensions": OPEN,
    "critical": TEXTS,
    "steps": said(list_of(ref("ManifestStep")), "in canonical order"),
    "materials": {
        "type": "object",
        "propertyNames": ref("Digest"),
        "additionalProperties": ref("Material"),
        "description": "by the digest of their bytes",
    },
    "approvals": list_of(ref("Approval")),
    "signature": ref("Base64"),
}

_KEY: Members = {
    "keyid": said(ref("Digest"), "of the public key's bytes"),
    "publicKey": {
        "type": "string",
        "pattern": "^base64:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$",
        "description": "`base64:` and the canonical padded Base64 of 32 bytes (Ed25519)",
    },
    "roles": list_of(one_of(["step", "manifest", "approver"])),
    "validFrom": ref("Time"),
    "validTo": said(or_null(ref("Time")), "excluded; null for no end"),
    "revoked": or_null(closed("Its revocation", {"at": ref("Time"), "reason": TEXT})),
    "subject": said(_PERSON, "the person whose key it is; there exactly when `approver` is among the roles"),
}

COMPONENTS: dict[str, Schema] = {
    "Context": closed("What is identical in every replay (spec/pcq-v1.md, 3)", _CONTEXT),
    "Salts": {
        "type": "object",
        "additionalProperties": {"type": "string", "pattern": "^base64:[A-Za-z0-9+/]{21}[AQgw]==$"},
        "description": "One salt of 16 bytes for each field that is shown",
    },
    "StepAttestation": closed("The signed statement of a step, opened (spec/pcq-v1.md, 4)", _ATTESTATION),
    "ManifestStep": closed(
        "One step",
        {
            "stepId": ref("Identifier"),
            "attestation": ref("StepAttestation"),
            "proofs": closed(
                "What its provers say",
                {name: list_of(closed("A proof", PROOF)) for name in ("preconditions", "postconditions")},
            ),
            "observed": ref("Observed"),
        },
    ),
    "Material": {
        "oneOf": [
            closed("Bytes that are UTF-8", {"text": TEXT}),
            closed(
                "Other bytes",
                {
                    "base64": {
                        "type": "string",
                        "pattern": f"^{BASE64}$",
                    }
                },
            ),
        ],
        "description": "Bytes that something refers to by their digest",
    },
    "Approval": closed(
        "One signed statement of a review (spec/reviews.md, 3)",
        {"statement": closed("What was said", _STATEMENT), "keyid": ref("Digest"), "signature": ref("Base64")},
    ),
    "Manifest": closed("The proof of an execution (spec/pcq-v1.md, 2)", _MANIFEST),
    "Key": {
        **closed("A public key and what it counts for", _KEY, optional=("subject",)),
        "if": {"properties": {"roles": {"type": "array", "contains": {"const": "approver"}}}},
        "then": {"required": ["subject"]},
        "else": {"properties": {"subject": False}},
    },
    "Trust": closed(
        "The trust file that a verifier takes (spec/pcq-v1.md, 8)",
        {"pcq": {"const": "trust/v1"}, "version": _COUNTED, "keys": list_of(ref("Key"))},
    ),
    "Keys": closed("The public keys", {"version": said(_COUNTED, "of the trust file"), "keys": list_of(ref("Key"))}),
}
