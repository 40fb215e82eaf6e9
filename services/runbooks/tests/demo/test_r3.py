"""R3 without a graph: its periods against Python's calendar, its figures against the data, its claims against names."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from runbooks.demo.galaxies import demo_data
from runbooks.errors import ExpressionError, ParameterError
from runbooks.evidence import Scope
from runbooks.expressions import evaluate
from runbooks.lint import load_definition, require_parameters
from runbooks.provers import PROVERS

TEMPLATE = Path(__file__).parents[2] / "templates" / "R3-weekly-report.json"
R3 = load_definition(TEMPLATE.read_bytes())
STEPS = {step.step_id: step for step in R3.steps}


def period_of(text: str) -> dict[str, Any]:
    found: dict[str, Any] = evaluate(STEPS["period"].body["expression"], {"period": text})
    return found


def test_every_week_from_1975_to_2034_is_that_of_the_calendar() -> None:
    for year in range(1975, 2035):
        for week in range(1, 54):
            text = f"{year}-W{week:02}"
            try:
                monday = date.fromisocalendar(year, week, 1)
            except ValueError:
                with pytest.raises(ExpressionError, match=f"period {text}: that year has no such week"):
                    period_of(text)
                continue
            found = period_of(text)
            assert (found["from"], found["to"]) == (monday.isoformat(), (monday + timedelta(6)).isoformat())
            before = monday - timedelta(7)
            labels = [item["label"] for item in found["trend"]]
            assert labels[-2] == "{}-W{:02}".format(*before.isocalendar()[:2])
            assert found["trend"][0]["from"] == (monday - timedelta(77)).isoformat()
            assert len(found["days"]) == 7


@pytest.mark.parametrize("month", range(1, 13))
def test_a_month_is_followed_back_over_the_turn_of_the_year(month: int) -> None:
    found = period_of(f"2020-{month:02}")
    assert (found["granularity"], found["from"], found["to"]) == ("month", f"2020-{month:02}", f"2020-{month:02}")
    assert found["label"] == date(2020, month, 1).strftime("%B 2020")
    months = [f"{year}-{number:02}" for year in (2019, 2020) for number in range(1, 13)]
    assert [item["label"] for item in found["trend"]] == months[month : month + 12]


def test_a_range_is_compared_with_ranges_as_long() -> None:
    found = period_of("2020-02-20/2020-03-05")
    assert (found["from"], found["to"], len(found["days"])) == ("2020-02-20", "2020-03-05", 15)
    assert found["trend"][-2] == {"label": "2020-02-05", "from": "2020-02-05", "to": "2020-02-19"}
    assert found["label"] == "the days 20 February 2020 to 5 March 2020"
    assert period_of("2021-03-01/2021-03-01")["label"] == "the days 1 to 1 March 2021"
    assert period_of("2021-01-01/2022-01-01")["days"] == [], "too many for a chart by day"


@pytest.mark.parametrize(
    "text", ["2021-02-29/2021-03-01", "2021-03-01/2021-04-31", "2021-03-02/2021-03-01", "2019-01-01/2020-12-31"]
)
def test_a_range_that_is_none_says_so(text: str) -> None:
    with pytest.raises(ExpressionError, match="expected two days of the calendar"):
        period_of(text)


@pytest.mark.parametrize(
    "text", ["2021-W54", "2021-W00", "2021-13", "2021", "2021-W9", "21-W09", "2021-03-01", "2021-W09 ", "", "1850-W01"]
)
def test_a_malformed_period_is_refused_before_anything_is_recorded(text: str) -> None:
    with pytest.raises(ParameterError, match="an ISO week"):
        require_parameters(R3, {"period": text})


@pytest.mark.parametrize("text", ["2021-W09", "2020-W53", "2021-03", "2021-03-01/2021-03-14"])
def test_a_period_of_each_kind_is_taken(text: str) -> None:
    require_parameters(R3, {"period": text})


@lru_cache(maxsize=1)
def mentions() -> tuple[dict[str, Any], dict[str, Any], list[tuple[str, str]]]:
    """Entities and documents that are evidence, by id, and who is mentioned where; from the cluster files alone."""
    data = demo_data()
    documents = {row["id"]: row for row in data.documents if row["evidence"]}
    pairs = [(row["source"], row["target"]) for row in data.mentions if row["target"] in documents]
    return {row["id"]: row for row in data.entities}, documents, pairs


def rows_of(text: str) -> dict[str, Any]:
    """What the queries of R3 must give for a period, worked out without a graph."""
    period = period_of(text)
    field = "publishedIn" if period["granularity"] == "month" else "publishedOn"
    entities, documents, pairs = mentions()
    uses = {(row["source"], row["target"]) for row in demo_data().uses}
    dated = {key: row[field] for key, row in documents.items() if field in row}
    inside = {key for key, when in dated.items() if period["from"] <= when <= period["to"]}
    seen: dict[str, list[str]] = defaultdict(list)
    together: dict[str, list[str]] = defaultdict(list)
    for entity, document in pairs:
        seen[entity].append(document)
        together[document].append(entity)
    first = {key: min((dated[d] for d in found if d in dated), default="") for key, found in seen.items()}
    pair_first: dict[tuple[str, str], str] = {}
    for document, found in together.items():
        for actor in found if document in dated else ():
            for software in found:
                if (entities[actor]["kind"], entities[software]["kind"]) == ("actor", "software"):
                    pair = (actor, software)
                    pair_first[pair] = min(pair_first.get(pair, "9"), dated[document])
    return {
        "documents": sorted(inside),
        "mentions": {(document, entity) for entity, document in pairs if document in inside},
        "new-entities": {
            (entities[key]["name"], entities[key]["kind"], when, sum(d not in dated for d in seen[key]))
            for key, when in first.items()
            if period["from"] <= when <= period["to"]
        },
        "new-relations": {
            (entities[a]["name"], entities[s]["name"], when, int((a, s) in uses))
            for (a, s), when in pair_first.items()
            if period["from"] <= when <= period["to"]
        },
    }


def test_the_demo_week_has_nine_documents_one_actor_five_software_and_four_pairs_that_are_true() -> None:
    rows = rows_of("2021-W09")
    assert len(rows["documents"]) == 9
    names = {kind: {name for name, k, _, _ in rows["new-entities"] if k == kind} for kind in ("actor", "software")}
    assert names == {"actor": {"HAFNIUM"}, "software": {"Covenant", "GoldFinder", "GoldMax", "Gootloader", "Sibot"}}
    assert sum(undated > 0 for _, _, _, undated in rows["new-entities"]) == 4
    assert {(actor, software) for actor, software, _, _ in rows["new-relations"]} == {
        ("HAFNIUM", "Covenant"),
        ("APT29", "GoldFinder"),
        ("APT29", "GoldMax"),
        ("APT29", "Sibot"),
    }
    assert all(listed for _, _, _, listed in rows["new-relations"])
    assert rows_of("2021-W08") == {"documents": [], "mentions": set(), "new-entities": set(), "new-relations": set()}


def recorded(name: str, period: str = "2021-W09", *, empty: bool = False) -> dict[str, Any]:
    """What the steps before `summarise` may have left, with an actor and a software of that name."""
    rows: list[Any] = [] if empty else [1]
    when = "2021-03" if period == "2021-03" else "2021-03-02"
    steps: dict[str, Any] = {
        "period": period_of(period),
        "documents": [{"dated": when, "id": "a.example/b", "url": "https://a.example/b"} for _ in rows],
        "mentions": [
            {"document": "a.example/b", "entity": key, "kind": "x", "name": name} for _ in rows for key in "as"
        ],
        "new-entities": [
            {"id": key, "kind": kind, "name": name, "first": when, "undated": 2}
            for _ in rows
            for key, kind in (("a", "actor"), ("s", "software"))
        ],
        "new-relations": [
            {"actorId": "a", "actor": name, "softwareId": "s", "software": name, "first": when, "listed": 0}
            for _ in rows
        ],
        "trend-documents": [{"dated": when, "documents": 1} for _ in rows],
        "trend-entities": [{"kind": "actor", "first": when, "entities": 1} for _ in rows],
        "trend-relations": [{"first": when, "relations": 1} for _ in rows],
        "coverage": [{"evidence": 10, "byDay": 3, "byMonth": 4}],
        "hosts": [{"key": "a.example", "documents": 1} for _ in rows],
    }
    for step_id in ("figures", "summarise"):
        steps[step_id] = evaluated(step_id, steps)
    return steps


def evaluated(step_id: str, steps: Mapping[str, Any]) -> Any:
    step = STEPS[step_id]
    seen = {"parameters": {}, "steps": steps}
    assert isinstance(step.inputs, Mapping)
    inputs = {name: evaluate(text, seen) for name, text in step.inputs.items()}
    return evaluate(step.body["expression"], inputs)


def verdict(steps: dict[str, Any]) -> str:
    claim = R3.provers["postconditions"]["citations:each-claim>=1"]
    assert claim["templates"] is True
    ancestors = {name: value for name, value in steps.items() if name != "summarise"}
    named = {"executed_by": "a", "logical_time": "2026-01-01T00:00:00Z", "purpose": None, "runbook_id": "R3"}
    scope = Scope(
        **named,
        version="1",
        step_id="summarise",
        execution_id="R3-1",
        policies_digest="",
        licences_digest="",
        licences={},
        outputs=steps["summarise"],
        ancestors=ancestors,
    )
    return PROVERS["citations"].judge(claim, scope, None).reason


NAMES = [
    "HAFNIUM",
    "{first}",
    "{",
    "}",
    "$1 $$ $0",
    "a\\b",
    "12",
    "",
    "\u202e\u200b😀",
    "#*_`$",
    "x" * 10_000,
    "{name} {kind}",
]


@pytest.mark.parametrize("name", NAMES, ids=[name[:12] or "empty" for name in NAMES])
def test_claims_hold_whatever_a_name_is(name: str) -> None:
    steps = recorded(name)
    assert verdict(steps) == "citations.met"
    texts = [claim["text"] for claim in steps["summarise"]["claims"]]
    assert f"{name} (actor) is first mentioned on 2021-03-02." in texts
    together = f"{name} and {name} are first mentioned together on 2021-03-02; "
    assert f"{together}ATT&CK does not list that the one uses the other." in texts


@pytest.mark.parametrize("period", ["2021-W09", "2021-03", "2021-03-01/2021-03-14"])
def test_claims_hold_for_every_kind_of_period(period: str) -> None:
    steps = recorded("X", period)
    assert verdict(steps) == "citations.met"
    assert steps["figures"]["documents"] == 1
    assert steps["figures"]["bins"][11] == {
        "label": steps["period"]["trend"][11]["label"],
        "documents": 1,
        "actors": 1,
        "software": 0,
        "relations": 1,
    }
    assert steps["figures"]["undated"] == (6 if period == "2021-03" else 7)


def test_an_empty_period_says_so_and_has_claims_too() -> None:
    steps = recorded("X", empty=True)
    assert verdict(steps) == "citations.met"
    claims = steps["summarise"]["claims"]
    assert claims[0]["text"] == "No document is dated in week 9 of 2021 (1 to 7 March 2021)."
    assert [claim["claimId"] for claim in claims] == ["documents", "before", "coverage"]
    assert steps["summarise"]["entities"] == steps["summarise"]["relations"] == steps["summarise"]["documents"] == []
    assert steps["figures"]["hosts"] == []


def test_stakeholders_are_told_only_when_it_is_asked_for_and_told_what_the_claims_say() -> None:
    step = STEPS["notify-stakeholders"]
    steps = {**recorded("X"), "report": {"file": "weekly-report.pdf"}}
    assert step.when is not None
    for parameters, expected in (({}, False), ({"notify": False}, False), ({"notify": True}, True)):
        assert evaluate(step.when, {"parameters": parameters, "steps": steps}) is expected
    assert isinstance(step.inputs, Mapping)
    inputs = {name: evaluate(text, {"parameters": {}, "steps": steps}) for name, text in step.inputs.items()}
    assert evaluate(step.body["subject"], inputs) == "Weekly report: week 9 of 2021 (1 to 7 March 2021)"
    lines = evaluate(step.body["text"], inputs).splitlines()
    claims = [claim["text"] for claim in steps["summarise"]["claims"] if claim["section"] == "summary"]
    assert lines == [*claims, *steps["summarise"]["attribution"]]
    assert evaluate(step.body["attachments"], inputs) == steps["report"]


def test_a_number_that_was_changed_on_the_way_is_noticed() -> None:
    steps = recorded("X")
    steps["figures"]["documents"] = 8
    assert verdict(steps) == "citations.value"


def test_the_template_prints_both_attributions() -> None:
    notice = (Path(__file__).parents[4] / "NOTICE").read_text("utf-8")
    lines = recorded("X")["summarise"]["attribution"]
    assert any("CIRCL and contributors" in line for line in lines)
    mitre = (
        "© The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation."
    )
    assert any(mitre in line for line in lines)
    assert "The MITRE Corporation" in notice
    assert json.loads(TEMPLATE.read_bytes())["purpose"] == "analysis"
