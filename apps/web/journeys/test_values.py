"""What went in and what came out: which bytes they are comes first, and a large one is fetched when it is wanted."""

from __future__ import annotations

import hashlib
import re

import httpx
from playwright.sync_api import Page, expect

from apps.web.journeys.looking import axe
from apps.web.journeys.service import PEOPLE, Service


def value(service: Service, execution: str, section: str, step: str) -> bytes:
    """The bytes as the service gives them to who may read them."""
    headers = {"Authorization": f"Bearer {service.tokens[PEOPLE['operator']]}"}
    address = f"{service.url}/runbooks/{execution}/values/{section}/{step}"
    return httpx.get(address, headers=headers, trust_env=False).raise_for_status().content


def test_a_small_value_is_known_by_the_digest_of_its_bytes(service: Service, operator: Page) -> None:
    execution = service.run("R1")
    data = value(service, execution, "outputs", "measure-before")
    operator.goto(f"/console/executions/{execution}?step=measure-before")
    panel = operator.get_by_role("tabpanel", name="Output")
    expect(panel.get_by_text(f"Output of {len(data)} B")).to_be_visible()
    axe(operator)
    panel.get_by_role("button", name="Raw").click()
    expect(panel.get_by_role("region", name="Output, text")).to_have_text(data.decode())
    axe(operator)
    panel.get_by_role("button", name="Hash").click()
    expect(panel.get_by_text(f"sha256:{hashlib.sha256(data).hexdigest()}")).to_be_visible()
    axe(operator)


def test_a_large_value_is_told_first_and_fetched_when_it_is_wanted(service: Service, operator: Page) -> None:
    execution = service.run("R2")
    data = value(service, execution, "inputs", "select")
    assert len(data) > 1_000_000, "this journey needs a value of more than 1 MB"
    operator.goto(f"/console/executions/{execution}?step=select&tab=input")
    panel = operator.get_by_role("tabpanel", name="Input")
    expect(panel.get_by_text(re.compile(r"Input of 1\.\d MB"))).to_be_visible()
    expect(panel.get_by_text(re.compile("^An? (object|list)"))).to_be_visible()
    axe(operator)
    panel.get_by_role("button", name="Fetch all of it").click()
    panel.get_by_role("button", name="Hash").click()
    expect(panel.get_by_text(f"sha256:{hashlib.sha256(data).hexdigest()}")).to_be_visible()
    expect(panel.get_by_text("the one that the service told")).to_be_visible()
