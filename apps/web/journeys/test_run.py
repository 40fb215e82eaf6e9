"""Run and watch, by keyboard alone: from the list of runbooks to a proof, live, and on a line that breaks."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, Route, expect

from apps.web.journeys.conftest import SignIn
from apps.web.journeys.looking import axe

DONE_MS = 60_000


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def live(page: Page) -> Locator:
    return page.get_by_role("banner").get_by_text(re.compile("Live$"))


def start(page: Page, runbook_id: str) -> str:
    """Start a runbook as somebody without a mouse does; its execution's id."""
    page.goto("/console/executions")
    expect(page.get_by_role("heading", level=1)).to_have_text("Executions")
    press(page, "g", "b")
    expect(page).to_have_url("/console/runbooks")
    row = page.locator(f'[data-row][href$="/runbooks/{runbook_id}"]')
    expect(row).to_be_visible()
    for _ in range(10):
        press(page, "j")
        if row.evaluate("element => element === document.activeElement"):
            break
    press(page, "Enter")
    expect(page).to_have_url(f"/console/runbooks/{runbook_id}")
    expect(page.get_by_role("tab", name="Steps")).to_be_visible()
    press(page, "r")
    expect(page.get_by_label("Purpose")).to_be_visible()
    press(page, "Control+Enter")
    expect(page).to_have_url(re.compile(rf"/console/executions/{runbook_id}-\d{{4}}-[0-9a-f]+"))
    return page.url.rpartition("/")[2].partition("?")[0]


def test_r1_is_run_and_watched_by_keyboard_until_its_proof_is_there(operator: Page) -> None:
    start(operator, "R1")
    expect(operator.get_by_text("8/8 done")).to_be_visible(timeout=DONE_MS)
    axe(operator)
    for key, name in (("2", "Timeline"), ("3", "List"), ("1", "Graph")):
        press(operator, key)
        expect(operator.get_by_role("tab", name=re.compile(name))).to_have_attribute("aria-selected", "true")
        axe(operator)
    tree = operator.get_by_role("tree")
    tree.focus()
    press(operator, "Home", "ArrowDown", "Enter")
    expect(operator).to_have_url(re.compile("step=query-entities"))
    for tab in ("Input", "Provers", "Attempts", "Attestation", "Definition"):
        operator.get_by_role("tab", name=re.compile(tab)).click()
        axe(operator)
    with operator.expect_download() as download:
        press(operator, "d")
    assert download.value.suggested_filename.endswith(".pcq")


def test_a_line_that_breaks_in_the_middle_loses_nothing(operator: Page) -> None:
    cuts = []

    def cut(route: Route) -> None:
        # The first line is closed at once, the next two are refused.
        cuts.append(route.request.headers.get("last-event-id"))
        if len(cuts) == 1:
            route.fulfill(status=200, content_type="text/event-stream", body="id: 0-0\nevent: ready\ndata: {}\n\n")
        elif len(cuts) < 4:
            route.fulfill(status=503)
        else:
            route.continue_()

    operator.route("**/api/events?**", cut)
    start(operator, "R1")
    expect(operator.get_by_text("8/8 done")).to_be_visible(timeout=DONE_MS)
    expect(live(operator)).to_be_visible(timeout=DONE_MS)
    assert len(cuts) >= 4
    assert cuts[1:4] == ["0-0"] * 3, "each comes back with where the first was"


def test_two_pages_of_one_browser_share_one_line(sign_in: SignIn) -> None:
    first = sign_in("operator")
    second = first.context.new_page()
    lines: list[str] = []
    first.context.on("request", lambda request: "/api/events" in request.url and lines.append(request.url))
    for page in (first, second):
        page.goto("/console/executions")
        expect(live(page)).to_be_visible()
    assert len(lines) == 1
    name = start(second, "R1")
    expect(first.get_by_role("link", name=name)).to_be_visible(timeout=DONE_MS)
    # The page that listened goes, and the other takes over.
    with second.expect_request("**/api/events?**"):
        first.close()
    expect(second.get_by_text("8/8 done")).to_be_visible(timeout=DONE_MS)
    expect(live(second)).to_be_visible()


def test_a_form_says_what_is_wrong_and_where(operator: Page) -> None:
    operator.goto("/console/runbooks/R2/run")
    operator.get_by_label("threshold").fill("2")
    press(operator, "Enter")
    summary = operator.get_by_role("alert")
    expect(summary).to_contain_text("must be at most 1")
    axe(operator)
    summary.get_by_role("button").click()
    expect(operator.get_by_label("threshold")).to_be_focused()
    assert operator.get_by_label("threshold").get_attribute("aria-invalid") == "true"
    operator.get_by_label("threshold").fill("0.95")
    operator.get_by_role("button", name="Dry run").click()
    expect(operator.get_by_role("heading", name=re.compile("Dry run"))).to_be_visible()
    axe(operator)
