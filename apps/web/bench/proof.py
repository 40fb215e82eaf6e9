"""A long proof verified in the page, in Chromium: how long it takes, and whether the page stays free meanwhile.

Run `make web`, make a proof with `python -m apps.web.bench.manifest 5000 FOLDER`, and then
`python -m apps.web.bench.proof FOLDER [ROUNDS]`. Exit code 1 when the budget is exceeded in the median round.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from apps.web.journeys.service import serving

# Milliseconds, from the choice of the files to the verdict on the page.
MOST = 2000.0

_WATCH = """() => {
  window.tasks_ = [];
  new PerformanceObserver((list) => list.getEntries().forEach((task) => window.tasks_.push(task.duration)))
    .observe({ type: 'longtask', buffered: false });
}"""
_VERDICT = """async (started) => {
  const verdict = () => document.querySelector('section[aria-label=Verdict]');
  while (!verdict()) await new Promise(requestAnimationFrame);
  return performance.now() - started;
}"""


def main(folder: Path, rounds: int) -> int:
    """Measure, print, judge."""
    with tempfile.TemporaryDirectory() as name:
        origin = Path(name) / "origin"
        origin.mkdir()
        with serving(origin, Path(name) / "home") as service, sync_playwright() as playwright:
            path = shutil.which("chromium") or "chromium"
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            taken = [_round(browser, service.url, folder) for _ in range(rounds)]
            browser.close()
    return 1 if statistics.median(taken) > MOST else 0


def _round(browser: Browser, url: str, folder: Path) -> float:
    page = browser.new_page()
    page.goto(f"{url}/console/verify")
    page.wait_for_load_state("networkidle")
    page.evaluate(_WATCH)
    started = page.evaluate("performance.now()")
    files = [folder / "manifest.pcq", folder / "trust.json"]
    page.get_by_label("Files to verify").set_input_files([str(file) for file in files])
    taken = float(page.evaluate(_VERDICT, started))
    words = page.get_by_role("region", name="Verdict").get_by_role("heading").inner_text()
    tasks = page.evaluate("window.tasks_")
    print(f"{words}: {taken:.0f} ms, {len(tasks)} long tasks, longest {max(tasks, default=0):.0f} ms", flush=True)
    page.close()
    return taken


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5))
