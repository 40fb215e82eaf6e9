"""Manifests that must be accepted: every outcome, every prover, every way to record a value."""

from __future__ import annotations

from collections.abc import Iterator

import scenarios
import small
from maker import proof, redact, seal

from corpus.cases import Case, step_of

_WHOLE = "The whole of an API's answer that looks like a marker"


def cases() -> Iterator[Case]:
    """All of them."""
    yield Case("completed", 0, "seven steps, every kind of step and prover, two warnings", scenarios.completed())
    yield Case("blocked", 0, "a KPI denies after a mutation; the rest is not-run", scenarios.blocked())
    yield Case("failed", 0, "an external API fails; a step in flight ends", scenarios.failed())
    yield Case("cancelled", 0, "stopped after two steps", scenarios.cancelled())
    yield Case("one-step", 0, "one step, one root without a tree", small.single({"value": 1}))
    yield from _denied()
    yield from _values()
    yield from _redacted()
    yield from _pinned()


def _denied() -> Iterator[Case]:
    for decision, modules in (
        ("deny", "package test\nallow := false\n"),
        ("undefined", "package test\nallow if input.nobody\n"),
        ("non-boolean", 'package test\nallow := "yes"\n'),
        ("error", "package test\nallow if {\n"),
        ("error", "package test\nallow if time.now_ns() > 0\n"),
        ("error", 'package test\nallow if http.send({"method": "get", "url": "http://x/"}).status_code == 200\n'),
        ("error", "package test\nallow := true\n\nunused := rand.intn(`x`, 2)\n"),
        ("error", "package test\nallow if to_number(`x`) == 1\n"),
    ):
        name = f"policy-{decision}-{small.slug(modules)}"
        yield Case(name, 0, f"blocked: the policy's decision is {decision}", small.gated(modules, decision))
    for result, reason, licence, check in (
        ("error", "licence.malformed_check", None, "enrich.example.com permits enrichment"),
        ("fail", "licence.unknown_resource", None, "other.example.com allows enrichment"),
        ("fail", "licence.not_permitted", "enrich@2", "enrich.example.com allows publication"),
    ):
        manifest = small.licensed(check, result, reason, licence)
        yield Case(f"licence-{reason[8:]}", 0, f"blocked: {reason}", manifest)
    for name, members, row, rows, value, result, reason in (
        ("no-row", "size > 1", None, 0, None, "error", "metric.no_row"),
        ("not-finite", "size / none >= 1", {"size": 1, "none": 0}, 1, None, "error", "metric.not_finite"),
        ("text", "size > 1", {"size": "2"}, 1, None, "error", "metric.not_finite"),
        ("expression-error", "$sum('x' + 1) > 1", {"size": 2}, 1, None, "error", "metric.expression_error"),
        ("on-the-threshold", "a / b >= 0.95", {"a": 19, "b": 20}, 1, 0.95, "pass", "metric.met"),
        ("quoted-operator", "$length(name & '>=') = 4", {"name": "ab"}, 1, 4, "pass", "metric.met"),
    ):
        manifest = small.measured(members, row, rows, value, result, reason)
        yield Case(f"metric-{name}", 0, f"{reason} by {members}", manifest)
    for name, kind, claims, reason in (
        ("undefined-prover", "undefined", {}, "prover.undefined"),
        ("unknown-kind", "oracle", {"gate": {"type": "oracle"}}, "prover.unknown_kind"),
        ("wrong-phase", "citations", {"gate": {"type": "citations"}}, "prover.wrong_phase"),
    ):
        gate = proof("gate", kind, "error", reason, {})
        yield Case(name, 0, f"blocked: {reason}", small.single({}, gate=gate, claims=claims))
    yield from _cited()


def _cited() -> Iterator[Case]:
    for name, outputs, evidence, result, reason in small.CITED:
        yield Case(f"citations-{name}", 0, reason, small.citing(outputs, evidence, result, reason))


def _values() -> Iterator[Case]:
    big = {"rows": ["x" * 100] * 640, "small": 1}
    yield Case("detached", 0, "a field above 65,536 bytes, its bytes among the materials", small.single(big))
    yield Case("detached-marker", 0, _WHOLE, small.single({"$digest": "sha256:00", "size": 1}))
    yield Case(
        "detached-redaction", 0, "a recorded field that looks like a redaction", small.single({"a": {"$redacted": "x"}})
    )
    limit = small.single({"text": "x" * 65_534})
    yield Case("inline-limit", 0, "a field of exactly 65,536 bytes stays inline", limit)
    odd = {"\U0001f600": 1, "\ufb33": 2, "\u00e9": 1e-7, "e\u0301": 0.1, "": None, "\r": 9007199254740991, "/": [[]]}
    yield Case(
        "names-and-numbers", 0, "member names sorted by UTF-16, numbers as ECMAScript spells them", small.single(odd)
    )
    deep: object = 1
    for _ in range(59):
        deep = [deep]
    yield Case("depth-64", 0, "64 levels of arrays and objects", seal(small.draft_single({"deep": deep})))
    hostile = scenarios.completed(executedBy="agent-456")
    step_of(hostile, "update")["observed"]["worker"] = "\u001b[2J\u202e<script>alert(1)</script>"
    yield Case("control-characters", 0, "legal text that a terminal or a page might obey", seal(hostile))
    outside = small.single(big)
    key = outside["steps"][0]["attestation"]["outputs"]["rows"]["$digest"]
    del outside["materials"][key]
    yield Case("payload-outside", 0, "detached bytes in a folder", outside, options=("--payloads", "payloads"))
    yield Case("payload-missing", 5, "detached bytes nowhere: full wants them", outside)
    yield Case("payload-missing-disclosure", 0, "disclosure does not", outside, options=("--profile", "disclosure"))
    yield Case("payload-missing-integrity", 0, "integrity does not", outside, options=("--profile", "integrity"))


def _redacted() -> Iterator[Case]:
    disclosure = ("--profile", "disclosure")
    for name, place in (
        ("field", ("assert-completeness", "outputs", "completeness")),
        ("whole", ("fetch", "outputs", "$")),
        ("evidence", ("update", "proofs", "postconditions/0/evidence")),
    ):
        manifest = redact(scenarios.completed(), *place)
        yield Case(f"redacted-{name}", 0, f"{'.'.join(place)} hidden after sealing", manifest, options=disclosure)
        yield Case(f"redacted-{name}-full", 5, "the same under full: not everything can be derived again", manifest)
    boolean = redact(small.single({"guilty": True, "name": "x"}), "only", "outputs", "guilty")
    yield Case(
        "redacted-boolean", 0, "a hidden boolean: 128 bits of salt stand before a guess", boolean, options=disclosure
    )


def _pinned() -> Iterator[Case]:
    manifest = scenarios.completed(previousManifestHash="sha256:" + "ab" * 32, executionSeq=7)
    pins = {
        "root": manifest["merkleRoot"],
        "runbook": "R9",
        "outcome": "completed",
        "executor": "agent-456",
        "previous": "sha256:" + "ab" * 32,
    }
    options = tuple(part for name, value in pins.items() for part in (f"--expect-{name}", value))
    yield Case("pinned", 0, "everything that can be pinned is met", manifest, options=options)
    wrong = {
        "root": "sha256:" + "00" * 32,
        "runbook": "R8",
        "outcome": "blocked",
        "executor": "agent-1",
        "previous": "none",
    }
    for name, value in wrong.items():
        yield Case(f"pinned-{name}", 3, f"another {name} was pinned", manifest, options=(f"--expect-{name}", value))
