"""Reports in words for people: one line a check, the reason last (spec/pcq-v1.md, 9)."""

from __future__ import annotations

__all__ = ["plain", "report_lines", "result_lines"]

from collections.abc import Iterator

from pcq_verify.report import Check, Report, Status

_MOST_FINDINGS = 20

_MARKS = {Status.PASS: "✔", Status.FAIL: "✘", Status.NOT_CHECKED: "–", Status.NOT_APPLICABLE: "–"}

_MEANINGS = {
    "read": "the file was read once",
    "parse": "strict JSON in its one spelling",
    "schema": "every member is known and of its type",
    "trust": "the trust file knows every key, for its role, at that time",
    "header": "context hash and signature of the manifest",
    "materials": "definition, policies, licences, registry and models hash to their digests",
    "order": "steps are in canonical order, as the definition declares",
    "leaves": "every value, proof and outcome is the one that was committed to",
    "chain": "every step names the one before it",
    "root": "number of steps, last step and Merkle root",
    "subroots": "observations, step signatures and approvals are complete",
    "signatures": "every step is signed",
    "payloads": "detached values hash to their digests",
    "approvals": "every decision is signed by who may decide, and every review is ended",
    "outcomes": "outcomes follow from the proofs and the decisions",
    "inputs": "inputs follow from the steps before",
    "outputs": "pure steps and exports computed again give the same, answers fit their schemas",
    "verdicts": "every prover judged again says the same, and the policy allows every decision",
    "expectations": "what was pinned is met",
}


def plain(text: str) -> str:
    """`text` with everything escaped that a terminal could obey or that cannot be seen."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def report_lines(report: Report) -> Iterator[str]:
    """One line a check, and the findings under it."""
    for check in report.checks:
        yield plain(f"{_MARKS[check.status]} {check.name:<13} {_summary(check)}")
        for finding in check.findings[:_MOST_FINDINGS]:
            yield plain(f"{'':16}{finding}")
        if len(check.findings) > _MOST_FINDINGS:
            yield f"{'':16}… and {len(check.findings) - _MOST_FINDINGS} more"


def _summary(check: Check) -> str:
    meaning = _MEANINGS[check.name]
    if check.status is Status.PASS:
        return meaning
    if check.status is Status.NOT_APPLICABLE:
        return f"not applicable: {check.note} ({meaning})"
    if check.status is Status.NOT_CHECKED:
        return f"not checked{': ' + check.note if check.note else ''} ({meaning})"
    return f"failed ({meaning})"


def result_lines(report: Report) -> Iterator[str]:
    """What the file proves when it is no success, and the last line."""
    if report.exit_code:
        yield plain(f"❌ Verification failed: {report.reason}")
        return
    if report.profile != "full":
        yield f"Profile {report.profile}: inputs, outputs and verdicts were not derived again."
    for note in report.notes:
        yield plain(f"Note: {note}.")
    for decision in report.decisions:
        yield plain(f"{decision}.")
    for artifact in report.artifacts:
        yield plain(f"{artifact}.")
    if report.ending:
        yield plain(f"This file proves that the execution {report.ending}.")
    yield "✅ Proofs verified"
