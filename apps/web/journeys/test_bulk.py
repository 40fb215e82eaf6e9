"""Several cases at once: a no or a question, never a yes; each is a decision of its own, what fails stays chosen."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import Locator, Page, expect

from apps.web.journeys.looking import axe
from apps.web.journeys.service import PEOPLE, Service

REASON = "the source was withdrawn"


def choose(page: Page, execution: str) -> None:
    """With the keyboard: the row is reached, and chosen by Space."""
    page.locator(f'a[href$="/review/{execution}.r1"]').focus()
    page.keyboard.press("Space")
    expect(page.get_by_label(f"Choose {execution}.r1")).to_be_checked()


def reject_elsewhere(service: Service, execution: str) -> None:
    """Another person is faster, and the page has not heard of it."""
    headers = {"Authorization": f"Bearer {service.tokens[PEOPLE['second ombuds']]}", "If-Match": '"1"'}
    body = {"decision": "rejected", "reason": "I was first"}
    address = f"{service.url}/reviews/{execution}.r1/decisions"
    httpx.post(address, json=body, headers=headers, trust_env=False, timeout=60).raise_for_status()


def chosen(page: Page) -> Locator:
    return page.get_by_role("group", name="Chosen cases")


def test_cases_are_chosen_by_keys_and_let_go_of(service: Service, ombuds: Page) -> None:
    executions = [service.run("R1-country") for _ in range(2)]
    ombuds.goto("/console/review")
    expect(ombuds.get_by_text(re.compile("[Tt]he next is due in"))).to_be_visible()
    for execution in executions:
        choose(ombuds, execution)
    expect(chosen(ombuds)).to_contain_text("2 cases chosen")
    expect(chosen(ombuds).get_by_role("button", name=re.compile("Approve"))).to_have_count(0)
    axe(ombuds)
    ombuds.keyboard.press("Escape")
    expect(chosen(ombuds)).to_have_count(0)


def test_cases_are_rejected_together_and_each_on_its_own(service: Service, ombuds: Page) -> None:
    first, second = service.run("R1-country"), service.run("R1-country")
    ombuds.goto("/console/review")
    for execution in (first, second):
        choose(ombuds, execution)
    chosen(ombuds).get_by_role("button", name="Reject…").click()
    dialog = ombuds.get_by_role("dialog", name="Reject 2 cases")
    confirm = dialog.get_by_role("button", name="Sign and reject 2 cases")
    confirm.click()
    expect(dialog).to_contain_text("Say it in words")
    reject_elsewhere(service, second)
    dialog.get_by_label(re.compile("Reason")).fill(REASON)
    axe(ombuds)
    confirm.click()
    expect(dialog).to_contain_text("1 rejected, 1 not", timeout=60_000)
    expect(dialog.get_by_role("listitem").filter(has_text=f"{second}.r1")).to_contain_text("Somebody was faster")
    axe(ombuds)
    dialog.get_by_role("button", name="Close").click()
    expect(chosen(ombuds)).to_contain_text("1 case chosen")
    expect(ombuds.get_by_label(f"Choose {second}.r1")).to_be_checked()
    ombuds.goto(f"/console/review/{first}.r1")
    expect(ombuds.get_by_label("Decision")).to_contain_text(REASON)


def test_a_question_to_all_leaves_nothing_to_decide(service: Service, ombuds: Page) -> None:
    reject_elsewhere(service, service.run("R1-country"))
    service.run("R1-country")
    ombuds.goto("/console/review")
    ombuds.get_by_label("Choose all cases").check()
    chosen(ombuds).get_by_role("button", name="Request more info…").click()
    dialog = ombuds.get_by_role("dialog")
    dialog.get_by_label(re.compile("Question")).fill("Which source is it?")
    dialog.get_by_role("button", name=re.compile("Sign and ask")).click()
    expect(dialog).to_contain_text(re.compile(r"\d asked"), timeout=60_000)
    dialog.get_by_role("button", name="Close").click()
    ombuds.reload()
    expect(ombuds.get_by_text("Nothing needs a decision.")).to_be_visible()
    expect(ombuds.get_by_text(re.compile("Last one:"))).to_be_visible()
    axe(ombuds)


def test_who_may_say_nothing_has_nothing_to_choose(service: Service, auditor: Page) -> None:
    service.run("R1-country")
    auditor.goto("/console/review")
    expect(auditor.locator("a[data-case]").first).to_be_visible()
    expect(auditor.get_by_role("checkbox", name=re.compile("^Choose"))).to_have_count(0)
