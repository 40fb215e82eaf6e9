"""The list of 100,000 executions in Chromium: how soon it is there, how it scrolls, how it jumps.

Run `make web` and then `python -m apps.web.bench.long_list`. Exit code 1 when a budget is exceeded.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright
from runbooks.adapters.catalogue import SqliteCatalogue

from apps.web.journeys.service import PEOPLE, serving

ROWS = 100_000
# Milliseconds.
USABLE, FRAME_P95, JUMP = 1200.0, 25.0, 300.0
OUTCOMES = ("completed", "completed", "completed", "failed", "cancelled", "blocked")

_SCROLL = """async () => {
  const scroller = document.querySelector('[role=region][aria-label=Executions]');
  const frames = [];
  let last = performance.now();
  for (let frame = 0; frame < 240; frame += 1) {
    scroller.scrollTop += 90;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - last);
    last = now;
  }
  return {frames, rows: document.querySelectorAll('[role=rowgroup] > [role=row]').length};
}"""


def main() -> int:
    """Measure, print, judge."""
    with tempfile.TemporaryDirectory() as name:
        origin = Path(name) / "origin"
        origin.mkdir()
        fill(origin)
        with serving(origin, Path(name) / "home") as service, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium") or "chromium", args=["--no-sandbox"]
            )
            context = browser.new_context(
                base_url=service.url,
                viewport={"width": 1440, "height": 900},
                extra_http_headers={"Authorization": f"Bearer {service.tokens[PEOPLE['operator']]}"},
            )
            figures = measure(context.new_page())
            browser.close()
    for what, value in figures.items():
        print(f"{what:24}{value:10.1f}")
    exceeded = {"usable": USABLE, "frame p95": FRAME_P95, "jump": JUMP}
    over = [what for what, most in exceeded.items() if figures[what] > most]
    print(f"over budget: {', '.join(over)}" if over else "within all budgets")
    return 1 if over else 0


def fill(home: Path) -> None:
    """A catalogue of as many executions, a minute apart, in the data folder."""
    catalogue = SqliteCatalogue(home / "catalogue.sqlite")
    for start in range(0, ROWS, 10_000):
        catalogue.put([_summary(number) for number in range(start, start + 10_000)], start + 10_000)
    catalogue.close()


def _summary(number: int) -> dict[str, Any]:
    day, minute = divmod(number, 1440)
    started = f"2026-{1 + day // 28:02}-{1 + day % 28:02}T{minute // 60:02}:{minute % 60:02}:00Z"
    return {
        "executionId": f"R1-{number:06}-abcdef",
        "runbookId": "R1",
        "version": "2.0",
        "number": number,
        "executedBy": "analyst",
        "purpose": "enrichment",
        "outcome": OUTCOMES[number % len(OUTCOMES)],
        "startedAt": started,
        "endedAt": started.replace(":00Z", ":05Z"),
        "definitionDigest": f"sha256:{0:064x}",
        "failedStep": None,
        "failedProver": None,
        "openReviews": 0,
        "merkleRoot": f"sha256:{number:064x}",
        "steps": {"settled": 8, "total": 8},
    }


def measure(page: Page) -> dict[str, float]:
    """Milliseconds, and rows in the document."""
    page.goto("/console/executions")
    page.get_by_role("row").nth(5).wait_for()
    usable = page.evaluate("performance.now()")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    scrolled = page.evaluate(_SCROLL)
    frames = sorted(scrolled["frames"])
    jumps = [_jump(page, day) for day in ("2026-02-10", "2026-01-05", "2026-03-01", "2026-02-20", "2026-01-20")]
    return {
        "first contentful paint": float(paint),
        "usable": float(usable),
        "frame p50": frames[len(frames) // 2],
        "frame p95": frames[int(len(frames) * 0.95)],
        "frame max": frames[-1],
        "rows in the document": float(scrolled["rows"]),
        "jump": statistics.median(jumps),
    }


def _jump(page: Page, day: str) -> float:
    """To a moment far down: from the key press to the rows of that day."""
    field = page.get_by_label("Started before")
    field.fill(f"{day}T12:00")
    began = page.evaluate("performance.now()")
    field.blur()
    month = {"01": "Jan", "02": "Feb", "03": "Mar"}[day[5:7]]
    page.get_by_role("rowgroup").get_by_text(f"{int(day[8:])} {month}").first.wait_for()
    return float(page.evaluate("performance.now()") - began)


if __name__ == "__main__":
    sys.exit(main())
