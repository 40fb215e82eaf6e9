"""The embedded policy engine: a decision for every question, whatever a policy does (spec/provers.md, 2)."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pcq_verify.sandbox import Sandbox
from runbooks.adapters.policy.rego import EmbeddedRego
from runbooks.adapters.policy.rego_builtins import ALLOWED_BUILTINS
from runbooks.settings import Settings, load_registries

ROOT = Path(__file__).parents[3]
HOSTILE = "package h\nallow if { some a in numbers.range(1, 100000); some b in numbers.range(1, 100000); a * b == 0 }\n"

Decide = Callable[..., Any]


@pytest_asyncio.fixture
async def engine() -> AsyncIterator[Callable[..., EmbeddedRego]]:
    opened: list[EmbeddedRego] = []

    def open_engine(text: str, data: Mapping[str, Any] | None = None, *, seconds: float = 5.0) -> EmbeddedRego:
        opened.append(EmbeddedRego({"modules": {"m.rego": text}, "data": data or {}}, seconds=seconds))
        return opened[-1]

    yield open_engine
    for policy in opened:
        await policy.close()


RULES = """package p
yes := true
no := false
number := 1
text := "true"
list := [true]
nothing := null
set contains 1
conditional if input.n > 1
partial := true if input.n > 1
defaulted := input.n > 1
conflict := 1 if input.n > 0
conflict := 2 if input.n > 0
fails := 1 / input.zero
strict := to_number(input.word)
from_data := data.flag
"""


async def test_each_kind_of_answer_is_its_decision(engine: Callable[..., EmbeddedRego]) -> None:
    policy = engine(RULES, {"flag": True})
    document = {"n": 2, "zero": 0, "word": "x"}
    said = {
        name: await policy.decide(f"data.p.{name}", document)
        for name in (
            *("yes", "no", "number", "text", "list", "nothing", "set", "conditional", "partial", "defaulted"),
            *("conflict", "fails", "strict", "from_data", "missing"),
        )
    }
    assert said == {
        "yes": "allow",
        "no": "deny",
        "number": "non-boolean",
        "text": "non-boolean",
        "list": "non-boolean",
        "nothing": "non-boolean",
        "set": "non-boolean",
        "conditional": "allow",
        "partial": "allow",
        "defaulted": "allow",
        "conflict": "error",
        "fails": "error",
        "strict": "error",
        "from_data": "allow",
        "missing": "undefined",
    }
    assert await policy.decide("data.p.conditional", {"n": 0}) == "undefined"
    assert await policy.decide("data.p.defaulted", {"n": 0}) == "deny"
    assert await policy.decide("data.other.allow", {}) == "undefined"


@pytest.mark.parametrize(
    "call",
    [
        "time.now_ns() > 0",
        'http.send({"method": "get", "url": "http://127.0.0.1:9"}).status_code == 200',
        'rand.intn("a", 10) >= 0',
        'uuid.rfc4122("a") != ""',
        "opa.runtime().env != {}",
        'net.cidr_contains("10.0.0.0/8", "10.0.0.1")',
        "time.clock(0) == [0, 0, 0]",
        'io.jwt.decode("a") != []',
        # The engine would hold these to be true, and OPA would not.
        "x := min(input.none)",
        "x := max(input.none)",
        'x := sum(["a"])',
        'x := product(["a"])',
        'sprintf("x%s", [lower("B")]) != "xb"',
        'yaml.marshal({"a": lower("B")}) != "a: b\\n"',
        "sort({2, 1}) != [1, 2]",
        'base64.is_valid("a")',
        'format_int(-1, 2) != "-1"',
        'hex.encode("é") != "c3a9"',
        'urlquery.decode("a+b") != "a b"',
    ],
)
async def test_a_builtin_outside_the_allow_list_makes_every_decision_an_error(
    call: str, engine: Callable[..., EmbeddedRego]
) -> None:
    policy = engine(f"package p\nallow if {{ {call} }}\nyes := true\n")
    assert await policy.decide("data.p.allow", {"none": []}) == "error"
    assert await policy.decide("data.p.yes", {}) == "error", "a forbidden name anywhere in the bundle counts"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "package",
        "package p\nallow if {",
        "package p\nallow = unknown_function(1)",
        "package p\nallow if allow",
    ],
)
async def test_a_policy_that_does_not_load_is_an_error(text: str, engine: Callable[..., EmbeddedRego]) -> None:
    policy = engine(text)
    assert await policy.decide("data.p.allow", {}) == "error"
    assert await policy.decide("data.p.allow", {}) == "error", "and stays one"


@pytest.mark.parametrize("number", [0, 2])
@pytest.mark.parametrize(
    "text", [RULES, "package p\nyes if x", "not rego", "package q\nyes := false", "package p\nyes if yes"]
)
async def test_the_verifier_decides_the_same(text: str, number: int, engine: Callable[..., EmbeddedRego]) -> None:
    bundle = {"modules": {"m.rego": text}, "data": {"flag": True}}
    policy = engine(text, {"flag": True})
    document = {"n": number, "zero": 0, "word": "x"}
    rules = ("yes", "no", "number", "list", "set", "conditional", "defaulted", "conflict", "fails", "strict", "missing")
    with Sandbox(bundle) as verifier:
        for rule, package in itertools.product(rules, ("p", "q", "flag")):
            query = f"data.{package}.{rule}"
            assert await policy.decide(query, document) == verifier.decide(query, document), query


async def test_both_decide_in_a_process_that_has_the_sql_engine_loaded(engine: Callable[..., EmbeddedRego]) -> None:
    # The policy engine brings an allocator of its own and crashes beside a library that brought libstdc++ first.
    import duckdb

    assert duckdb.sql("SELECT 1").fetchall() == [(1,)]
    policy = engine(RULES)
    with Sandbox({"modules": {"m.rego": RULES}, "data": {}}) as verifier:
        for rule, decision in (("yes", "allow"), ("no", "deny"), ("missing", "undefined")):
            assert await policy.decide(f"data.p.{rule}", {}) == verifier.decide(f"data.p.{rule}", {}) == decision


UNUSUAL: dict[str, Any] = {
    "a name beyond ASCII": "zoë",
    "an emoji": "🦊",
    "two lines": "a\nb",
    "a quotation mark and a backslash": 'q"\\',
    "control characters": "\x01\t\x7f",
    "a slash": "a/b",
    "what looks like an escape": "\\u00eb",
    "many digits": 0.123456789,
    "a large number": 9007199254740991,
    "a negative number": -1.5,
    "nothing": None,
}


@pytest.mark.parametrize("case", UNUSUAL)
async def test_the_verifier_finds_the_same_values_in_data_and_input(
    case: str, engine: Callable[..., EmbeddedRego]
) -> None:
    value = UNUSUAL[case]
    names = {value: True} if isinstance(value, str) else {}
    data = {"value": value, "values": [value], "names": names}
    text = "package p\nsame if data.value == input.value\nlisted if input.value in data.values\n"
    text += "named if data.names[input.value]\nother if input.value != data.value\n"
    policy = engine(text, data)
    expected = {"same": "allow", "listed": "allow", "named": "allow" if names else "undefined", "other": "undefined"}
    with Sandbox({"modules": {"m.rego": text}, "data": data}) as verifier:
        for rule, decision in expected.items():
            assert await policy.decide(f"data.p.{rule}", {"value": value}) == decision, rule
            assert verifier.decide(f"data.p.{rule}", {"value": value}) == decision, rule


@pytest.mark.parametrize("query", ["data.p.yes; true", "true", "data", "data.p", "input.yes", "data.p.yes\nx := 1", ""])
async def test_a_query_that_is_no_path_to_a_rule_is_never_allowed(
    query: str, engine: Callable[..., EmbeddedRego]
) -> None:
    policy = engine("package p\nyes := true\n")
    assert await policy.decide(query, {"yes": True}) == "error"
    assert await policy.decide("data.p.yes", {}) == "allow"


async def test_a_policy_that_does_not_end_is_killed_and_the_next_question_works(
    engine: Callable[..., EmbeddedRego],
) -> None:
    policy = engine(HOSTILE + "yes := true\n", seconds=1.0)
    assert await policy.decide("data.h.yes", {}) == "allow"
    before = time.monotonic()
    assert await policy.decide("data.h.allow", {}) == "error"
    assert time.monotonic() - before < 4
    assert await policy.decide("data.h.yes", {}) == "allow"


async def test_a_pattern_that_does_not_end_is_an_error_within_the_limit(engine: Callable[..., EmbeddedRego]) -> None:
    policy = engine(
        'package h\nallow if regex.match("^(([a-z])+.)+[A-Z]([a-z])+$", input.text)\nyes := true\n', seconds=1.0
    )
    before = time.monotonic()
    assert await policy.decide("data.h.allow", {"text": "a" * 40}) != "allow"
    assert time.monotonic() - before < 4
    assert await policy.decide("data.h.yes", {}) == "allow"


async def test_an_interrupted_question_never_answers_the_next_one(engine: Callable[..., EmbeddedRego]) -> None:
    policy = engine(HOSTILE + "no := false\nyes := true\n", seconds=30.0)
    assert await policy.decide("data.h.no", {}) == "deny"
    for query in ("data.h.allow", "data.h.yes"):
        asking = asyncio.create_task(policy.decide(query, {}))
        await asyncio.sleep(0)  # the question is on its way, the answer is not
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await policy.decide("data.h.no", {}) == "deny"


async def test_questions_asked_at_once_are_answered_each_with_its_own_answer(
    engine: Callable[..., EmbeddedRego],
) -> None:
    policy = engine("package p\nallow := input.n > 10\n")
    said = await asyncio.gather(*(policy.decide("data.p.allow", {"n": n}) for n in range(21)))
    assert said == ["deny"] * 11 + ["allow"] * 10


@pytest.mark.parametrize("value", [float("nan"), 2**60, "\ud800", {1}])
async def test_an_input_that_is_no_strict_json_is_an_error(value: Any, engine: Callable[..., EmbeddedRego]) -> None:
    policy = engine("package p\nyes := true\n")
    assert await policy.decide("data.p.yes", {"value": value}) == "error"
    assert await policy.decide("data.p.yes", {}) == "allow"


async def test_an_input_a_hundred_thousand_levels_deep_is_an_error(engine: Callable[..., EmbeddedRego]) -> None:
    document: dict[str, Any] = {}
    for _ in range(100_000):
        document = {"a": document}
    policy = engine("package p\nyes := true\n")
    assert await policy.decide("data.p.yes", document) == "error"
    assert await policy.decide("data.p.yes", {}) == "allow"


async def test_a_question_larger_than_a_pipe_is_answered(engine: Callable[..., EmbeddedRego]) -> None:
    policy = engine("package p\nallow if count(input.names) == 100000\n")
    assert await policy.decide("data.p.allow", {"names": [f"name {n}" for n in range(100_000)]}) == "allow"


async def test_a_closed_engine_leaves_no_process_and_answers_again_when_asked(
    engine: Callable[..., EmbeddedRego],
) -> None:
    policy = engine("package p\nyes := true\n")
    before = children()
    assert await policy.decide("data.p.yes", {}) == "allow"
    [child] = set(children()) - set(before)
    await policy.close()
    await policy.close()
    assert child not in children()
    assert await policy.decide("data.p.yes", {}) == "allow"


def children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()


async def test_a_module_of_the_current_folder_does_not_stand_before_the_engines(
    engine: Callable[..., EmbeddedRego], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(1)\n")
    monkeypatch.chdir(tmp_path)
    assert await engine("package p\nyes := true\n").decide("data.p.yes", {}) == "allow"


def test_the_allow_list_is_the_published_one() -> None:
    published = (ROOT / "spec" / "rego-builtins.txt").read_text().split()
    assert published == sorted(published)
    assert set(published) == ALLOWED_BUILTINS


async def test_the_shipped_policies_decide_as_their_data_say() -> None:
    bundle = load_registries(Settings(ROOT))["policies"]
    roles, subjects = bundle["data"]["roles"], bundle["data"]["subjects"]
    policy = EmbeddedRego(bundle)
    claim = json.loads((ROOT / "services/runbooks/policies/provers.json").read_bytes())
    query = "data." + claim["preconditions"]["authority:write_entities"]["policy"]
    decisions = set()
    try:
        for subject in [*subjects, "nobody", ""]:
            granted = [grant for role in subjects.get(subject, []) for grant in roles.get(role, [])]
            for action in ("read", "write", "delete", ""):
                for resource in ("entity", "other"):
                    asked = {"subject": {"id": subject}, "action": {"name": action}, "resource": {"type": resource}}
                    expected = "allow" if {"action": action, "resource": resource} in granted else "deny"
                    assert await policy.decide(query, asked) == expected, asked
                    decisions.add((subject, expected))
        assert await policy.decide(query, {}) == "deny"
    finally:
        await policy.close()
    assert {("analyst", "allow"), ("auditor-1", "allow"), ("auditor-1", "deny"), ("nobody", "deny")} <= decisions
