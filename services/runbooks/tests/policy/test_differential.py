"""Both engines decide alike: the shipped policies and generated ones, thousands of decisions.

What they are known to decide differently is in docs/adr/0007, and the generator leaves it out.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pcq_verify.sandbox import Sandbox
from runbooks.settings import Settings, load_registries

from services.runbooks.tests.policy.corpus import DATA, make_input, make_policy
from services.runbooks.tests.policy.engines import Engine

pytestmark = pytest.mark.real
ROOT = Path(__file__).parents[4]
# More of them: RUNBOOKS_POLICY_SEEDS=100 .venv/bin/pytest -m real services/runbooks/tests/policy/test_differential.py
SEEDS = int(os.environ.get("RUNBOOKS_POLICY_SEEDS", "12"))


async def compared(folder: Path, bundle: dict[str, Any], questions: list[tuple[str, dict[str, Any]]]) -> Counter[str]:
    """How often which decision was made, by both engines alike; every eighth is asked of the verifier too."""
    counts: Counter[str] = Counter()
    async with Engine("embedded", folder, bundle) as embedded, Engine("opa", folder, bundle) as server:
        with Sandbox(bundle, budget=600) as verifier:
            for start in range(0, len(questions), 64):
                chunk = questions[start : start + 64]
                ours, theirs = await asyncio.gather(asked(embedded, chunk), asked(server, chunk))
                for number, (question, one, other) in enumerate(zip(chunk, ours, theirs, strict=True)):
                    assert one == other, (question, bundle["modules"])
                    assert number % 8 or verifier.decide(*question) == one, (question, bundle["modules"])
                    counts[one] += 1
    return counts


async def asked(engine: Engine, questions: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return await asyncio.gather(*(engine.decide(query, document) for query, document in questions))


async def test_generated_policies_are_decided_alike(tmp_path: Path) -> None:
    random = Random(20260301)
    counts: Counter[str] = Counter()
    # A bundle for every two: each question is compiled with its whole bundle.
    for pair in range(SEEDS // 2):
        policies = [make_policy(random, f"gen.p{number}") for number in range(2)]
        bundle = {"modules": {f"{policy.package}.rego": policy.text for policy in policies}, "data": DATA}
        questions = [
            (f"data.{policy.package}.{name}", make_input(random))
            for policy in policies
            for name in (*policy.conditions, *policy.values)
            for _ in range(12)
        ]
        counts += await compared(tmp_path / str(pair), bundle, questions)
    assert counts.total() >= 2_000 or SEEDS < 12
    assert set(counts) == {"allow", "deny", "undefined", "non-boolean", "error"}, counts


async def test_the_shipped_policies_are_decided_alike(tmp_path: Path) -> None:
    bundle = dict(load_registries(Settings(ROOT))["policies"])
    people = [*bundle["data"]["subjects"], "nobody", "", "Analyst", "ombuds-1 "]
    actions = sorted({*bundle["data"]["rights"]["everyone"], "value.read", "execution.start", "audit.read", "x"})
    words = ["approved", "rejected", "info-requested", "break-glass", "read", "write", "delete"]
    questions = []
    for person, word, requester in itertools.product(people, words, ["analyst", "agent-456", "ombuds-1"]):
        properties = {"requirement": "denial", "risk": "high", "requester": requester, "assignedTo": []}
        for groups in ([], ["ombuds"], ["other"]):
            document = {
                "subject": {"type": "person", "id": person},
                "action": {"name": word},
                "resource": {"type": "review", "properties": {**properties, "groups": groups}},
                "context": {
                    "now": "2026-03-01T12:00:00Z",
                    "purpose": None,
                    "runbook": "R",
                    "version": "1",
                    "step": "s",
                },
            }
            questions.append(("data.runbooks.reviews.allow", document))
            questions.append(("data.intelgraph.allow", {**document, "resource": {"type": "entity", "properties": {}}}))
    for person, action in itertools.product([*people, "admin"], actions):
        asked_of = {"subject": {"type": "user", "id": person}, "action": {"name": action}}
        resource = {"type": "execution", "properties": {}}
        questions.append(("data.runbooks.service.allow", {**asked_of, "resource": resource, "context": {"now": "x"}}))
    counts = await compared(tmp_path, bundle, questions)
    assert set(counts) == {"allow", "deny"}
    assert sum(counts.values()) == len(questions)
