"""The examples of the OpenAPI document are what the routes answer: in shape, and member for member."""

from __future__ import annotations

import pytest
from runbooks.api.answers.examples import EXAMPLES
from runbooks.canonical import pointer_to

from services.runbooks.tests.api.conformance import validator
from services.runbooks.tests.api.conftest import Api


@pytest.mark.parametrize("name", EXAMPLES)
async def test_an_example_has_the_shape_that_the_document_says(name: str, api: Api) -> None:
    document = (await api.http.get("/openapi.json")).json()
    assert document["components"]["examples"][name] == {"value": EXAMPLES[name]}
    found = validator(document, {"$ref": f"#/components/schemas/{name}"}).iter_errors(EXAMPLES[name])
    assert [f"{pointer_to(error.instance_path)}: {error.message}" for error in found] == []


async def test_the_examples_have_the_members_of_the_answers(api: Api) -> None:
    held = await api.run("gated")
    [review] = (await api.get("/reviews")).json()
    version = (await api.get("/templates/gated")).json()["digest"]
    scheduled = await api.post("/schedules", {"runbookId": "R", "cron": "0 6 * * 1"})
    answers = {
        "Execution": await api.get(f"/runbooks/{held}"),
        "LogPage": await api.get(f"/runbooks/{held}/log"),
        "ExecutionPage": await api.get("/executions"),
        "Histogram": await api.get("/executions/histogram"),
        "StepDetail": await api.get(f"/runbooks/{await api.run()}/steps/s"),
        "Rehearsal": await api.post("/runbooks/dry-run", {"runbookId": "gated", "parameters": {"n": 1}}),
        "TemplateList": await api.get("/templates"),
        "TemplateDetail": await api.get("/templates/gated"),
        "TemplateVersion": await api.get(f"/templates/gated/versions/{version}"),
        "Review": await api.get(f"/reviews/{review['reviewId']}"),
        "Schedule": scheduled,
        "Profile": await api.get("/me"),
        "Trust": await api.get("/trust"),
        "Policies": await api.get("/policies"),
        "AuditPage": await api.get("/audit", "aud"),
        "Readiness": await api.get("/ready"),
        "Problem": await api.post("/runbooks/execute", {"runbookId": "gated", "parameters": {"n": 1}}),
    }
    for name, response in answers.items():
        answer, example = response.json(), EXAMPLES[name]
        assert example.keys() == answer.keys(), name
        for member, shown in example.items():
            if isinstance(shown, list) and shown and answer[member] and isinstance(shown[0], dict):
                assert shown[0].keys() - {"subject"} == answer[member][0].keys() - {"subject"}, (name, member)
