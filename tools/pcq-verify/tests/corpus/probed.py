"""Vectors of the probes: each as it was, and of each kind a lying verdict, lying evidence, and evidence hidden."""

from __future__ import annotations

from collections.abc import Iterator

from maker import redact
from probes import PROBES, Probe, made

from corpus.cases import Case, Json

# Of a kind: the denial that a liar turns into a pass, with the reason of a pass; then what the liar changes elsewhere.
_LIES: list[tuple[str, str, str, Json]] = [
    ("words-literal", "citations.met", "words-met", {"claims": []}),
    ("row-count-too-few", "row_count.met", "row-count-met", {"rows": 4}),
    ("completeness-gaps", "completeness.met", "completeness-threshold", {"filled": 20}),
    ("freshness-stale", "freshness.met", "freshness-first-of-equals", {"oldest": "2026-02-03T03:30:00.5Z"}),
    ("schema-invalid", "schema.valid", "schema-invalid", {"errors": []}),
    ("disclosure-every-kind", "disclosure.none", "disclosure-one-kind", {"strings": 4}),
    ("window-over-midnight-not", "time_window.open", "window-half-hour", {"time": "04:05:06"}),
    ("budget-exceeded", "budget.reserved", "budget-by-inputs", {"amount": 6}),
    ("all-fail", "combined.met", "all-undecided", {"proofs": []}),
    ("any-fail", "combined.met", "any-circular", {"proofs": []}),
    ("at-least-fail", "combined.met", "at-least-pass", {"proofs": []}),
    ("licence-forbidden-part", "licence.permitted", "licence-duties", {"duties": []}),
    ("derived-denied", "licence.sources_permit", "derived-of-two", {"sources": ["open@1"]}),
]
_MORE: list[tuple[str, str, Json, str]] = [
    ("schema-errors-of-a-pass", "schema-valid", {"errors": ["/0"]}, "errors though the value is valid"),
    ("schema-errors-unsorted", "schema-invalid", {"errors": ["/2", "/0/age"]}, "errors in another order"),
    ("disclosure-findings", "disclosure-every-kind", {"findings": []}, "findings left out"),
    ("budget-limit", "budget-exceeded", {"limit": 11}, "another limit than the claim's"),
    ("budget-before-text", "budget-unknown", {"before": "0"}, "a reservation that is no number"),
    ("licence-revoked-pass", "licence-revoked", {"revoked": []}, "a revocation left out of the evidence"),
    (
        "licence-revoked-other",
        "licence-revoked",
        {"revoked": ["closed@1", "open@1"]},
        "a name that was not asked about",
    ),
    ("licence-revoked-twice", "licence-revoked", {"revoked": ["open@1", "open@1"]}, "a name twice"),
    ("licence-revoked-text", "licence-without-answer", {"revoked": "open@1"}, "an answer that is no list"),
    ("licence-answer-added", "licence-duties", {"revoked": None}, "a pass though the registry did not answer"),
    ("derived-revoked-unsorted", "derived-revoked", {"revoked": ["open@1", "closed@1"]}, "names in another order"),
    ("derived-nothing-asked", "derived-of-nothing", {"revoked": None}, "no answer though nothing was asked"),
    ("licence-rule", "licence-duties", {"rule": "log"}, "another rule than the first that permits"),
    ("licence-purpose", "licence-purpose-of-the-claim", {"purpose": "enrichment"}, "another purpose than the claim's"),
]


def valid_cases() -> Iterator[Case]:
    """Every probe; under full, hidden evidence leaves a verdict open."""
    for probe in PROBES:
        yield Case(f"prover-{probe.name}", 0, f"{probe.result}: {probe.reason}", made(probe))
    for name, _, _, _ in _LIES:
        hidden = redact(made(_named(name)), "only", "proofs", f"{_named(name).phase}/0/evidence")
        desc = f"the evidence of {_named(name).kind} is hidden"
        yield Case(f"prover-{name}-redacted", 0, desc, hidden, options=("--profile", "disclosure"))
        yield Case(f"prover-{name}-redacted-full", 5, f"{desc}: full wants it", hidden)


def attack_cases() -> Iterator[Case]:
    """Every lie, with every signature right."""
    for name, reason, other, change in _LIES:
        denied, told = _named(name), _named(other)
        verdict = made(denied.lying(result="pass", reason=reason))
        yield Case(f"prover-{name}-pass", 4, f"{denied.kind}: a pass that the evidence denies", verdict)
        evidence = made(told.lying(evidence={**told.evidence, **change}))
        yield Case(f"prover-{other}-evidence", 4, f"{told.kind}: other evidence than the record gives", evidence)
    for name, other, change, desc in _MORE:
        told = _named(other)
        yield Case(f"prover-{name}", 4, desc, made(told.lying(evidence={**told.evidence, **change})))
    yield from _nested_lies()
    yield from _malformed()


def _nested_lies() -> Iterator[Case]:
    told = _named("any-fail")
    [inner] = told.evidence["proofs"]
    better = {**inner, "result": "pass", "reason": "completeness.met"}
    lie = told.lying(result="pass", reason="combined.met", evidence={"proofs": [better]})
    yield Case("prover-nested-verdict", 4, "a combination passes with a lying proof in it", made(lie))
    hidden = {**inner, "evidence": {"$redacted": "sha256:" + "00" * 32}}
    lie = told.lying(evidence={"proofs": [hidden]})
    yield Case("prover-nested-redaction", 4, "a marker in place of one nested proof's evidence", made(lie))
    lie = told.lying(evidence={"proofs": [{**inner, "severity": "warn"}]})
    yield Case("prover-nested-member", 4, "a nested proof with a member more", made(lie))


def _malformed() -> Iterator[Case]:
    for name, members, desc in (
        ("words-met", {"templates": 1}, "templates that are a number"),
        ("row-count-met", {"minimum": -1}, "a minimum below 0"),
        ("row-count-too-many", {"maximum": None}, "a bound that is null"),
        ("completeness-whole", {"minimum": 1.5}, "a rate above 1"),
        ("completeness-whole", {"fields": ["a", "a"]}, "a field twice"),
        ("schema-valid", {"schema": True}, "a schema that is no object"),
        ("disclosure-cells", {"kinds": ["name"]}, "an unknown kind of personal data"),
        ("window-open", {"days": [0]}, "a day 0"),
        ("window-open", {"offset": "+1:00"}, "an offset in another spelling"),
        ("budget-reserved", {"period": "week"}, "an unknown period"),
        ("at-least-pass", {"minimum": 0}, "at least none"),
        ("licence-duties", {"facts": {"count": None}}, "a fact that is null"),
    ):
        told = _named(name)
        slug = desc.replace(" ", "-")
        bad = made(told.lying(claim={**told.claim, **members}))
        yield Case(f"claim-{told.kind.replace('_', '-')}-{slug}", 6, f"{told.kind}: {desc}", bad)


def _named(name: str) -> Probe:
    [found] = [probe for probe in PROBES if probe.name == name]
    return found
