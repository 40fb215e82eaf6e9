"""The manifest: all that a stranger needs to check one execution (spec/pcq-v1.md).

It is built from the execution's fold and its signed header, as often as one likes, always to the
same bytes. Every commitment is made again on the way and must equal the sealed one.
"""

from __future__ import annotations

__all__ = ["Origin", "PCQManifestBuilder", "blocking_proof", "make_header", "manifest_hash", "step_record"]

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runbooks.attestation import Attestation, AttestationManager, StepRecord, run_key
from runbooks.canonical import digest, digest_of, dumps, pae
from runbooks.errors import LedgerError, ProverFailedError, TamperedRecordError
from runbooks.execution import Execution, StepRun, StepState
from runbooks.merkle import leaf_hash, merkle_root
from runbooks.provers import denies


@dataclass(frozen=True)
class Origin:
    """What the header says of the installation and of the executions before this one."""

    log_origin: str
    trust_version: int
    start_entry: str
    previous_manifest_hash: str | None
    keyid: str


def step_record(execution: Execution, run: StepRun) -> StepRecord:
    """What a settled step's attestation is made of."""
    return StepRecord(
        step_id=run.step_id,
        index=execution.plan.index[run.step_id],
        count=len(execution.plan.steps),
        outcome=run.outcome or "",
        depends_on=run.definition.depends_on,
        inputs=run.inputs,
        outputs=run.outputs,
        preconditions=run.preconditions,
        postconditions=run.postconditions,
    )


def make_header(execution: Execution, origin: Origin) -> dict[str, Any]:
    """The manifest's header; every step must be sealed."""
    started, seals = execution.started, [execution.steps[step.step_id].sealed for step in execution.plan.steps]
    if started is None or not all(seals):
        raise LedgerError(
            "the manifest needs every step sealed; resume the execution first", code="manifest.unfinished"
        )
    sealed = [seal for seal in seals if seal is not None]
    return {
        "pcq": "manifest/v1",
        "manifestId": "pcq-" + started.execution_id,
        "runbookId": started.context["runbookId"],
        "version": started.context["version"],
        "executionId": started.execution_id,
        "executedAt": started.at,
        "executedBy": started.executed_by,
        "outcome": execution.outcome,
        "context": started.context,
        "contextHash": digest_of(started.context),
        "stepCount": len(sealed),
        "chainHead": sealed[-1].attestation_hash,
        "merkleRoot": _root([bytes.fromhex(seal.attestation_hash[7:]) for seal in sealed]),
        "observationsRoot": _root([leaf_hash(dumps([seal.step_id, seal.observed])) for seal in sealed]),
        "stepSignaturesRoot": _root([leaf_hash(dumps([seal.step_id, seal.keyid, seal.signature])) for seal in sealed]),
        "approvalsRoot": _root([leaf_hash(dumps(approval)) for approval in execution.approvals]),
        "keyid": origin.keyid,
        "trustVersion": origin.trust_version,
        "executionSeq": started.execution_seq,
        "previousManifestHash": origin.previous_manifest_hash,
        "logOrigin": origin.log_origin,
        "startEntry": origin.start_entry,
        "extensions": {},
        "critical": [],
    }


def manifest_hash(header: Mapping[str, Any]) -> str:
    """The hash by which the next manifest of the runbook names this one."""
    return digest(pae("manifest", dumps(header)))


def blocking_proof(execution: Execution) -> tuple[str, Mapping[str, Any]] | None:
    """(stepId, proof) of the first proof in canonical order that denies and is not lifted; None when there is none."""
    for step in execution.plan.steps:
        run = execution.steps[step.step_id]
        if run.outcome == "blocked" or run.state is StepState.HELD:
            # A step that came as far as its postconditions had its preconditions lifted.
            found = next((proof for proof in (*run.postconditions, *run.preconditions) if denies(proof)), None)
            if found is not None:
                return run.step_id, found
    return None


class PCQManifestBuilder:
    """Builds the manifest of an ended execution; `salt_key` is the installation's."""

    def __init__(self, execution: Execution, salt_key: bytes) -> None:
        self._execution = execution
        self._salt_key = salt_key

    def build(self, *, record_of_block: bool = False) -> dict[str, Any]:
        """The manifest.

        Raises ProverFailedError when a prover blocked the execution, unless the record of that block is what is
        asked for; LedgerError when the execution has not ended, TamperedRecordError when the record contradicts its
        seals, or these the signed header.
        """
        execution = self._execution
        self._require_clean(record_of_block=record_of_block)
        if execution.ended is None or execution.started is None:
            raise LedgerError("the execution has not ended; resume it first", code="manifest.unfinished")
        header = execution.ended.header
        manager = AttestationManager(
            header["contextHash"],
            execution.started.context["logicalTime"],
            run_key(self._salt_key, header["contextHash"]),
        )
        made = self._attest(manager)
        if make_header(execution, _origin_in(header)) != header:
            name = execution.started.execution_id
            raise TamperedRecordError(
                f"execution {name}: its record does not give the header that is recorded; one of both was changed"
            )
        return {
            **header,
            "steps": [_step(execution.steps[name], attestation) for name, attestation in made.items()],
            "materials": self._materials(made),
            "approvals": execution.approvals,
            "signature": execution.ended.signature,
        }

    def _require_clean(self, *, record_of_block: bool) -> None:
        execution = self._execution
        blocked = blocking_proof(execution)
        if blocked is None or (record_of_block and execution.ended):
            return
        step_id, proof = blocked
        reviews = [review.review_id for review in execution.open_reviews() if review.step_id == step_id]
        hint = f"review {reviews[0]} decides whether it goes on" if reviews else "only the record of the block"
        raise ProverFailedError(
            f"execution {execution.started.execution_id if execution.started else ''} was blocked at step {step_id}: "
            f"prover {proof['prover']} says {proof['result']} ({proof['reason']}); there is no clean proof to export, "
            f"{hint}{'' if reviews else ' (`--blocked`)'}"
        )

    def export_to_file(self, path: Path, *, record_of_block: bool = False) -> Path:
        """Write the manifest's RFC 8785 bytes; raises as `build` does, and OSError that names `path`."""
        data = dumps(self.build(record_of_block=record_of_block))
        temporary = path.with_name(path.name + ".part")
        try:
            temporary.write_bytes(data)
            return temporary.replace(path)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from error

    def _attest(self, manager: AttestationManager) -> dict[str, Attestation]:
        previous: str | None = None
        made: dict[str, Attestation] = {}
        hashes: dict[str, str] = {}
        for step in self._execution.plan.steps:
            run = self._execution.steps[step.step_id]
            attestation = manager.create_attestation(step_record(self._execution, run), previous, hashes)
            if run.sealed is None or attestation.core != run.sealed.core:
                raise TamperedRecordError(
                    f"step {step.step_id}: the record does not give the sealed core; a replay says what of it differs. "
                    "Either what is recorded was changed, or the salt key is not the one of then"
                )
            previous = hashes[step.step_id] = attestation.attestation_hash
            made[step.step_id] = attestation
        return made

    def _materials(self, made: Mapping[str, Attestation]) -> dict[str, Any]:
        materials = self._execution.materials
        started = self._execution.started
        items = [dumps(value) for value in (materials.provers, materials.policies, materials.licences)]
        items += [dumps(model) for model in materials.models.values()]
        items += [materials.definition.raw, dumps(started.parameters if started else {})]
        for attestation in made.values():
            for section in attestation.sections.values():
                items.extend(section.detached.values())
        return {digest(data): {"text": data.decode()} for data in items}


def _step(run: StepRun, attestation: Attestation) -> dict[str, Any]:
    core, seal = attestation.core, run.sealed
    return {
        "stepId": run.step_id,
        "attestation": {
            "inputs": attestation.sections["inputs"].shown,
            "outputs": attestation.sections["outputs"].shown,
            "timestamp": core["timestamp"],
            "previousAttestationHash": core["previousAttestationHash"],
            "signature": seal.signature if seal else "",
            "attestationHash": attestation.attestation_hash,
            "outcome": core["outcome"],
            "dependsOn": core["dependsOn"],
            "salts": {name: section.salts for name, section in attestation.sections.items()},
            "keyid": seal.keyid if seal else "",
        },
        "proofs": {"preconditions": run.preconditions, "postconditions": run.postconditions},
        "observed": seal.observed if seal else {},
    }


def _origin_in(header: Mapping[str, Any]) -> Origin:
    names = ("logOrigin", "trustVersion", "startEntry", "previousManifestHash", "keyid")
    return Origin(*(header[name] for name in names))


def _root(leaves: list[bytes]) -> str:
    return "sha256:" + merkle_root(leaves).hex()
