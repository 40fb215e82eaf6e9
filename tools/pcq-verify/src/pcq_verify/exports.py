"""What an export wrote, computed again from its recorded inputs, and files held against it (spec/execution.md, 4)."""

from __future__ import annotations

__all__ = ["Artifact", "Exports", "NoExportError", "exported"]

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pcq_verify.definition import Definition
from pcq_verify.encoding import digest, is_digest
from pcq_verify.jcs import canonical
from pcq_verify.manifest import Manifest
from pcq_verify.report import Fault, Finding
from pcq_verify.values import UnavailableError, Values

_FORMULA_STARTS = frozenset("=+-@\t\r\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b")
_MUST_QUOTE = frozenset(',"\r\n')


class NoExportError(ValueError):
    """These inputs have no such file; the message says why."""


@dataclass(frozen=True)
class Artifact:
    """A file that somebody has: its name, its digest and its size in bytes."""

    name: str
    digest: str
    size: int


def exported(declared: Mapping[str, Any], inputs: Any) -> dict[str, Any]:
    """The outputs of an export of these inputs; raises NoExportError."""
    form = declared.get("format", "json")
    if form == "artifact":
        return {"file": declared["file"], **_artifact(inputs)}
    data = canonical(inputs) if form == "json" else _csv(inputs, declared.get("columns"))
    media_type = "application/json" if form == "json" else "text/csv"
    return {"file": declared["file"], "mediaType": media_type, "digest": digest(data), "size": len(data)}


def _artifact(inputs: Any) -> dict[str, Any]:
    told = inputs if type(inputs) is dict else {}
    size, media_type = told.get("size"), told.get("mediaType")
    if not is_digest(told.get("digest")) or type(size) is not int or size < 0 or type(media_type) is not str:
        raise NoExportError("its inputs are no artifact")
    return {"mediaType": media_type, "digest": told["digest"], "size": size}


def _csv(rows: Any, columns: Sequence[str] | None) -> bytes:
    if type(rows) is not list or any(type(row) is not dict for row in rows):
        raise NoExportError("its inputs are no list of objects")
    if columns is None:
        columns = sorted({name for row in rows for name in row}, key=lambda name: name.encode("utf-8"))
    if not columns:
        return b""
    table = [[_cell(name) for name in columns]]
    table += [[_cell(row[name]) if name in row else "" for name in columns] for row in rows]
    return "".join(_record(cells) for cells in table).encode("utf-8")


def _record(cells: list[str]) -> str:
    line = ",".join(cells)
    return (line or '""' if len(cells) == 1 else line) + "\r\n"


def _cell(value: Any) -> str:
    if type(value) in (dict, list):
        raise NoExportError("a cell of its inputs is a list or an object")
    if type(value) is not str:
        return "" if value is None else canonical(value).decode("ascii")
    if value[:1] in _FORMULA_STARTS:
        value = "'" + value
    return f'"{value.replace(chr(34), chr(34) * 2)}"' if _MUST_QUOTE.intersection(value) else value


@dataclass(frozen=True)
class Exports:
    """What the exports of one execution wrote; `definition` is None when it is missing."""

    manifest: Manifest
    definition: Definition | None
    values: Values

    def check(self, artifacts: Sequence[Artifact]) -> Iterator[Finding]:
        """Findings for files that no export wrote."""
        for artifact in artifacts:
            if self.definition is None:
                yield Finding(
                    Fault.INCOMPLETE, artifact.name, "the definition is missing, which says what is an export"
                )
            elif not self.words([artifact]):
                message = f"expected a file that an export of this execution wrote, got {artifact.size} bytes"
                yield Finding(Fault.UNTRUSTED, artifact.name, f"{message} that hash to {artifact.digest}")

    def words(self, artifacts: Sequence[Artifact]) -> list[str]:
        """Which step wrote each of these files."""
        return [
            f"{artifact.name} is the file {outputs.get('file')} that the step {step_id} exported"
            for artifact in artifacts
            for step_id, outputs in self._outputs()
            if (outputs.get("digest"), outputs.get("size")) == (artifact.digest, artifact.size)
        ]

    def _outputs(self) -> Iterator[tuple[str, dict[str, Any]]]:
        known = self.definition.steps if self.definition is not None else {}
        for step in self.manifest.steps:
            if step.step_id not in known or known[step.step_id].kind != "export":
                continue
            if step.outcome not in ("done", "overridden"):
                continue
            try:
                outputs = self.values.of(step.step_id, "outputs")
            except UnavailableError:
                continue
            if type(outputs) is dict:
                yield step.step_id, outputs
