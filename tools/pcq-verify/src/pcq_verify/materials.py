"""Materials: the bytes behind the digests, hashed again, and the documents that every judgement needs.

A material is in the manifest or, for parameters and detached values, in a place that the caller knows
(spec/pcq-v1.md, 7). Nothing here trusts a digest that it did not compute.
"""

from __future__ import annotations

__all__ = ["Documents", "Library", "read_documents"]

import base64
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from pcq_verify.claims import CLAIMS
from pcq_verify.definition import Definition, check_definition, read_definition
from pcq_verify.encoding import digest
from pcq_verify.jcs import canonical
from pcq_verify.licence_registry import check_licences
from pcq_verify.manifest import Manifest
from pcq_verify.models import check_model
from pcq_verify.report import Fault, Finding
from pcq_verify.shapes import Checker, ShapeError, any_value, mapping, open_object, text
from pcq_verify.strict_json import StrictJsonError, parse_json

Payloads = Callable[[str], bytes | None]

_BUNDLE = open_object({"modules": mapping(text), "data": mapping(any_value)})


class Library:
    """Bytes by digest: the manifest's materials first, then what the caller can fetch."""

    def __init__(self, manifest: Manifest, payloads: Payloads | None) -> None:
        self._materials = manifest.materials
        self._payloads = payloads

    def get(self, key: str) -> bytes | None:
        """The bytes, or None when nobody has them; the caller compares the digest."""
        material = self._materials.get(key)
        if material is None:
            return self._payloads(key) if self._payloads else None
        if "text" in material:
            return material["text"].encode("utf-8")
        return base64.b64decode(material["base64"])


@dataclass(frozen=True)
class Documents:
    """What the context names, read; None for a document that is missing or not usable."""

    definition: Definition | None = None
    provers: dict[str, Any] | None = None
    policies: dict[str, Any] | None = None
    licences: dict[str, Any] | None = None
    parameters: dict[str, Any] | None = None
    models: Mapping[str, dict[str, Any]] = field(default_factory=dict)


def read_documents(manifest: Manifest, library: Library) -> tuple[Documents, list[Finding]]:
    """The documents of a manifest, and every material that is missing, damaged or of the wrong shape."""
    findings = _hash_findings(manifest, library)
    spoiled = {finding.where for finding in findings}
    found: dict[str, Any] = {}
    for name, member, checker in (
        ("definition", "runbookDigest", check_definition),
        ("provers", "provers", CLAIMS),
        ("policies", "policies", _BUNDLE),
        ("licences", "licences", check_licences),
        ("parameters", "parametersDigest", mapping(any_value)),
    ):
        key = manifest.context[member]
        is_there = key in manifest.materials
        # Only the parameters may lie beside the manifest instead of in it.
        data = library.get(key) if f"materials.{key}" not in spoiled and (is_there or name == "parameters") else None
        if not is_there and name != "parameters":
            findings.append(Finding(Fault.INCOMPLETE, f"materials, {member}", f"{key} is missing"))
        if data is not None:
            found[name] = _read_document(data, key, member, checker, findings)
    if found.get("definition") is not None:
        found["definition"] = read_definition(found["definition"])
    return Documents(**found, models=_read_models(manifest, library, spoiled, findings)), findings


def _read_models(
    manifest: Manifest, library: Library, spoiled: Container[str], findings: list[Finding]
) -> dict[str, dict[str, Any]]:
    models = {}
    for name, key in manifest.context["models"].items():
        where = f"models.{name}"
        if key not in manifest.materials:
            findings.append(Finding(Fault.INCOMPLETE, f"materials, {where}", f"{key} is missing"))
        elif f"materials.{key}" not in spoiled:
            model = _read_document(library.get(key) or b"", key, where, check_model, findings)
            if model is not None and model["modelId"] != name:
                message = f"expected the model {name!r}, got {model['modelId']!r}"
                findings.append(Finding(Fault.INVALID, f"materials, {where}", message))
            elif model is not None:
                models[name] = model
    return models


def _hash_findings(manifest: Manifest, library: Library) -> list[Finding]:
    findings = []
    for key in manifest.materials:
        actual = digest(library.get(key) or b"")
        if actual != key:
            findings.append(Finding(Fault.INVALID, f"materials.{key}", f"its bytes hash to {actual}"))
    return findings


def _read_document(data: bytes, key: str, member: str, checker: Checker, findings: list[Finding]) -> Any:
    where = f"materials, {member}"
    if digest(data) != key:
        findings.append(Finding(Fault.INVALID, where, f"expected bytes that hash to {key}, got {digest(data)}"))
        return None
    try:
        value = parse_json(data)
        checker(value)
    except StrictJsonError as error:
        findings.append(Finding(Fault.MALFORMED, where, str(error)))
        return None
    except ShapeError as error:
        findings.append(Finding(Fault.MALFORMED, f"{where}, {error.where}", error.message))
        return None
    if canonical(value) != data:
        findings.append(Finding(Fault.MALFORMED, where, "the bytes are not the RFC 8785 form of their JSON"))
        return None
    return value
