"""Decide, by keyboard alone: what waits is found, understood and decided; and two people decide at once."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from apps.web.journeys.conftest import SignIn
from apps.web.journeys.looking import axe
from apps.web.journeys.service import Service

REASON = "these sources cannot fill the country of every actor"


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def press_button(page: Page, name: str) -> None:
    """With the keyboard: it is reached, and pressed by Enter."""
    button(page, name).focus()
    page.keyboard.press("Enter")


def open_case(page: Page, execution: str) -> None:
    page.goto("/console/runbooks")
    expect(page.locator("[data-row]").first).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page).to_have_url("/console/review")
    case = page.locator(f'a[href$="/review/{execution}.r1"]')
    expect(case).to_be_visible()
    for _ in range(10):
        if case.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/console/review/{execution}.r1"))


def test_a_blocked_run_is_found_in_the_queue_and_rejected(service: Service, ombuds: Page) -> None:
    execution = service.run("R1-country")
    ombuds.goto("/console/review")
    axe(ombuds)
    open_case(ombuds, execution)
    expect(ombuds.get_by_text("0.4643").first).to_be_visible()
    axe(ombuds)
    press_button(ombuds, "Reject…")
    expect(ombuds.get_by_role("dialog")).to_be_visible()
    axe(ombuds)
    press_button(ombuds, "Sign and reject")
    expect(ombuds.get_by_role("dialog")).to_contain_text("Say it in words")
    ombuds.keyboard.type(REASON)
    press_button(ombuds, "Sign and reject")
    expect(ombuds.get_by_role("dialog")).to_have_count(0)
    expect(ombuds.get_by_label("Decision")).to_contain_text(REASON)
    ombuds.goto(f"/console/executions/{execution}")
    expect(ombuds.get_by_text("blocked", exact=True).first).to_be_visible()
    axe(ombuds)


def test_who_asked_sees_why_they_may_not_decide(service: Service, operator: Page) -> None:
    execution = service.run("R1-country")
    open_case(operator, execution)
    for name in ("Approve as override…", "Reject…", "Request more info…"):
        expect(button(operator, name)).to_have_attribute("aria-disabled", "true")
        expect(button(operator, name)).to_have_accessible_description(re.compile("You started this run"))
    press_button(operator, "Reject…")
    expect(operator.get_by_role("dialog")).to_have_count(0)
    axe(operator)


def test_an_override_needs_words_and_the_name_and_never_looks_like_what_was_proved(
    service: Service, ombuds: Page
) -> None:
    execution = service.run("R1-country")
    open_case(ombuds, execution)
    approve = button(ombuds, "Approve as override…")
    # Not before this browser has looked at the evidence.
    expect(approve).not_to_have_attribute("aria-disabled", "true", timeout=60_000)
    press_button(ombuds, "Approve as override…")
    ombuds.keyboard.type("too short")
    press_button(ombuds, "Sign and approve")
    expect(ombuds.get_by_role("dialog")).to_contain_text("At least 20 characters")
    ombuds.keyboard.type(", but the report says that the field is often unknown")
    press_button(ombuds, "Sign and approve")
    expect(ombuds.get_by_role("dialog")).to_contain_text("It must read R1-country")
    ombuds.get_by_label("Type R1-country to confirm").focus()
    ombuds.keyboard.type("R1-country")
    press_button(ombuds, "Sign and approve")
    expect(ombuds.get_by_role("dialog")).to_have_count(0, timeout=60_000)
    ombuds.goto(f"/console/executions/{execution}")
    expect(ombuds.get_by_text(re.compile("override")).first).to_be_visible(timeout=60_000)


def test_of_two_who_decide_at_once_the_slower_keeps_their_words_and_sees_who_was_first(
    service: Service, sign_in: SignIn
) -> None:
    execution = service.run("R1-country")
    first, second = sign_in("ombuds"), sign_in("second ombuds")
    for page in (first, second):
        open_case(page, execution)
        press_button(page, "Reject…")
        page.keyboard.type(f"{REASON}, says {'the first' if page is first else 'the second'}")
    # The second has not heard yet what the first says.
    second.route("**/api/reviews/*", lambda route: route.continue_() if route.request.method == "POST" else None)
    press_button(first, "Sign and reject")
    expect(first.get_by_role("dialog")).to_have_count(0)
    second.unroute("**/api/reviews/*")
    press_button(second, "Sign and reject")
    dialog = second.get_by_role("dialog")
    expect(dialog).to_contain_text("ombuds-1")
    expect(dialog.get_by_label("Reason")).to_have_value(f"{REASON}, says the second")
    axe(second)
