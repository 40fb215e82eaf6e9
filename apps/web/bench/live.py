"""How smooth a live run is: `RUNBOOKS_TOKEN=… python bench/live.py CONSOLE EXECUTION [ROUNDS]`, such as
`python bench/live.py http://127.0.0.1:4173/console R-wide-1000-0001-fb4b2d 3`.

CONSOLE serves a built console and passes /api on; EXECUTION is of a runbook of many steps (bench/wide.py). Each round
runs it again from the page, goes through the tree by arrow keys while the steps come in, and reports long tasks, frames
and the time from a key to the next paint. Needs playwright.
"""

from __future__ import annotations

import sys

from playwright.sync_api import Page, sync_playwright

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


def main(console: str, execution: str, rounds: int) -> None:
    """Print one line a round."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{console}/executions/{execution}")
        page.get_by_role("tree").wait_for()
        page.wait_for_timeout(2000)
        for _ in range(rounds):
            _round(page)
        browser.close()


def _round(page: Page) -> None:
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


def _at(values: list[float], share: float) -> float:
    return values[min(int(len(values) * share), len(values) - 1)] if values else 0


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 3)
