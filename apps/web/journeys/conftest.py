"""Pages signed in as a person, on a service over a fresh copy of the demo; a page that breaks a rule fails its test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from apps.web.journeys.service import PEOPLE, Service, imported, serving, without_console
from apps.web.journeys.watching import Watch
from services.runbooks.tests.real import not_tested_lines, require

_FLAGS = ["no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking"]

SignIn = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that is in this folder needs a browser and a real service."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.real)
            item.add_marker(pytest.mark.browser)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End the run with what was not tested here, and why."""
    for line in not_tested_lines():
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's Chromium: nothing is downloaded."""
    found = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    require("the console in a browser", None if found else "there is no chromium")
    return {**browser_type_launch_args, "executable_path": found, "args": [f"--{flag}" for flag in _FLAGS]}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo, for copies."""
    require("the console in a browser", without_console())
    return imported(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def service(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of this module's own."""
    with serving(demo, tmp_path_factory.mktemp("service") / "home") as started:
        yield started


@pytest.fixture
def sign_in(browser: Browser, service: Service) -> Iterator[SignIn]:
    """Opens a page as `operator`, `ombuds` or `auditor`, each in a context of its own; `None` is a stranger.

    Other options are those of Playwright's `new_context`.
    """
    with ExitStack() as stack:

        def open_page(role: str | None, **options: Any) -> Page:
            page = stack.enter_context(_context(browser, service, options)).new_page()
            if role is not None:
                page.goto(service.link(PEOPLE[role]))
                page.wait_for_url("**/console/runbooks")
            return page

        yield open_page


@contextmanager
def _context(browser: Browser, service: Service, options: dict[str, Any]) -> Iterator[BrowserContext]:
    usual = {
        "base_url": service.url,
        "color_scheme": "light",
        "locale": "en-GB",
        "timezone_id": "UTC",
        "reduced_motion": "reduce",
        "viewport": {"width": 1280, "height": 800},
    }
    context = browser.new_context(**{**usual, **options})
    watch = Watch(context, service.url)
    yield context
    context.close()
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture
def operator(sign_in: SignIn) -> Page:
    """A page of who may run."""
    return sign_in("operator")


@pytest.fixture
def ombuds(sign_in: SignIn) -> Page:
    """A page of who may decide."""
    return sign_in("ombuds")


@pytest.fixture
def auditor(sign_in: SignIn) -> Page:
    """A page of who may check proofs and read no value."""
    return sign_in("auditor")
