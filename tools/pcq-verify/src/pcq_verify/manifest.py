"""A manifest whose shape is good, cut into steps, sections and fields (spec/pcq-v1.md, 4.2).

`read_manifest` is the only maker. It finds what a table of shapes cannot: a salt without its field, a field without its
salt, a marker that is none, a value that should have been detached, a material that nothing refers to.
"""

from __future__ import annotations

__all__ = ["INLINE_LIMIT", "Field", "Manifest", "Section", "Step", "read_manifest"]

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pcq_verify.approvals import Approval
from pcq_verify.encoding import decode_base64, is_digest
from pcq_verify.jcs import canonical
from pcq_verify.report import Fault, Finding

INLINE_LIMIT = 65_536

_PHASES = ("preconditions", "postconditions")
_MATERIAL_MEMBERS = ("runbookDigest", "parametersDigest", "provers", "policies", "licences")
_NOT_HEADER = ("steps", "materials", "approvals", "signature")


@dataclass(frozen=True)
class Field:
    """One committed field. Shown: `encoded` is J(value) and `salt` is there. Redacted: `hidden` is its digest."""

    value: Any
    encoded: bytes
    salt: bytes
    hidden: str | None = None

    @property
    def marker(self) -> dict[str, Any] | None:
        """The marker of a detached value: `$digest`, `size`, `mediaType`."""
        value = self.value
        return value if self.hidden is None and type(value) is dict and "$digest" in value else None


@dataclass(frozen=True)
class Section:
    """The fields of `inputs`, `outputs` or `proofs` by key; `whole` says that the one field `$` is the value."""

    name: str
    fields: dict[str, Field]
    whole: bool


@dataclass(frozen=True)
class Step:
    """One step as the file has it."""

    index: int
    step_id: str
    attestation: dict[str, Any]
    proofs: dict[str, list[dict[str, Any]]]
    observed: dict[str, Any]
    sections: dict[str, Section]

    @property
    def outcome(self) -> str:
        """`done`, `failed`, `skipped`, `blocked`, `not-run` or `overridden`."""
        outcome: str = self.attestation["outcome"]
        return outcome

    @property
    def has_outputs(self) -> bool:
        """True unless it failed, never started, or a precondition blocked it: those never got as far as outputs."""
        is_judged = self.outcome == "blocked" and bool(self.proofs["postconditions"])
        return is_judged or self.outcome in ("done", "overridden")

    @property
    def name(self) -> str:
        """The step for a message."""
        return f"step {self.step_id}"


@dataclass(frozen=True)
class Manifest:
    """The whole file, cut up; `header` is the part that `signature` signs."""

    header: dict[str, Any]
    context: dict[str, Any]
    signature: bytes
    steps: tuple[Step, ...]
    materials: dict[str, dict[str, str]]
    depends_on: dict[str, tuple[str, ...]]
    approvals: tuple[Approval, ...]


def read_manifest(value: dict[str, Any]) -> tuple[Manifest, list[Finding]]:
    """The manifest of a value that `schema.check_manifest` found nothing against, and what is wrong with its fields."""
    findings: list[Finding] = []
    steps = tuple(_read_step(index, step, findings) for index, step in enumerate(value["steps"]))
    context = value["context"]
    manifest = Manifest(
        header={name: member for name, member in value.items() if name not in _NOT_HEADER},
        context=context,
        signature=decode_base64(value["signature"]) or b"",
        steps=steps,
        materials=value["materials"],
        depends_on={item["stepId"]: tuple(item["dependsOn"]) for item in context["steps"]},
        approvals=tuple(Approval(position, item) for position, item in enumerate(value["approvals"])),
    )
    findings.extend(_unknown_extensions(manifest))
    findings.extend(_strange_materials(manifest))
    return manifest, findings


def _read_step(index: int, step: dict[str, Any], findings: list[Finding]) -> Step:
    attestation, salts = step["attestation"], step["attestation"]["salts"]
    where = f"step {step['stepId']}"
    sections = {}
    for name in ("inputs", "outputs"):
        values, whole = _fields_of(attestation[name])
        sections[name] = Section(name, _read_fields(values, salts[name], (where, name), findings), whole)
    values = {}
    for phase in _PHASES:
        for position, proof in enumerate(step["proofs"][phase]):
            values[f"{phase}/{position}"] = {name: member for name, member in proof.items() if name != "evidence"}
            values[f"{phase}/{position}/evidence"] = proof["evidence"]
    fields = _read_fields(values, salts["proofs"], (where, "proofs"), findings)
    sections["proofs"] = Section("proofs", fields, whole=False)
    return Step(index, step["stepId"], attestation, step["proofs"], step["observed"], sections)


def _fields_of(value: Any) -> tuple[dict[str, Any], bool]:
    if type(value) is dict and not any(name.startswith("$") for name in value):
        return value, False
    return {"$": value}, True


def _read_fields(
    values: dict[str, Any], salts: dict[str, str], place: tuple[str, str], findings: list[Finding]
) -> dict[str, Field]:
    fields, can_detach, where = {}, place[1] != "proofs", ", ".join(place)
    for key, value in values.items():
        problem = _marker_problem(value, can_detach=can_detach)
        hidden = value["$redacted"] if type(value) is dict and "$redacted" in value and not problem else None
        encoded = b"" if hidden else canonical(value)
        if not problem and (key in salts) == (hidden is not None):
            problem = "a redacted field has a salt" if hidden else "a field that is shown has no salt"
        elif not problem and can_detach and len(encoded) > INLINE_LIMIT:
            problem = f"a value of {len(encoded)} bytes must be detached; the limit is {INLINE_LIMIT}"
        if problem:
            findings.append(Finding(Fault.MALFORMED, f"{where}.{key}", problem))
        salt = b"" if hidden else decode_base64(salts.get(key)) or b""
        fields[key] = Field(value, encoded, salt, hidden)
    findings.extend(
        Finding(Fault.MALFORMED, f"{where}.{key}", "a salt without a field") for key in salts if key not in values
    )
    return fields


def _marker_problem(value: Any, *, can_detach: bool) -> str:
    if type(value) is not dict:
        return ""
    if "$redacted" in value:
        if len(value) == 1 and is_digest(value["$redacted"]):
            return ""
        return "expected a redaction to be {$redacted: digest}"
    if "$digest" in value and can_detach:
        size = value.get("size")
        well_formed = len(value) == 3 and is_digest(value["$digest"]) and type(size) is int and size >= 0
        if not well_formed or value.get("mediaType") != "application/json":
            return "expected a detached value to be {$digest, size, mediaType: application/json}"
    return ""


def _unknown_extensions(manifest: Manifest) -> Iterator[Finding]:
    for name in manifest.header["critical"]:
        yield Finding(Fault.INCOMPLETE, "critical", f"extension {name!r} must be understood and this verifier does not")


def _strange_materials(manifest: Manifest) -> Iterator[Finding]:
    context = manifest.context
    known = {context[name] for name in _MATERIAL_MEMBERS}
    known.update(context["models"].values(), context["schemas"].values())
    for step in manifest.steps:
        for name in ("inputs", "outputs"):
            for field in step.sections[name].fields.values():
                marker = field.marker
                if marker is not None:
                    known.add(marker.get("$digest"))
    for key in manifest.materials:
        if key not in known:
            yield Finding(Fault.MALFORMED, f"materials.{key}", "a material that nothing refers to")
