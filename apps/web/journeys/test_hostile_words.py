"""What strangers wrote is shown as they wrote it, on every page, and never runs; what is not theirs stays closed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from apps.web.journeys.conftest import SignIn
from apps.web.journeys.service import Service, serving

SCRIPT = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>{{7*7}}</title>'
DEFINITION = {
    "runbookId": "hostile",
    "name": f"Name {SCRIPT}",
    "version": "1.0",
    "description": SCRIPT,
    "purpose": "analysis",
    "parameters": {
        "type": "object",
        "properties": {"word": {"type": "string", "title": SCRIPT, "description": f"javascript:window.hit=1 {SCRIPT}"}},
        "additionalProperties": False,
    },
    "steps": [
        {
            "stepId": "say",
            "type": "transform",
            "description": SCRIPT,
            "dependsOn": [],
            "expression": f"{{'<b>': {json.dumps(SCRIPT)}, '__proto__': 'x'}}",
        }
    ],
}


@pytest.fixture(scope="module")
def service(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One whose only runbook is full of markup."""
    folder = tmp_path_factory.mktemp("hostile")
    templates = folder / "templates"
    templates.mkdir()
    (templates / "hostile.json").write_text(json.dumps(DEFINITION), "utf-8")
    (templates / f"broken{'<b>'}.json").write_text('{"runbookId": "<svg onload=window.hit=1>"}', "utf-8")
    with serving(demo, folder / "home", settings={"templates": str(templates)}) as started:
        yield started


def visit(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_function("() => document.querySelectorAll('[aria-label=Loading]').length === 0")
    assert page.evaluate("window.hit") is None, path
    assert page.locator("main img[src=x], main script, main b").count() == 0, path


def test_markup_in_every_field_is_text_on_every_page(service: Service, operator: Page) -> None:
    execution = service.run("hostile", word=SCRIPT)
    for path in (
        "/console/runbooks",
        "/console/runbooks/hostile",
        "/console/runbooks/hostile?tab=parameters",
        "/console/runbooks/hostile?tab=history",
        "/console/runbooks/hostile?tab=definition",
        "/console/runbooks/hostile/run",
        f"/console/runbooks/hostile/run?from={execution}",
        "/console/executions",
        *(
            f"/console/executions/{execution}?step=say&tab={tab}"
            for tab in ("output", "input", "provers", "attempts", "attestation", "definition")
        ),
        f"/console/executions/{execution}/replay",
        f"/console/verify?execution={execution}",
        "/console/review",
        "/console/settings",
    ):
        visit(operator, path)
    operator.goto("/console/runbooks")
    expect(operator.get_by_role("link", name=f"Name {SCRIPT}").first).to_be_visible()


@pytest.mark.parametrize(
    "path",
    [
        f"/console/executions?actor={SCRIPT}&outcome={SCRIPT}",
        f"/console/executions/{SCRIPT}",
        f"/console/runbooks/{SCRIPT}",
        f"/console/review/{SCRIPT}",
        f"/console/verify#sha256={SCRIPT}",
        "/console/executions/..%2f..%2fme",
        f"/console/audit?who={SCRIPT}",
    ],
)
def test_markup_in_an_address_is_text(path: str, operator: Page) -> None:
    visit(operator, path.replace(" ", "%20").replace("<", "%3C").replace(">", "%3E"))


def test_who_may_not_gets_no_page_of_it(service: Service, operator: Page, sign_in: SignIn) -> None:
    operator.goto("/console/audit")
    expect(operator.get_by_text(re.compile("auditor")).first).to_be_visible()
    execution = service.run("hostile", word="x")
    stranger = sign_in(None)
    stranger.goto(f"/console/executions/{execution}")
    expect(stranger.get_by_text("You are not signed in").first).to_be_visible()
    expect(stranger.get_by_text(execution)).to_have_count(0)
    # The signed-in session ends, and with it what could be read.
    operator.goto("/console/settings")
    operator.get_by_role("button", name="Sign out").click()
    expect(operator.get_by_text("You are not signed in").first).to_be_visible()
