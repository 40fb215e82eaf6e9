"""Find executions: by when they started, by what failed, by who ran them; every view is an address."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from apps.web.journeys.looking import axe
from apps.web.journeys.service import PEOPLE, Service


def test_executions_are_narrowed_by_time_with_keys_and_by_hand(service: Service, auditor: Page) -> None:
    first, second = service.run("R1"), service.run("R1-country")
    auditor.goto("/console/executions")
    rows = auditor.get_by_role("table", name="Executions")
    for name in (first, second):
        expect(rows.get_by_role("link", name=name)).to_be_visible()
    # Others may have been run before.
    oldest = rows.get_by_role("link").last.inner_text()
    bar = auditor.get_by_role("slider", name="Time of the start")
    axe(auditor)
    bar.focus()
    auditor.keyboard.press("Home")
    expect(bar).to_have_attribute("aria-valuetext", re.compile("[1-9] (done|waiting)"))
    auditor.keyboard.press("Enter")
    expect(auditor).to_have_url(re.compile("from=.*to="))
    expect(rows.get_by_role("link", name=second)).to_have_count(0)
    expect(rows.get_by_role("link", name=oldest)).to_be_visible()
    axe(auditor)
    auditor.reload()
    expect(rows.get_by_role("link", name=second)).to_have_count(0)
    auditor.get_by_role("button", name="All times").click()
    expect(rows.get_by_role("link", name=second)).to_be_visible()

    # From the left end to the right one is all of it again.
    box = bar.bounding_box()
    assert box is not None
    auditor.mouse.move(box["x"] + 2, box["y"] + 20)
    auditor.mouse.down()
    auditor.mouse.move(box["x"] + box["width"] - 2, box["y"] + 20, steps=5)
    auditor.mouse.up()
    expect(auditor).to_have_url(re.compile("from=.*to="))
    for name in (first, second):
        expect(rows.get_by_role("link", name=name)).to_be_visible()


def test_executions_are_found_by_what_failed_and_the_filters_are_cleared(service: Service, operator: Page) -> None:
    done, held = service.run("R1"), service.run("R1-country")
    operator.goto("/console/executions")
    rows = operator.get_by_role("table", name="Executions")
    expect(rows.get_by_role("link", name=done)).to_be_visible()
    operator.keyboard.press("/")
    operator.keyboard.type(PEOPLE["operator"])
    operator.keyboard.press("Tab")
    expect(operator).to_have_url(re.compile("actor=analyst"))
    operator.get_by_label("Failed prover").fill("kpi:completeness>=0.95")
    operator.keyboard.press("Enter")
    expect(operator.get_by_label("Failed prover")).to_be_focused()
    expect(rows.get_by_role("link", name=done)).to_have_count(0)
    expect(rows.get_by_role("link", name=held)).to_be_visible()
    operator.get_by_label("Failed step").fill("no such step")
    operator.keyboard.press("Enter")
    expect(operator.get_by_text("No execution fits these filters")).to_be_visible()
    axe(operator)
    operator.get_by_role("button", name="Clear", exact=True).click()
    expect(operator).to_have_url("/console/executions")
    expect(rows.get_by_role("link", name=done)).to_be_visible()
