"""Verdicts and duties in plain words, one sentence a reason code (spec/provers.md).

Evidence has any shape a liar likes, so nothing is taken from it without looking.
"""

from __future__ import annotations

__all__ = ["REASONS", "duty_lines", "licences_named", "verdict_words"]

from collections.abc import Callable, Iterator, Mapping
from typing import Any

REASONS = {
    "policy.allowed": "the policy allows it",
    "policy.denied": "the policy denies it",
    "policy.undefined": "the policy gives no answer",
    "policy.non_boolean": "the policy's answer is neither true nor false",
    "policy.error": "the policy could not be evaluated",
    "licence.permitted": "a licence in force permits it",
    "licence.prohibited": "a licence in force prohibits it",
    "licence.not_permitted": "no licence in force permits it",
    "licence.revoked": "the licence that permits it is revoked",
    "licence.registry_unavailable": "the licence registry did not say whether the licence is revoked",
    "licence.not_active": "no licence for it is in force",
    "licence.not_assigned": "no licence in force is for this user",
    "licence.unknown_action": "the licence registry does not know the action",
    "licence.unknown_purpose": "the licence registry does not know the purpose",
    "licence.no_source": "no step before it rests on a licence",
    "licence.source_denies": "a licence of what it was made of does not let it happen",
    "licence.sources_permit": "every licence of what it was made of permits it",
    "licence.unknown_resource": "there is no licence for it",
    "licence.malformed_check": "the check is not of the form `resource allows action`",
    "metric.met": "the measured value meets the threshold",
    "metric.not_met": "the measured value does not meet the threshold",
    "metric.no_row": "the query did not give exactly one row",
    "metric.not_finite": "there is no finite value",
    "metric.expression_error": "the expression failed",
    "citations.met": "every claim has enough distinct sources",
    "citations.too_few": "a claim has too few distinct sources",
    "citations.dangling": "a citation leads nowhere",
    "citations.no_claims": "there is no claim",
    "citations.no_template": "a claim is not made of a template and recorded values",
    "citations.placeholders": "a template's placeholders are not its values",
    "citations.literal_number": "a template has a number of its own",
    "citations.value": "a claim's value is not what was recorded",
    "citations.text": "a claim's text is not its template with its values",
    "citations.malformed": "the claims are not of the expected shape",
    "row_count.met": "there are neither too few rows nor too many",
    "row_count.too_few": "there are too few rows",
    "row_count.too_many": "there are too many rows",
    "row_count.no_list": "there is no list of rows",
    "completeness.met": "enough of the cells are filled",
    "completeness.not_met": "too many cells are empty",
    "completeness.no_cells": "there are no cells to look at",
    "completeness.no_rows": "there is no list of rows",
    "freshness.met": "the oldest row is young enough",
    "freshness.stale": "the oldest row is too old",
    "freshness.future": "a row is dated in the future",
    "freshness.not_a_time": "a row has no valid time",
    "freshness.empty": "there are no rows to look at",
    "freshness.no_rows": "there is no list of rows",
    "schema.valid": "the value has the shape that the schema asks for",
    "schema.invalid": "the value does not have the shape that the schema asks for",
    "schema.unusable": "the schema cannot be used",
    "schema.no_value": "there is no value to look at",
    "disclosure.none": "no personal data and no small cells were found",
    "disclosure.personal_data": "a text looks like personal data",
    "disclosure.small_cell": "a count is so small that it may point at people",
    "disclosure.no_cells": "there are no counts to look at",
    "disclosure.no_value": "there is no value to look at",
    "time_window.open": "it is within the time window",
    "time_window.too_early": "it is before the time window begins",
    "time_window.too_late": "it is after the time window ends",
    "time_window.wrong_day": "it is not one of the days",
    "time_window.wrong_hour": "it is outside of the hours",
    "time_window.malformed": "the hours of the time window make no sense",
    "budget.reserved": "it stays within the budget",
    "budget.exceeded": "it would exceed the budget",
    "budget.unknown": "nobody knows how much of the budget is left",
    "budget.amount": "there is no amount to reserve",
    "combined.met": "enough of the combined provers pass",
    "combined.not_met": "too many of the combined provers fail",
    "combined.undecided": "too many of the combined provers could not decide",
    "combined.circular": "the combination contains itself or is nested too deeply",
    "four_eyes.approved": "enough others approved it",
    "four_eyes.break_glass": "another broke the glass for it: BREAK-GLASS",
    "four_eyes.not_approved": "nobody else approved it",
    "four_eyes.rejected": "another rejected it",
    "four_eyes.expired": "nobody decided in time",
    "prover.undefined": "nobody defined this prover",
    "prover.unknown_kind": "the kind of this prover is unknown",
    "prover.wrong_phase": "this prover does not belong in this phase",
}


def verdict_words(proof: Mapping[str, Any]) -> str:
    """Result, reason and the facts behind it, of a proof whose evidence has any shape."""
    words = REASONS.get(proof["reason"], proof["reason"])
    weight = "" if proof["severity"] == "block" else ", a warning only"
    return f"{proof['result']}, {words}{_detail(proof)}{weight}"


def duty_lines(proof: Mapping[str, Any]) -> Iterator[str]:
    """One line for each duty that a passing licence check brings, in combinations too."""
    for told in _licence_proofs(proof):
        evidence = told["evidence"]
        for duty in _objects(evidence.get("duties")):
            licence = duty.get("licence", evidence.get("licence"))
            seconds = duty.get("seconds")
            within = "" if seconds is None else f" within {seconds} s"
            yield f"duty: {duty.get('action')}{within} ({licence}, rule {duty.get('rule')})"


def licences_named(proof: Mapping[str, Any]) -> set[str]:
    """Names of the licences that a proof mentions, in combinations too."""
    names: set[str] = set()
    for told in _licence_proofs(proof):
        sources = told["evidence"].get("sources")
        found = [told["evidence"].get("licence"), *(sources if isinstance(sources, list) else ())]
        names.update(name for name in found if isinstance(name, str))
    return names


def _licence_proofs(proof: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    evidence = proof.get("evidence")
    if not isinstance(evidence, dict):
        return
    if proof.get("kind") in ("license_registry", "license_derived"):
        yield proof
    elif proof.get("kind") in ("all", "any", "at_least"):
        for nested in _objects(evidence.get("proofs")):
            yield from _licence_proofs(nested)


def _detail(proof: Mapping[str, Any]) -> str:
    evidence = proof["evidence"]
    if "$redacted" in evidence:
        return " (evidence not shown)"
    tell = _DETAILS.get(proof["kind"])
    return f" ({tell(evidence)})" if tell else ""


def _authority(evidence: Mapping[str, Any]) -> str:
    action, resource = _at(evidence, "input", "action", "name"), _at(evidence, "input", "resource", "type")
    return f"{action} {resource}, asked as {evidence.get('query')}"


def _licence(evidence: Mapping[str, Any]) -> str:
    licence = evidence.get("licence") or "no licence"
    rule = f", rule {evidence['rule']}" if evidence.get("rule") else ""
    return f"{evidence.get('action')} of {evidence.get('resource')}: {licence}{rule}"


def _derived(evidence: Mapping[str, Any]) -> str:
    sources = evidence.get("sources")
    named = ", ".join(str(name) for name in sources) if isinstance(sources, list) and sources else "nothing licensed"
    denying = f", denied by {evidence['licence']}" if evidence.get("licence") else ""
    return f"{evidence.get('action')} of what was made of {named}{denying}"


def _disclosure(evidence: Mapping[str, Any]) -> str:
    findings = [f"{item.get('kind')} at {item.get('pointer')}" for item in _objects(evidence.get("findings"))]
    return f"{evidence.get('strings')} texts looked at; {', '.join(findings) or 'no finding'}"


def _four_eyes(evidence: Mapping[str, Any]) -> str:
    told = [f"{item.get('decision')} by {item.get('approver')}" for item in _objects(evidence.get("approvals"))]
    return f"{', '.join(told) or 'no decision'}; quorum {evidence.get('quorum')}"


def _combination(evidence: Mapping[str, Any]) -> str:
    told = [f"{item.get('prover')}: {item.get('result')}" for item in _objects(evidence.get("proofs"))]
    return ", ".join(told) or "no proofs"


_DETAILS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "opa": _authority,
    "license_registry": _licence,
    "license_derived": _derived,
    "metric": lambda evidence: f"measured {evidence.get('value')}",
    "citations": lambda evidence: f"claims: {len(_objects(evidence.get('claims')))}",
    "row_count": lambda evidence: f"rows: {evidence.get('rows')}",
    "completeness": lambda evidence: f"filled {evidence.get('filled')} of {evidence.get('cells')} cells",
    "freshness": lambda evidence: f"oldest {evidence.get('oldest')}, now {evidence.get('now')}",
    "schema": lambda evidence: f"schema {evidence.get('schema')}",
    "disclosure": _disclosure,
    "time_window": lambda evidence: f"day {evidence.get('day')} of the week, {evidence.get('time')}",
    "budget": lambda evidence: (
        f"{evidence.get('amount')} more of {evidence.get('counter')} after {evidence.get('before')},"
        f" limit {evidence.get('limit')}, period {evidence.get('period')}"
    ),
    "four_eyes": _four_eyes,
    "all": _combination,
    "any": _combination,
    "at_least": _combination,
}


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
