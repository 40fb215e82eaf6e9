"""Every shipped runbook loads, plans, lints cleanly in the shipped installation, and says what it should."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from runbooks.canonical import pointer_to
from runbooks.expressions import evaluate
from runbooks.licensing import Use, decide
from runbooks.lint import lint, load_definition
from runbooks.plan import make_plan

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.json"))
REGISTRY = json.loads((ROOT / "policies" / "provers.json").read_bytes())
LICENCES = json.loads((ROOT / "licences" / "licences.json").read_bytes())
SUMMARISED = [path for path in TEMPLATES if "completenessByField" in path.read_text("utf-8")]

# What a step of the recorded shape could have left.
STEPS: dict[str, Any] = {
    "measure-before": [{"entities": 208, "fields": 624, "filled": 373, "complete": 0}],
    "query-entities": [{"id": f"e{number}"} for number in range(208)],
    "fetch-external-data": [{"id": "e0"}],
    "update-entities": {"updated": 208},
    "assert-completeness": {"completeness": 0.99},
    "measure-after": [{"entities": 208, "fields": 624, "filled": 619, "complete": 203}],
}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


def test_the_templates_are_found() -> None:
    assert {name_of(path) for path in TEMPLATES} >= {
        "R1-country.json",
        "R1-entity-enrichment.json",
        "R2-relationship-inference.json",
        "R3-weekly-report.json",
        "seed/R1-entity-enrichment.json",
    }


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_loads_plans_and_lints_without_a_warning(path: Path) -> None:
    definition = load_definition(path.read_bytes())
    assert len(make_plan(definition).steps) == len(definition.steps)
    assert lint(definition, REGISTRY) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_templates_licence_checks_are_permitted_by_the_shipped_licences(path: Path) -> None:
    written = json.loads(path.read_bytes())
    claims = written["provers"]["preconditions"].values()
    checks = [claim["check"] for claim in claims if claim["type"] == "license_registry"]
    assert checks
    use = Use(action="", user="analyst", now="2026-11-24T00:00:00Z", purpose=written.get("purpose"), facts={})
    for check in checks:
        resource, action = check.split(" allows ")
        for purpose in (use.purpose, None, "dpv:FraudPreventionAndDetection"):
            decision = decide(LICENCES, resource, replace(use, action=action, purpose=purpose), ())
            assert decision.reason == "licence.permitted", check


def test_writing_is_allowed_by_the_installation_and_not_by_the_runbook_itself() -> None:
    for path in TEMPLATES:
        definition = load_definition(path.read_bytes())
        mutations = [step for step in definition.steps if step.kind == "mutation"]
        assert len(mutations) == (0 if definition.runbook_id == "R3" else 1)
        assert all("authority:write_entities" in mutation.preconditions for mutation in mutations)
        assert "authority:write_entities" not in definition.provers["preconditions"]


def test_the_smallest_runbook_keeps_its_bytes() -> None:
    data = (ROOT / "templates" / "seed" / "R1-entity-enrichment.json").read_bytes()
    assert hashlib.sha256(data).hexdigest() == "5ee87668ad1dcb3e4b75e63695a8412747916124fa82f556f63236234ba97c0c"


@pytest.mark.parametrize("path", SUMMARISED, ids=name_of)
def test_the_gate_of_r1_stands_before_the_commit_and_after_it(path: Path) -> None:
    definition = load_definition(path.read_bytes())
    gated = [step.step_id for step in definition.steps if "kpi:completeness>=0.95" in step.postconditions]
    assert gated == ["update-entities", "assert-completeness"]
    plan = make_plan(definition)
    assert {"measure-before", "update-entities", "assert-completeness"} <= plan.ancestors("export-summary")
    assert "measure-before" in plan.ancestors("update-entities"), "before means before the change"


@pytest.mark.parametrize("path", SUMMARISED, ids=name_of)
def test_every_claim_of_the_summary_resolves_to_two_recorded_values(path: Path) -> None:
    definition = load_definition(path.read_bytes())
    ancestors = make_plan(definition).ancestors("summarise")
    for claim in summary_of(path, STEPS)["claims"]:
        cited = {json.dumps(resolved(citation)) for citation in claim["citations"]}
        assert len(cited) >= 2, claim["claimId"]
        assert {citation["stepId"] for citation in claim["citations"]} <= ancestors


def test_the_summary_of_r1_says_what_was_measured() -> None:
    outputs = summary_of(ROOT / "templates" / "R1-entity-enrichment.json", STEPS)
    assert [claim["text"] for claim in outputs["claims"]] == [
        "Before, 373 of 624 required fields were filled (0.598 by field); 208 of 208 entities lacked at least one.",
        "ATT&CK answered for 208 entities.",
        "After, 619 of 624 required fields are filled (0.992 by field); "
        "203 of 208 entities are complete (0.976 by entity).",
        "5 required fields stay empty: no source has them.",
    ]
    assert outputs["completenessByField"] == {"before": 0.598, "after": 0.992}
    assert outputs["completenessByEntity"] == {"before": 0, "after": 0.976}
    assert "The MITRE Corporation" in outputs["attribution"]
    assert "CIRCL" in outputs["attribution"]


@pytest.mark.parametrize("path", SUMMARISED, ids=name_of)
def test_a_graph_with_nothing_left_to_fill_is_summarised_too(path: Path) -> None:
    after = STEPS["measure-after"]
    nothing = {**STEPS, "measure-before": after, "query-entities": [], "fetch-external-data": []}
    outputs = summary_of(path, {**nothing, "update-entities": {"updated": 0}})
    assert outputs["completenessByField"] == {"before": 0.992, "after": 0.992}


def summary_of(path: Path, steps: dict[str, Any]) -> dict[str, Any]:
    [step] = [step for step in json.loads(path.read_bytes())["steps"] if step["stepId"] == "summarise"]
    seen = {"parameters": {}, "steps": steps}
    inputs = {name: evaluate(text, seen) for name, text in step["inputs"].items()}
    outputs: dict[str, Any] = evaluate(step["expression"], inputs)
    return outputs


def resolved(citation: dict[str, str]) -> Any:
    value = STEPS[citation["stepId"]]
    path: list[str] = []
    for part in citation["pointer"].split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else value[part]
        path.append(part)
    assert pointer_to(path) == citation["pointer"]
    return value
