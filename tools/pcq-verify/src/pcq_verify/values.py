"""Recorded values of steps, put together from what is shown, and what a step may see of the steps before it.

A value that is redacted, or whose bytes nobody has, raises UnavailableError: the check that needs it did not happen.
"""

from __future__ import annotations

__all__ = ["UnavailableError", "Values", "check_payloads", "compare"]

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from pcq_verify.encoding import digest
from pcq_verify.jcs import canonical
from pcq_verify.manifest import INLINE_LIMIT, Field, Manifest, Section, Step
from pcq_verify.materials import Library
from pcq_verify.report import Fault, Finding
from pcq_verify.shapes import got
from pcq_verify.strict_json import StrictJsonError, parse_json


class UnavailableError(LookupError):
    """A value that a check needs is redacted or missing; the message says which."""


class Values:
    """The inputs and outputs of every step, and who is whose ancestor."""

    def __init__(self, manifest: Manifest, library: Library) -> None:
        self._steps = {step.step_id: step for step in manifest.steps}
        self._depends_on = manifest.depends_on
        self._library = library
        self._known: dict[tuple[str, str], Any] = {}

    def of(self, step_id: str, section: str) -> Any:
        """The recorded `inputs` or `outputs` of a step; raises UnavailableError."""
        if (step_id, section) not in self._known:
            self._known[step_id, section] = self._assemble(self._steps[step_id], section)
        return self._known[step_id, section]

    def step(self, step_id: str) -> Step:
        """The step as the file has it."""
        return self._steps[step_id]

    def ancestors(self, step_id: str) -> list[str]:
        """All steps that this one depends on, directly or not, and that were not skipped, sorted."""
        found: set[str] = set()
        waiting = list(self._depends_on[step_id])
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self._depends_on[name])
        return sorted(name for name in found if self._steps[name].outcome != "skipped")

    def _assemble(self, step: Step, name: str) -> Any:
        section = step.sections[name]
        value = {key: self._value(step, name, key, field) for key, field in section.fields.items()}
        return value["$"] if section.whole else value

    def _value(self, step: Step, section: str, key: str, field: Field) -> Any:
        where = f"{step.name}, {section}.{key}"
        if field.hidden:
            raise UnavailableError(f"{where} is redacted")
        marker = field.marker
        if marker is None:
            return field.value
        data = self._library.get(marker["$digest"])
        # The bytes may come from a folder that somebody else can write, so they are hashed at every use.
        if data is None or digest(data) != marker["$digest"]:
            raise UnavailableError(f"{where}: the detached bytes {marker['$digest']} are missing")
        return parse_json(data)


def check_payloads(manifest: Manifest, library: Library, *, tolerant: bool) -> Iterator[Finding]:
    """Detached bytes against their markers; a missing payload is a finding unless `tolerant`."""

    @lru_cache(maxsize=1)
    def fetch(key: str) -> bytes | None:
        return library.get(key)

    for step in manifest.steps:
        for name in ("inputs", "outputs"):
            for key, field in step.sections[name].fields.items():
                marker, where = field.marker, f"{step.name}, {name}.{key}"
                if marker is None:
                    continue
                data = fetch(marker["$digest"])
                if data is not None:
                    yield from _payload_problems(marker, data, where)
                elif not tolerant:
                    yield Finding(Fault.INCOMPLETE, where, f"the detached bytes {marker['$digest']} are missing")


def _payload_problems(marker: Mapping[str, Any], data: bytes, where: str) -> Iterator[Finding]:
    if digest(data) != marker["$digest"]:
        yield Finding(Fault.INVALID, where, f"expected bytes that hash to {marker['$digest']}, got {digest(data)}")
        return
    if len(data) != marker["size"]:
        yield Finding(Fault.INVALID, where, f"expected {marker['size']} bytes, got {len(data)}")
    try:
        value = parse_json(data)
    except StrictJsonError as error:
        yield Finding(Fault.MALFORMED, where, f"the detached bytes are no strict JSON: {error}")
        return
    if canonical(value) != data:
        yield Finding(Fault.MALFORMED, where, "the detached bytes are not the RFC 8785 form of their JSON")
    elif not _must_detach(value, len(data)):
        yield Finding(Fault.INVALID, where, f"{len(data)} bytes are detached; expected the value itself")


def compare(expected: Any, section: Section, where: str) -> Iterator[Finding]:
    """Findings where a recomputed value and the recorded section differ, field by field."""
    fields = _fields(expected)
    if fields.keys() != section.fields.keys():
        message = f"expected members {got(sorted(fields))}, got {got(sorted(section.fields))}"
        yield Finding(Fault.NOT_REPRODUCED, f"{where}, {section.name}", message)
        return
    for key, value in fields.items():
        field, place = section.fields[key], f"{where}, {section.name}.{key}"
        if field.hidden:
            yield Finding(Fault.INCOMPLETE, place, "is redacted")
            continue
        encoded = canonical(value)
        if _must_detach(value, len(encoded)):
            encoded = canonical({"$digest": digest(encoded), "size": len(encoded), "mediaType": "application/json"})
        if encoded != field.encoded:
            message = f"expected {_cut(encoded)} when recomputed, got {_cut(field.encoded)}"
            yield Finding(Fault.NOT_REPRODUCED, place, message)


def _fields(value: Any) -> dict[str, Any]:
    if type(value) is dict and not any(name.startswith("$") for name in value):
        return value
    return {"$": value}


def _must_detach(value: Any, size: int) -> bool:
    return size > INLINE_LIMIT or (type(value) is dict and ("$digest" in value or "$redacted" in value))


def _cut(encoded: bytes) -> str:
    shown = encoded.decode("utf-8")
    return shown if len(shown) <= 80 else shown[:77] + "..."
