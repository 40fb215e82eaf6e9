"""The examples of the OpenAPI document have the members of what the routes answer."""

from __future__ import annotations

from runbooks.api.examples import EXECUTION_EXAMPLE, REHEARSAL_EXAMPLE, SCHEDULE_EXAMPLE

from services.runbooks.tests.api.conftest import Api


async def test_the_examples_have_the_members_of_the_answers(api: Api) -> None:
    held = await api.run("gated")
    answers = [
        ("/runbooks/{execution_id}", EXECUTION_EXAMPLE, await api.get(f"/runbooks/{held}")),
        ("/runbooks/execute", EXECUTION_EXAMPLE, await api.post("/runbooks/execute", {"runbookId": "gated"})),
        (
            "/runbooks/dry-run",
            REHEARSAL_EXAMPLE,
            await api.post("/runbooks/dry-run", {"runbookId": "gated", "parameters": {"n": 1}}),
        ),
        ("/schedules", SCHEDULE_EXAMPLE, await api.post("/schedules", {"runbookId": "R", "cron": "0 6 * * 1"})),
    ]
    paths = (await api.http.get("/openapi.json")).json()["paths"]
    for path, example, response in answers:
        answer = response.json()
        assert example.keys() == answer.keys(), path
        for name in ("steps", "actions", "problems"):
            if name in example:
                assert example[name][0].keys() == answer[name][0].keys(), (path, name)
        operation = paths[path].get("post") or paths[path]["get"]
        shown = operation["responses"][str(response.status_code)]["content"]["application/json"]["example"]
        # The document leaves out what is null.
        assert shown.keys() == {name for name, value in example.items() if value is not None}, path
