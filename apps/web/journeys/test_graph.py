"""The graph of a run: what is out of sight is seen in the overview, and what went wrong there is gone to."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from apps.web.journeys.conftest import SignIn
from apps.web.journeys.looking import axe
from apps.web.journeys.service import Service


def test_what_went_wrong_out_of_sight_is_told_at_the_edge(service: Service, sign_in: SignIn) -> None:
    execution = service.run("R1-country")
    page = sign_in("operator", viewport={"width": 900, "height": 900})
    page.goto(f"/console/executions/{execution}?view=graph&step=measure-before")
    graph = page.get_by_role("img", name=re.compile("Graph of the run"))
    expect(graph.get_by_text("measure-before")).to_be_visible()
    overview = page.get_by_test_id("rf__minimap")
    expect(overview).to_be_visible()
    box = graph.bounding_box()
    assert box is not None

    # Drawn to the right, until the step that is held has left the picture.
    pin = page.get_by_role("button", name=re.compile("1 in trouble to the right"))
    for _ in range(8):
        if pin.is_visible():
            break
        y = box["y"] + 14
        page.mouse.move(box["x"] + 60, y)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] - 60, y, steps=4)
        page.mouse.up()
    expect(pin).to_be_visible()
    axe(page)
    pin.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("step=update-entities"))
    expect(pin).to_have_count(0)
    expect(graph.get_by_text("update-entities")).to_be_visible()

    # All of it in the picture needs no overview.
    page.keyboard.press("0")
    expect(overview).to_have_count(0)
    axe(page)
