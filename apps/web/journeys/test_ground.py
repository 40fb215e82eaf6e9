"""The ground of every journey: the page loads under its policy, and one that breaks a rule is noticed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from apps.web.journeys.conftest import SignIn
from apps.web.journeys.looking import SCHEMES, axe, shoot
from apps.web.journeys.service import Service
from apps.web.journeys.watching import Watch


@pytest.mark.parametrize("role", ["operator", "ombuds", "auditor"])
def test_the_root_leads_who_is_signed_in_to_the_runbooks(role: str, sign_in: SignIn) -> None:
    page = sign_in(role)
    page.goto("/")
    expect(page).to_have_url("/console/runbooks")
    expect(page.get_by_role("main")).to_be_visible()
    axe(page)


def test_a_stranger_is_told_how_to_sign_in(sign_in: SignIn) -> None:
    page = sign_in(None)
    page.goto("/console/executions")
    expect(page.get_by_role("main")).to_contain_text("runbooks")
    axe(page)
    for picture in shoot(page, "signed-out"):
        assert picture.stat().st_size > 5_000


def test_both_schemes_are_drawn(operator: Page) -> None:
    operator.goto("/console/runbooks")
    colours = set()
    for scheme in SCHEMES:
        operator.emulate_media(color_scheme=scheme)
        colours.add(operator.evaluate("getComputedStyle(document.body).color"))
    assert len(colours) == len(SCHEMES)


BREACHES = {
    "a script in the page": (
        "document.body.append(Object.assign(document.createElement('script'), {textContent: '1'}))",
        "policy",
    ),
    "text that becomes HTML": ("document.body.innerHTML = '<p>x</p>'", "policy"),
    "a picture from elsewhere": ("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/x'}))", ""),
    "code from text": ("setTimeout('1', 0)", "policy"),
    "a call elsewhere": ("fetch('http://127.0.0.1:9/x')", "policy"),
    "a policy of another name": ("trustedTypes.createPolicy('other', {})", "policy"),
    "an error that nobody catches": ("setTimeout(() => { throw new Error('planted') }, 0)", "uncaught: planted"),
    "a file that is not there": ("fetch('/console/assets/gone.js')", "404: /console/assets/gone.js"),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_a_page_that_breaks_a_rule_is_noticed(breach: str, browser: Browser, service: Service) -> None:
    script, told = BREACHES[breach]
    context = browser.new_context(base_url=service.url)
    watch = Watch(context, service.url)
    page = context.new_page()
    page.goto("/console/sign-in")
    page.wait_for_load_state("networkidle")
    assert watch.faults == []
    page.evaluate(f"async () => {{ try {{ await ({script}) }} catch {{ /* the browser says it too */ }} }}")
    page.wait_for_function("() => new Promise((resolve) => setTimeout(() => resolve(true), 50))")
    context.close()
    assert any(told.lower() in fault.lower() for fault in watch.faults), watch.faults


def test_axe_finds_what_is_planted(operator: Page) -> None:
    operator.goto("/console/runbooks")
    expect(operator.get_by_role("heading", level=1)).to_be_visible()
    operator.evaluate("document.querySelector('main').append(new Image())")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(operator)
