"""Executions that steps of this one began, and their proofs as far as the caller has them (spec/execution.md, 6).

What a step records of its execution is held against that execution's own manifest, which is verified like any other.
Without the manifest the record stands for itself, and the report says that it does.
"""

from __future__ import annotations

__all__ = ["Family", "check_children"]

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pcq_verify import seals
from pcq_verify.definition import Definition, StepDefinition
from pcq_verify.encoding import digest_of, is_digest
from pcq_verify.jcs import canonical
from pcq_verify.manifest import Manifest, Step, read_manifest
from pcq_verify.materials import Library, Payloads, read_documents
from pcq_verify.report import Fault, Finding, Report
from pcq_verify.shapes import got
from pcq_verify.strict_json import StrictJsonError, parse_json
from pcq_verify.values import UnavailableError, Values

_MEMBERS = ("executionId", "runbookId", "version", "runbookDigest", "outcome", "manifestHash", "merkleRoot")
_DIGESTS = ("runbookDigest", "manifestHash", "merkleRoot")
_ENDED_WELL = ("completed", "overridden")

# Verifies one manifest of the family, with the same trust file and the rest of the family.
Verify = Callable[[bytes, "Family"], Report]


class Family:
    """The proofs that the caller has besides the one that is verified; each is verified once, when it is named."""

    def __init__(self, proofs: Sequence[bytes], verify: Verify, payloads: Payloads | None) -> None:
        self._verify = verify
        self._payloads = payloads
        self._proofs: dict[str, bytes] = {}
        self._reports: dict[str, Report | None] = {}
        self.notes: list[str] = []
        self._unreadable: list[Finding] = []
        for number, data in enumerate(proofs, start=1):
            name = _execution_of(data)
            if name is None or name in self._proofs:
                problem = "is no manifest" if name is None else f"is another one of execution {name}"
                self._unreadable.append(Finding(Fault.MALFORMED, f"proof {number} of those given", problem))
            else:
                self._proofs[name] = data

    def has(self, execution_id: str) -> bool:
        """True when its proof is at hand."""
        return execution_id in self._proofs

    def report(self, execution_id: str) -> Report | None:
        """The report on that proof; None while it is being verified, because it names itself."""
        if execution_id not in self._reports:
            self._reports[execution_id] = None
            self._reports[execution_id] = self._verify(self._proofs[execution_id], self)
        return self._reports[execution_id]

    def manifest(self, execution_id: str) -> tuple[Manifest, Library]:
        """The manifest of a proof that was verified."""
        manifest, _ = read_manifest(parse_json(self._proofs[execution_id]))
        return manifest, Library(manifest, self._payloads)

    def strangers(self) -> Iterator[Finding]:
        """Findings for proofs that were given, and that no step names or that nobody can read."""
        yield from self._unreadable
        for name in self._proofs:
            if name not in self._reports:
                yield Finding(Fault.NOT_REPRODUCED, f"proof of execution {name}", "no step names this execution")


def _execution_of(data: bytes) -> str | None:
    try:
        value = parse_json(data)
    except StrictJsonError:
        return None
    name = value.get("executionId") if type(value) is dict else None
    return name if type(name) is str else None


def check_children(manifest: Manifest, definition: Definition, values: Values, family: Family) -> Iterator[Finding]:
    """Findings where a step's record is none of an execution, or another one than that execution's proof tells."""
    for step in manifest.steps:
        declared = definition.steps[step.step_id]
        if declared.kind != "runbook" or not step.has_outputs:
            continue
        try:
            pairs = _pairs(step, declared, values)
        except UnavailableError as error:
            yield Finding(Fault.INCOMPLETE, f"{step.name}, outputs", f"not held against a proof: {error}")
            continue
        if pairs is None:
            yield Finding(Fault.NOT_REPRODUCED, f"{step.name}, outputs", "expected a list of as many as its inputs")
            continue
        missing = []
        for where, given, told in pairs:
            problem = _shape_problem(told, declared)
            if problem:
                yield Finding(Fault.NOT_REPRODUCED, where, problem)
            elif not family.has(told["executionId"]):
                missing.append(told["executionId"])
            else:
                yield from _told_findings(where, given, told, declared, manifest, family)
        if missing:
            family.notes.append(_note(step, missing, len(pairs)))


def _note(step: Step, missing: Sequence[str], count: int) -> str:
    those = f"execution {missing[0]}" if count == 1 else f"{len(missing)} of {count} executions, {missing[0]} first"
    return f"{step.name} rests on {those}, of which no proof was given: its outputs are what the installation recorded"


def _pairs(step: Step, declared: StepDefinition, values: Values) -> list[tuple[str, Any, Any]] | None:
    """(where, inputs, outputs) of each execution; None for lists that do not fit together."""
    where = f"{step.name}, outputs"
    inputs, outputs = values.of(step.step_id, "inputs"), values.of(step.step_id, "outputs")
    if "forEach" not in declared.body:
        return [(where, inputs, outputs)]
    if type(inputs) is not list or type(outputs) is not list or len(inputs) != len(outputs):
        return None
    return [(f"{where}.{n}", *pair) for n, pair in enumerate(zip(inputs, outputs, strict=True))]


def _shape_problem(told: Any, declared: StepDefinition) -> str:
    wanted = sorted((*_MEMBERS, *(("result",) if "result" in declared.body else ())))
    if type(told) is not dict or sorted(told) != wanted:
        return f"expected the members {wanted} of an execution, got {got(told)}"
    if not all(type(told[name]) is str for name in _MEMBERS) or not all(is_digest(told[name]) for name in _DIGESTS):
        return f"expected names and digests of an execution, got {got(told)}"
    if told["runbookId"] != declared.body["runbook"]:
        return f"expected an execution of {declared.body['runbook']!r}, got one of {told['runbookId']!r}"
    if told["outcome"] not in _ENDED_WELL:
        return f"expected an execution that ended well, got {told['outcome']!r}"
    return ""


def _told_findings(
    where: str, given: Any, told: dict[str, Any], declared: StepDefinition, above: Manifest, family: Family
) -> Iterator[Finding]:
    name = told["executionId"]
    report = family.report(name)
    if report is None:
        yield Finding(Fault.NOT_REPRODUCED, where, f"execution {name} rests on itself")
        return
    if report.exit_code:
        yield Finding(Fault(report.exit_code), where, f"the proof of execution {name} is refused: {report.reason}")
        return
    manifest, library = family.manifest(name)
    for member, expected, got_ in _members(manifest, library, given, told, above):
        if expected != got_:
            message = f"{member}: expected {got(expected)} as its proof says, got {got(got_)}"
            yield Finding(Fault.NOT_REPRODUCED, where, message)
    if "result" in declared.body:
        yield from _result_findings(f"{where}.result", declared.body["result"], told["result"], manifest, library)


def _members(
    manifest: Manifest, library: Library, given: Any, told: dict[str, Any], above: Manifest
) -> Iterator[tuple[str, Any, Any]]:
    """(member, what the proof of the execution has, what the step says or gave it)."""
    header, context = manifest.header, manifest.context
    for member in ("runbookId", "version", "outcome", "merkleRoot"):
        yield member, header[member], told[member]
    yield "runbookDigest", context["runbookDigest"], told["runbookDigest"]
    yield "manifestHash", seals.manifest_hash(manifest), told["manifestHash"]
    yield "executedBy", header["executedBy"], above.header["executedBy"]
    yield "parametersDigest", context["parametersDigest"], digest_of(given)
    definition = read_documents(manifest, library)[0].definition
    own = definition.purpose if definition else None
    yield "purpose", context["purpose"], own or above.context["purpose"]


def _result_findings(where: str, name: str, told: Any, manifest: Manifest, library: Library) -> Iterator[Finding]:
    step = next((item for item in manifest.steps if item.step_id == name), None)
    if step is None or step.outcome not in ("done", "overridden"):
        stands = f"is {step.outcome}" if step else "is none of its steps"
        yield Finding(Fault.NOT_REPRODUCED, where, f"expected outputs of the step {name}, which {stands}")
        return
    try:
        outputs = Values(manifest, library).of(name, "outputs")
    except UnavailableError as error:
        yield Finding(Fault.INCOMPLETE, where, f"not held against the proof: {error}")
        return
    if canonical(outputs) != canonical(told):
        yield Finding(Fault.NOT_REPRODUCED, where, f"expected {got(outputs)} as its proof says, got {got(told)}")
