"""What a verification found: one status a check, one finding a fault, one exit code (spec/pcq-v1.md, 9)."""

from __future__ import annotations

__all__ = ["CHECKS", "Check", "Fault", "Finding", "Report", "Status"]

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

CHECKS = (
    "read", "parse", "schema", "trust", "header", "materials", "order", "leaves", "chain", "root", "subroots",
    "signatures", "payloads", "approvals", "outcomes", "inputs", "outputs", "verdicts", "expectations",
)  # fmt: skip


class Status(StrEnum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105 - a status, not a secret
    FAIL = "fail"
    NOT_CHECKED = "not-checked"
    NOT_APPLICABLE = "not-applicable"


class Fault(IntEnum):
    """The kind of a finding; its value is the exit code."""

    INVALID = 1
    USAGE = 2
    UNTRUSTED = 3
    NOT_REPRODUCED = 4
    INCOMPLETE = 5
    MALFORMED = 6


_PRECEDENCE = (
    Fault.USAGE,
    Fault.MALFORMED,
    Fault.INVALID,
    Fault.UNTRUSTED,
    Fault.NOT_REPRODUCED,
    Fault.INCOMPLETE,
)


@dataclass(frozen=True)
class Finding:
    """One fault: what kind, where (step and member), and what was expected and got."""

    fault: Fault
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


@dataclass(frozen=True)
class Check:
    """One numbered check; `note` says what it covered or why it did not run."""

    name: str
    status: Status
    findings: tuple[Finding, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Report:
    """All 19 checks of one manifest under one profile.

    `facts` are members of the header, `notes` say what was not at hand and not required, `decisions` says in words what
    people decided and `ending` how an execution that is not completed ended, `artifacts` which steps wrote the files
    that were asked about; all are proven only when `exit_code` is 0.
    """

    profile: str
    required: frozenset[str]
    checks: tuple[Check, ...]
    facts: dict[str, Any] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()
    ending: str = ""
    artifacts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every fault that was found, in the order of the checks."""
        return tuple(finding for check in self.checks for finding in check.findings)

    @property
    def exit_code(self) -> int:
        """The process's exit code: 0, or the first of the precedence 2, 6, 1, 3, 4, 7, 5 that was found."""
        faults = {finding.fault for check in self.checks if check.name in self.required for finding in check.findings}
        for fault in _PRECEDENCE:
            if fault in faults:
                return int(fault)
        unmet = any(
            check.status in (Status.FAIL, Status.NOT_CHECKED) for check in self.checks if check.name in self.required
        )
        return int(Fault.INCOMPLETE) if unmet else 0

    @property
    def reason(self) -> str:
        """The first finding that the exit code speaks of, in words; empty when the exit code is 0."""
        code = self.exit_code
        if not code:
            return ""
        for check in self.checks:
            for finding in check.findings:
                if finding.fault == code and check.name in self.required:
                    return f"{check.name}: {finding}"
        return "a check that the profile requires could not run"

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values, for machines."""
        return {
            "profile": self.profile,
            "exit": self.exit_code,
            "verified": self.exit_code == 0,
            "reason": self.reason,
            "manifest": self.facts,
            "decisions": list(self.decisions),
            "ending": self.ending,
            "notes": list(self.notes),
            "artifacts": list(self.artifacts),
            "checks": [
                {
                    "check": check.name,
                    "status": check.status.value,
                    "required": check.name in self.required,
                    "note": check.note,
                    "findings": [
                        {"exit": int(item.fault), "where": item.where, "message": item.message}
                        for item in check.findings
                    ],
                }
                for check in self.checks
            ],
        }
