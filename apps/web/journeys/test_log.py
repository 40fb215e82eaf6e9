"""The log of a run: opened, searched, narrowed, linked to and taken along, by keyboard, as whoever may see the run."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from apps.web.journeys.looking import axe
from apps.web.journeys.service import Service


def test_a_log_is_searched_and_a_line_of_it_sent_to_somebody(service: Service, auditor: Page) -> None:
    name = service.run("R1-country")
    auditor.goto(f"/console/executions/{name}")
    expect(auditor.get_by_role("tree")).to_be_visible()
    auditor.keyboard.press("4")
    log = auditor.get_by_role("region", name="Log of the run")
    expect(log.get_by_text(re.compile("started by analyst"))).to_be_visible()
    axe(auditor)
    auditor.keyboard.press("/")
    expect(auditor.get_by_label("Search the log")).to_be_focused()
    auditor.get_by_label("Search the log").fill("metric.not_met")
    status = auditor.get_by_role("search", name="Log").get_by_role("status").first
    expect(status).to_have_text(re.compile(r"\d hits?"))
    auditor.keyboard.press("Enter")
    expect(status).to_have_text(re.compile(r"hit 1 of \d|1 hit"))
    expect(auditor).to_have_url(re.compile(r"line=\d+"))
    expect(log.locator("mark").first).to_have_text("metric.not_met")
    axe(auditor)

    # Who is sent the address sees that line.
    line = re.search(r"line=(\d+)", auditor.url)
    assert line is not None
    auditor.reload()
    chosen = log.get_by_role("button", name=f"Line {line[1]}:")
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(chosen).to_be_in_viewport()

    auditor.get_by_label(re.compile("Errors only")).check()
    expect(log.get_by_text(re.compile("started by analyst"))).to_have_count(0)
    with auditor.expect_download() as download:
        auditor.get_by_role("button", name="Download the log").click()
    text = Path(download.value.path()).read_text("utf-8")
    assert all(line.split("\t")[2] == "error" for line in text.splitlines())
    assert "metric.not_met" in text


def test_a_step_has_its_own_log_by_one_key(service: Service, operator: Page) -> None:
    name = service.run("R1")
    operator.goto(f"/console/executions/{name}?step=query-entities")
    expect(operator.get_by_role("tab", name="Logs")).to_be_visible()
    operator.keyboard.press("l")
    expect(operator).to_have_url(re.compile("tab=logs"))
    log = operator.get_by_role("region", name="Log of query-entities")
    expect(log.get_by_role("row").nth(1)).to_be_visible()
    expect(log.get_by_role("columnheader", name="Step")).to_have_count(0)
    axe(operator)


def test_a_log_that_does_not_come_says_so_and_comes_later(service: Service, operator: Page) -> None:
    name = service.run("R1")
    operator.route("**/api/runbooks/*/log?**", lambda route: route.fulfill(status=503, json={"code": "x"}))
    operator.goto(f"/console/executions/{name}?view=log")
    retry = operator.get_by_role("button", name="Try again")
    expect(retry).to_be_visible(timeout=20_000)
    operator.unroute("**/api/runbooks/*/log?**")
    retry.click()
    expect(operator.get_by_role("region", name="Log of the run")).to_be_visible()
