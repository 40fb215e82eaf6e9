"""One claim, what the step gave, and the verdict that follows, for every kind of prover without a scenario of its own.

Every number of the evidence is written out by hand.
"""

from __future__ import annotations

__all__ = ["PROBES", "Probe", "made"]

from dataclasses import dataclass, field, replace
from typing import Any

import small
from keyring import digest_of
from licence_probes import DERIVED, LICENSED, REGISTRY
from maker import TIME, draft, proof, seal, step
from scenarios import documents

Json = Any


@dataclass(frozen=True)
class Probe:
    """A step with one prover, named `gate`; `before` are steps that it depends on, `also` claims of its phase."""

    name: str
    claim: Json
    evidence: Json
    result: str
    reason: str
    outputs: Json = field(default_factory=dict)
    also: Json = field(default_factory=dict)
    before: tuple[tuple[str, list[Json], Json], ...] = ()
    papers: Json = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The claim's type."""
        kind: str = self.claim["type"]
        return kind

    @property
    def phase(self) -> str:
        """Where the prover stands; combinations are tried after the step."""
        before = self.kind in ("license_registry", "license_derived", "time_window", "budget")
        return "preconditions" if before else "postconditions"

    def lying(self, **members: Json) -> Probe:
        """The same with another verdict or other evidence."""
        return replace(self, **members)


def made(probe: Probe) -> Json:
    """The sealed manifest of a probe."""
    names = [name for name, _, _ in probe.before]
    definition = small.runbook({probe.phase: {"gate": probe.claim}}, dependsOn=names)
    definition["provers"][probe.phase].update(probe.also)
    items = []
    for name, gates, outputs in probe.before:
        declared = {"stepId": name, "type": "query", "cypher": "MATCH (e) RETURN e", "dependsOn": []}
        declared["preconditions"] = [gate["prover"] for gate in gates]
        definition["steps"].insert(0, declared)
        items.append(step(name, "done", {}, outputs, gates, []))
    gate = proof("gate", probe.kind, probe.result, probe.reason, probe.evidence)
    is_before, is_pass = probe.phase == "preconditions", probe.result == "pass"
    only = step("only", "done" if is_pass else "blocked", _inputs(probe), {}, [], [])
    only["attestation"]["outputs"] = probe.outputs if is_pass or not is_before else {}
    only["proofs"][probe.phase] = [gate]
    return seal(draft(definition, [*items, only], {**documents(), **probe.papers}))


def _inputs(probe: Probe) -> Json:
    outputs = {name: given for name, _, given in probe.before}
    return next(iter(outputs.values())) if len(outputs) == 1 else outputs


def _worded() -> list[Probe]:
    rows: Json = [{"name": "{n} #1", "n": 12, "r": 0.000001}]
    source = ("source", [], rows)

    def probe(name: str, told: Json, reason: str, found: Json = None, **members: Json) -> Probe:
        item = {"claimId": "c", "citations": [{"stepId": "source", "pointer": "/0"}], **told}
        evidence = {"claimId": "c", "sources": [digest_of(rows[0])], "dangling": []}
        if found is not None:
            evidence.update(values=found, fault=None if reason == "met" else f"citations.{reason}")
        claim = {"type": "citations", "templates": True, **members}
        result = "pass" if reason == "met" else "fail"
        outputs = {"claims": [item]}
        return Probe(
            f"words-{name}", claim, {"claims": [evidence]}, result, f"citations.{reason}", outputs, {}, (source,)
        )

    def value(member: str, given: Json) -> Json:
        return {"stepId": "source", "pointer": f"/0/{member}", "value": given}

    n, twelve = {"n": value("n", 12)}, {"n": digest_of(12)}
    every = {**n, "name": value("name", "{n} #1"), "r": value("r", 0.000001)}
    found = {**twelve, "name": digest_of("{n} #1"), "r": digest_of(0.000001)}
    small = {"template": "{name}: {n}, {r}", "values": every, "text": "{n} #1: 12, 0.000001"}
    other = {"template": "{n}", "values": {"n": value("n", 13)}, "text": "13"}
    gone = {"template": "{n}", "values": {"n": value("m", 12)}, "text": "12"}
    return [
        probe("met", small, "met", found),
        probe("without-template", {"text": "12"}, "no_template"),
        probe("not-asked-for", {"text": "12"}, "met", templates=False),
        probe("unused", {"template": "x", "values": n, "text": "x"}, "placeholders", twelve),
        probe("brace", {"template": "{n}{", "values": n, "text": "12{"}, "placeholders", twelve),
        probe("literal", {"template": "{n} of \uff13", "values": n, "text": "12 of \uff13"}, "literal_number", twelve),
        probe("other-value", other, "value", twelve),
        probe("value-nowhere", gone, "value", {"n": None}),
        probe("other-text", {"template": "{n}", "values": n, "text": "12.0"}, "text", twelve),
    ]


def _row_count() -> list[Probe]:
    def probe(name: str, outputs: Json, rows: int | None, result: str, reason: str, **members: Json) -> Probe:
        claim = {"type": "row_count", **members}
        evidence = {"pointer": members.get("pointer", ""), "rows": rows}
        return Probe(f"row-count-{name}", claim, evidence, result, f"row_count.{reason}", outputs)

    return [
        probe("met", [1, "x", None], 3, "pass", "met", minimum=3, maximum=3),
        probe("too-few", {"a/b": [1]}, 1, "fail", "too_few", minimum=2, pointer="/a~1b"),
        probe("too-many", [[], []], 2, "fail", "too_many", maximum=1),
        probe("no-list", {"rows": 2}, None, "error", "no_list", minimum=0, pointer="/rows"),
        probe("nowhere", {"rows": 2}, None, "error", "no_list", minimum=0, pointer="/row"),
    ]


def _completeness() -> list[Probe]:
    def probe(name: str, outputs: Json, counted: Json, result: str, reason: str, minimum: float = 0.95) -> Probe:
        claim = {"type": "completeness", "fields": ["a", "b"], "minimum": minimum}
        evidence = {"pointer": "", **dict(zip(("rows", "filled", "cells", "value"), counted, strict=True))}
        return Probe(f"completeness-{name}", claim, evidence, result, f"completeness.{reason}", outputs)

    nearly = [{"a": 0, "b": False}] * 9 + [{"a": [], "b": ""}]
    return [
        probe("threshold", nearly, (10, 19, 20, 0.95), "pass", "met"),
        probe("whole", [{"a": 1, "b": 2, "c": None}], (1, 2, 2, 1), "pass", "met", 1),
        probe("gaps", [{"a": None, "b": ""}, {"b": "x"}], (2, 1, 4, 0.25), "fail", "not_met", 0.26),
        probe("empty", [], (0, 0, 0, None), "error", "no_cells", 0),
        probe("no-rows", [{"a": 1}, 2], (None, None, None, None), "error", "no_rows", 0),
    ]


def _freshness() -> list[Probe]:
    def probe(name: str, outputs: Json, rows: int | None, oldest: str | None, result: str, reason: str) -> Probe:
        claim = {"type": "freshness", "field": "at", "maximumAgeSeconds": 3600}
        evidence = {"pointer": "", "rows": rows, "oldest": oldest, "now": TIME}
        return Probe(f"freshness-{name}", claim, evidence, result, f"freshness.{reason}", outputs)

    hour = "2026-02-03T03:05:06.789012Z"
    older = "2026-02-03T03:05:06.789011Z"
    half, longer = "2026-02-03T03:30:00.5Z", "2026-02-03T03:30:00.500000Z"
    return [
        probe("to-the-microsecond", [{"at": TIME}, {"at": hour}], 2, hour, "pass", "met"),
        probe("first-of-equals", [{"at": TIME}, {"at": longer}, {"at": half}], 3, longer, "pass", "met"),
        probe("stale", [{"at": older}, {"at": hour}], 2, older, "fail", "stale"),
        probe("future", [{"at": hour}, {"at": "2026-02-03T04:05:06.789013Z"}], 2, hour, "error", "future"),
        probe("not-a-time", [{"at": hour}, {"at": "2026-02-30T00:00:00Z"}], 2, None, "error", "not_a_time"),
        probe("year-0", [{"at": "0000-12-31T00:00:00Z"}], 1, None, "error", "not_a_time"),
        probe("missing", [{"at": hour}, {}], 2, None, "error", "not_a_time"),
        probe("empty", [], 0, None, "error", "empty"),
        probe("no-rows", {"at": hour}, None, None, "error", "no_rows"),
    ]


def _schema() -> list[Probe]:
    people: Json = {
        "type": "array",
        "items": {"$ref": "#/$defs/person"},
        "$defs": {
            "person": {
                "type": "object",
                "required": ["name"],
                "properties": {"mail": {"format": "email"}, "age": {"minimum": 0}},
            }
        },
    }

    def probe(name: str, schema: Json, outputs: Json, found: tuple[bool | None, list[str]], verdict: str) -> Probe:
        result = {True: "pass", False: "fail", None: "error"}[found[0]]
        claim = {"type": "schema", "schema": schema, "pointer": "/rows"}
        evidence = {"pointer": "/rows", "schema": digest_of(schema), "valid": found[0], "errors": found[1]}
        return Probe(f"schema-{name}", claim, evidence, result, f"schema.{verdict}", outputs)

    good, bad = [{"name": "x", "mail": "nobody"}], [{"name": "x", "age": -1}, {"name": "y"}, {"age": 1}]
    unusable: list[tuple[str, Json]] = [
        ("remote", {"$ref": "https://schemas.example.com/a.json"}),
        ("remote-dynamic", {"items": [{"$dynamicRef": "other.json#a"}]}),
        ("dangling", {"$ref": "#/$defs/nobody"}),
        ("no-schema", {"type": "person"}),
    ]
    return [
        probe("valid", people, {"rows": good}, (True, []), "valid"),
        probe("invalid", people, {"rows": bad}, (False, ["/0/age", "/2"]), "invalid"),
        probe("no-value", people, {"row": good}, (None, []), "no_value"),
        *(probe(name, schema, {"rows": good}, (None, []), "unusable") for name, schema in unusable),
    ]


def _disclosure() -> list[Probe]:
    def probe(name: str, outputs: Json, found: Json, result: str, reason: str, **members: Json) -> Probe:
        claim = {"type": "disclosure", **members}
        strings, findings, smallest = found
        evidence = {
            "pointer": members.get("pointer", ""),
            "strings": strings,
            "findings": [{"kind": kind, "pointer": pointer} for kind, pointer in findings],
            "smallest": smallest,
        }
        return Probe(f"disclosure-{name}", claim, evidence, result, f"disclosure.{reason}", outputs)

    near: Json = {
        "not.mail@example": ["a@b", "@example.com", "x@-.c", "a@b..com", "a b@c.d"],
        "iban": [
            "DE89370400440532013001",
            "xDE89370400440532013000",
            "DE89370400440532013000x",
            "GB82WEST1234569876543",
        ],
        "card": ["4111 1111 1111 1112", "4111  1111  1111  1111", "411111111111", "41111111111111110000"],
        "phone": ["+0301234567", "0049 30 1234567", "+49 30 1", "+491234567890123456789012"],
    }
    data: Json = {
        "a/b": ["write to a.b+c@mail.example.com!", "ok"],
        "bank": "IBAN: DE89370400440532013000, thanks",
        "m~n": {"card": "12 4111-1111 1111-1111", "call": "+49 (0)30 123-456"},
    }
    everything = [("card", "/m~0n/card"), ("email", "/a~1b/0"), ("iban", "/bank"), ("phone", "/m~0n/call")]
    many = [f"x{number}@example.com" for number in range(25)]
    twenty = sorted(("email", f"/{number}") for number in range(25))
    small_cells = {"field": "n", "minimum": 5}
    cells = [{"n": 0}, {"n": 5}, {"n": -1}, {"n": 7.5}]
    return [
        probe("near-misses", near, (17, [], None), "pass", "none"),
        probe("every-kind", data, (5, everything, None), "fail", "personal_data"),
        probe("one-kind", data, (5, everything[2:3], None), "fail", "personal_data", kinds=["iban"]),
        probe("below", data, (2, everything[1:2], None), "fail", "personal_data", pointer="/a~1b"),
        probe("at-most-20", many, (25, _by_bytes(twenty)[:20], None), "fail", "personal_data"),
        probe("cells", cells, (0, [], 5), "pass", "none", smallCells=small_cells),
        probe("small-cell", [*cells, {"n": 4}], (0, [], 4), "fail", "small_cell", smallCells=small_cells),
        probe("no-cells", [*cells, {}], (0, [], None), "error", "no_cells", smallCells=small_cells),
        probe("nowhere", data, (None, [], None), "error", "no_value", pointer="/x", smallCells=small_cells),
    ]


def _by_bytes(findings: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(findings, key=lambda item: f'"{item[0]}","{item[1]}"')


def _time_window() -> list[Probe]:
    def probe(name: str, result: str, reason: str, *, day: int = 2, time: str = "04:05:06", **members: Json) -> Probe:
        evidence = {"now": TIME, "day": day, "time": time}
        return Probe(f"window-{name}", {"type": "time_window", **members}, evidence, result, f"time_window.{reason}")

    later = "2026-02-03T04:05:06.789013Z"
    yesterday = {"day": 1, "time": "23:05:06", "offset": "-05:00"}
    return [
        probe("open", "pass", "open", notBefore=TIME, notAfter=later, days=[2], **{"from": "04:05", "to": "04:06"}),
        probe("too-early", "fail", "too_early", notBefore=later),
        probe("too-late", "fail", "too_late", notAfter=TIME),
        probe("wrong-day", "fail", "wrong_day", days=[2, 3], **yesterday),
        probe("wrong-hour", "fail", "wrong_hour", **{"from": "04:06", "to": "18:00"}),
        probe("ended", "fail", "wrong_hour", **{"from": "00:00", "to": "04:05"}),
        probe("over-midnight", "pass", "open", **{"from": "22:00", "to": "04:00"}, **yesterday),
        probe("early-morning", "pass", "open", **{"from": "22:00", "to": "04:06"}),
        probe("over-midnight-not", "fail", "wrong_hour", **{"from": "23:06", "to": "23:05"}, **yesterday),
        probe("half-hour", "pass", "open", days=[2], day=2, time="09:35:06", offset="+05:30"),
        probe("equal", "error", "malformed", **{"from": "04:00", "to": "04:00"}),
        probe("no-such-begin", "error", "malformed", notBefore="2026-02-30T00:00:00Z"),
        probe("no-such-end", "error", "malformed", notAfter="2026-02-03T24:00:00Z", days=[2]),
        probe("no-end", "error", "malformed", days=[1], **{"from": "04:00"}),
    ]


def _budget() -> list[Probe]:
    source = ("source", [], [{"price": 3}, {"price": 4}])

    def probe(name: str, found: Json, result: str, reason: str, told: str = "ever", **members: Json) -> Probe:
        before, amount = found
        claim = {"type": "budget", "counter": "requests", "limit": 10, **members}
        evidence = {"counter": "requests", "period": told, "before": before, "amount": amount, "limit": 10}
        return Probe(f"budget-{name}", claim, evidence, result, f"budget.{reason}", before=(source,))

    return [
        probe("reserved", (9, 1), "pass", "reserved"),
        probe(
            "by-inputs", (3, 7), "pass", "reserved", "exec-0001", amount="$sum(steps.source.price)", period="execution"
        ),
        probe("by-parameters", (1, 10), "fail", "exceeded", "2026-02", amount="parameters.limit", period="month"),
        probe("exceeded", (10, 1), "fail", "exceeded", "2026-02-03", period="day"),
        probe("unknown", (None, 1), "error", "unknown"),
        probe("negative", (0, None), "error", "amount", amount="-1"),
        probe("half", (0, None), "error", "amount", amount="steps.source[0].price / 2"),
        probe("failing", (None, None), "error", "amount", amount="$error('no')"),
    ]


def _combined() -> list[Probe]:
    rows = {"type": "row_count", "minimum": 1}
    cells = {"type": "completeness", "fields": ["a"], "minimum": 1, "severity": "warn"}
    also = {
        "rows": rows,
        "cells": cells,
        "odd": {"type": "oracle"},
        "gap": {"type": "freshness", "field": "at", "maximumAgeSeconds": 0},
    }

    def nested(prover: str, kind: str, result: str, reason: str, evidence: Json) -> Json:
        told = proof(prover, kind, result, reason, evidence)
        del told["severity"]
        return told

    passed = nested("rows", "row_count", "pass", "row_count.met", {"pointer": "", "rows": 1})
    failed = nested(
        "cells",
        "completeness",
        "fail",
        "completeness.not_met",
        {"pointer": "", "rows": 1, "filled": 0, "cells": 1, "value": 0},
    )
    odd = nested("odd", "oracle", "error", "prover.unknown_kind", {})
    late = nested(
        "gap", "freshness", "error", "freshness.not_a_time", {"pointer": "", "rows": 1, "oldest": None, "now": TIME}
    )
    nobody = nested("nobody", "undefined", "error", "prover.undefined", {})
    reasons = {"pass": "combined.met", "fail": "combined.not_met", "error": "combined.undecided"}

    def probe(name: str, kind: str, proofs: list[Json], result: str, more: Json = None, **members: Json) -> Probe:
        claim = {"type": kind, "provers": [item["prover"] for item in proofs], **members}
        known = {**also, **(more or {})}
        return Probe(
            f"{kind}-{name}".replace("_", "-"), claim, {"proofs": proofs}, result, reasons[result], [{}], known
        )

    def circular(name: str, kind: str = "all") -> Json:
        return nested(name, kind, "error", "combined.circular", {"proofs": []})

    def chain(depth: int) -> Json:
        if depth > 4:
            return circular(f"deep-{depth}")
        inner = chain(depth + 1)
        return nested(f"deep-{depth}", "all", "error", "combined.undecided", {"proofs": [inner]})

    deep = {f"deep-{depth}": {"type": "all", "provers": [f"deep-{depth + 1}"]} for depth in range(2, 6)}
    deep["deep-6"] = rows
    ring = {"ring": {"type": "all", "provers": ["rows", "gnir"]}, "gnir": {"type": "any", "provers": ["ring"]}}
    either = nested("either", "any", "pass", "combined.met", {"proofs": [failed, passed]})
    both = {"either": {"type": "any", "provers": ["cells", "rows"], "severity": "warn"}}
    itself = Probe(
        "all-of-itself",
        {"type": "all", "provers": ["rows", "gate"]},
        {"proofs": []},
        "error",
        "combined.circular",
        [{}],
        also,
    )
    return [
        probe("pass", "all", [passed, either], "pass", both),
        probe("fail", "all", [passed, failed, odd], "fail"),
        probe("undecided", "all", [passed, late, nobody], "error"),
        probe("none", "all", [], "fail"),
        probe("pass", "any", [odd, failed, passed], "pass"),
        probe("fail", "any", [failed], "fail"),
        probe("none", "any", [], "fail"),
        probe("undecided", "any", [failed, odd], "error"),
        probe("pass", "at_least", [passed, failed, either], "pass", both, minimum=2),
        probe("fail", "at_least", [passed, failed], "fail", minimum=2),
        probe("undecided", "at_least", [odd, failed, passed], "error", minimum=2),
        probe("too-many-wanted", "at_least", [passed], "fail", minimum=2),
        probe("circular", "any", [circular("ring"), passed], "pass", ring),
        probe("too-deep", "all", [chain(2)], "error", deep),
        itself,
    ]


def _licences() -> list[Probe]:
    papers = {"licences": REGISTRY}
    single = [Probe(*item, papers=papers) for item in LICENSED]
    return single + [Probe(*item, before=before, also=also, papers=papers) for *item, before, also in DERIVED]


PROBES: list[Probe] = [
    *_worded(),
    *_row_count(),
    *_completeness(),
    *_freshness(),
    *_schema(),
    *_disclosure(),
    *_time_window(),
    *_budget(),
    *_combined(),
    *_licences(),
]
