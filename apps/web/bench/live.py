"""How smooth a live run is. Run `make web` and then `python -m apps.web.bench.live [STEPS] [ROUNDS]`.

A service of its own runs a runbook of as many steps (wide.py). Each round runs it again from the page, goes through the
tree by arrow keys while the steps come in, and reports long tasks, frames and the time from a key to the next paint.
Exit code 1 when a budget is exceeded in the median round.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from apps.web.bench.wide import definition
from apps.web.journeys.service import PEOPLE, Service, serving

# Milliseconds; tasks of more than 50 ms.
KEY_P95, LONG_TASKS = 100.0, 0

RECORD = """() => {
  const seen = { frames: [], tasks: [], keys: [] };
  window.seen_ = seen;
  let last = 0;
  requestAnimationFrame(function next(now) {
    if (last) seen.frames.push(now - last);
    last = now;
    requestAnimationFrame(next);
  });
  const watch = (type, take, more) => new PerformanceObserver((list) => list.getEntries().forEach(take))
    .observe({ type, buffered: false, ...more });
  watch('longtask', (task) => seen.tasks.push(task.duration), {});
  watch('event', (event) => { if (event.name === 'keydown') seen.keys.push(event.duration); },
    { durationThreshold: 16 });
}"""
PRESSES = 60


def main(steps: int, rounds: int) -> int:
    """One line a round, and what is over its budget."""
    with tempfile.TemporaryDirectory() as name:
        origin = Path(name) / "origin"
        (origin / "templates").mkdir(parents=True)
        (origin / "templates" / "wide.json").write_text(json.dumps(definition(steps)), "utf-8")
        settings = {"templates": "templates"}
        with serving(origin, Path(name) / "home", settings=settings) as service, sync_playwright() as play:
            path = shutil.which("chromium") or "chromium"
            browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(service.link(PEOPLE["operator"]))
            page.get_by_role("heading", level=1).wait_for()
            taken = _watched(page, service, f"R-wide-{steps}", rounds)
            browser.close()
    keys, tasks = (statistics.median(column) for column in zip(*taken, strict=True))
    over = [what for what, isover in (("key", keys > KEY_P95), ("long tasks", tasks > LONG_TASKS)) if isover]
    print(f"over budget: {', '.join(over)}" if over else "within all budgets")
    return 1 if over else 0


def _watched(page: Page, service: Service, runbook: str, rounds: int) -> list[tuple[float, int]]:
    page.goto(f"{service.url}/console/executions/{service.run(runbook)}")
    page.get_by_role("tree").wait_for()
    page.wait_for_timeout(2000)
    return [_round(page) for _ in range(rounds)]


def _round(page: Page) -> tuple[float, int]:
    before = page.url
    page.get_by_role("button", name="Rerun…").click()
    page.evaluate(RECORD)
    page.get_by_role("button", name="Run again").click()
    page.wait_for_url(lambda url: url != before)
    page.get_by_role("tree").focus()
    for turn in range(PRESSES):
        page.keyboard.press("ArrowDown" if turn % 20 < 10 else "ArrowUp")
        page.wait_for_timeout(50)
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_function("() => document.title.startsWith('done')", timeout=120_000)
    seen = page.evaluate("() => window.seen_")
    # What is quicker than 16 ms is not reported: it counts as 16.
    keys = sorted(seen["keys"] + [16] * max(0, PRESSES - len(seen["keys"])))
    frames, tasks = sorted(seen["frames"]), seen["tasks"]
    print(
        f"frames p50 {_at(frames, 0.5):.0f} p95 {_at(frames, 0.95):.0f} ms; key to paint p50 {_at(keys, 0.5):.0f} "
        f"p95 {_at(keys, 0.95):.0f} ms; {len(tasks)} long tasks, longest {max(tasks, default=0):.0f} ms",
        flush=True,
    )
    return _at(keys, 0.95), len(tasks)


def _at(values: list[float], share: float) -> float:
    return values[min(int(len(values) * share), len(values) - 1)] if values else 0


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    sys.exit(main(*given, *(1000, 4)[len(given) :]))
