"""`all`, `any`, `at_least`: several provers that count as one (spec/provers.md, 14).

Every nested judgement has a recorded proof beside it, so the work is bounded by the file and not by the definition,
in which a few names can stand for a tree of millions.
"""

from __future__ import annotations

__all__ = ["COMBINATIONS", "MOST_DEPTH", "ContradictionError", "judge_combined", "self_containing"]

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pcq_verify.claims import COMBINATIONS
from pcq_verify.provers.judgement import Judgement
from pcq_verify.shapes import got
from pcq_verify.values import UnavailableError

MOST_DEPTH = 4

Nested = Callable[[str, Mapping[str, Any]], dict[str, Any]]


class ContradictionError(ValueError):
    """The evidence has not one proof for each name of the claim, in that order."""


def judge_combined(claim: Mapping[str, Any], recorded: Mapping[str, Any], judge: Nested) -> Judgement:
    """From the nested proofs, each judged again by `judge`; raises ContradictionError, UnavailableError."""
    if "$redacted" in recorded:
        raise UnavailableError("the evidence is redacted")
    names, found = claim["provers"], recorded.get("proofs")
    told = [_name(proof) for proof in found] if type(found) is list else []
    if type(found) is not list or told != names:
        raise ContradictionError(f"evidence.proofs: expected the provers {got(names)}, got {got(told)}")
    proofs = [judge(name, _evidence(proof)) for name, proof in zip(names, found, strict=True)]
    result = _result(claim, [proof["result"] for proof in proofs])
    reasons = {"pass": "combined.met", "fail": "combined.not_met", "error": "combined.undecided"}
    return Judgement(result, reasons[result], {"proofs": proofs})


def _name(proof: Any) -> Any:
    return proof.get("prover") if type(proof) is dict else None


def _evidence(proof: Mapping[str, Any]) -> Mapping[str, Any]:
    # Evidence is hidden as a whole; a nested marker is no redaction but a proof without its evidence.
    evidence = proof.get("evidence")
    return evidence if type(evidence) is dict and "$redacted" not in evidence else {}


def _result(claim: Mapping[str, Any], results: list[str]) -> str:
    passed, failed = results.count("pass"), results.count("fail")
    if not results:
        return "fail"
    needed = {"all": len(results), "any": 1}.get(claim["type"]) or claim["minimum"]
    if passed >= needed:
        return "pass"
    return "fail" if len(results) - failed < needed else "error"


def self_containing(provers: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Names of the combinations that contain themselves, directly or not; `provers` maps each to what it names.

    Two walks (Kosaraju): combinations that reach each other make a component, and several of them make a circle.
    """
    inner = {name: [other for other in names if other in provers] for name, names in provers.items()}
    outer: dict[str, list[str]] = {name: [] for name in inner}
    for name, others in inner.items():
        for other in others:
            outer[other].append(name)
    seen: set[str] = set()
    left = [name for start in inner for name in _walk(start, inner, seen)]
    seen, circles = set(), set()
    for start in reversed(left):
        component = _walk(start, outer, seen)
        if len(component) > 1 or start in inner[start]:
            circles.update(component)
    return frozenset(circles)


def _walk(start: str, graph: Mapping[str, list[str]], seen: set[str]) -> list[str]:
    """What is reached from `start` and was not `seen`, in the order of being left; a chain may be 10,000 deep."""
    if start in seen:
        return []
    seen.add(start)
    left, waiting = [], [(start, iter(graph[start]))]
    while waiting:
        name, others = waiting[-1]
        following = next((other for other in others if other not in seen), None)
        if following is None:
            left.append(name)
            waiting.pop()
        else:
            seen.add(following)
            waiting.append((following, iter(graph[following])))
    return left
