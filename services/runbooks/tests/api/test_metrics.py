"""The figures for Prometheus: read by its own parser, right, and about nobody."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from services.runbooks.tests.api.conftest import Api

FORBIDDEN = {"execution", "execution_id", "subject", "step", "step_id", "review", "runbook"}


async def figures(api: Api) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = await api.get("/metrics", "adm")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation
        for sample in family.samples:
            assert not FORBIDDEN & sample.labels.keys(), sample
            found[sample.name, frozenset(sample.labels.items())] = sample.value
    return found


def of(**labels: str) -> frozenset[tuple[str, str]]:
    return frozenset(labels.items())


async def test_what_happened_is_counted(api: Api) -> None:
    name = await api.run("R")
    await api.run("gated")
    [review] = (await api.get("/reviews")).json()
    said = {"decision": "rejected", "reason": "there are no rows"}
    decided = await api.post(f"/reviews/{review['reviewId']}/decisions", said, "ben", {"If-Match": "1"})
    assert decided.is_success, decided.text
    await api.get("/runbooks/none-0001-000000")
    await api.get(f"/api/runbooks/{name}", "mal")
    await api.get("/nowhere/at/all")
    found = await figures(api)
    assert found["runbooks_executions_started_total", of()] == 2
    assert found["runbooks_executions_ended_total", of(outcome="completed")] == 1
    assert found["runbooks_review_statements_total", of(statement="opened")] == 1
    assert found["runbooks_executions_ended_total", of(outcome="blocked")] == 1
    assert found["runbooks_prover_results_total", of(prover="row_count", result="fail")] == 1
    status = {"method": "GET", "route": "/runbooks/{execution_id}"}
    assert found["runbooks_http_requests_total", of(**status, status="404")] == 1
    assert found["runbooks_http_requests_total", of(method="GET", route="(none)", status="404")] == 1
    assert found["runbooks_http_requests_total", of(method="POST", route="/runbooks/execute", status="202")] == 2
    assert found["runbooks_http_request_duration_seconds_count", of(method="POST", route="/runbooks/execute")] == 2
    assert name not in (await api.get("/metrics", "adm")).text


async def test_who_may_read_them(api: Api) -> None:
    codes = {person: (await api.get("/metrics", person)).status_code for person in ("adm", "olga", "aud", "vic", "mal")}
    assert codes == {"adm": 200, "olga": 403, "aud": 403, "vic": 403, "mal": 403}
    assert (await api.http.get("/metrics")).status_code == 401
