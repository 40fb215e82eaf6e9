"""Frame times of the graph by number of nodes, none put together: `python bench/frames.py [100 300 1000 …]`.

Builds bench/graph with Vite, serves it on a free port, and zooms it for three seconds in Chromium, with all of it in
sight and with a part of it, still and with 16 steps changing in each frame (1,000 a second). Needs playwright.
"""

from __future__ import annotations

import functools
import http.server
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
RECORD = """() => new Promise((resolve) => {
  const frames = []; let last = 0; const began = performance.now();
  requestAnimationFrame(function next(now) {
    if (last) frames.push(now - last);
    last = now;
    if (performance.now() - began < 3000) requestAnimationFrame(next); else resolve(frames);
  });
})"""


def main(counts: list[int]) -> None:
    """Print one line for each number of nodes and way of looking."""
    with tempfile.TemporaryDirectory() as folder:
        build = ["npx", "vite", "build", str(HERE / "graph"), "--base=./", f"--outDir={folder}", "--emptyOutDir"]
        subprocess.run(build, check=True, cwd=HERE.parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        handler = functools.partial(_Quiet, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        print("| nodes | in sight | changes a frame | first node, ms | p50, ms | p95, ms | DOM elements |")
        print("| ---: | --- | ---: | ---: | ---: | ---: | ---: |")
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for count in counts:
                for whole in (False, True):
                    for updates in (0, 16):
                        page = browser.new_page(viewport={"width": 1440, "height": 900})
                        _measure(page, address, count, updates, whole=whole)
                        page.close()
            browser.close()
        server.shutdown()


def _measure(page: Page, address: str, count: int, updates: int, *, whole: bool) -> None:
    page.goto(f"{address}?steps={count}&updates={updates}")
    page.wait_for_selector(".react-flow__node", timeout=60_000)
    first = page.evaluate("performance.now()")
    if whole:
        page.get_by_role("button", name="Show all of it").click()
        page.wait_for_timeout(1000)
    box = page.locator(".react-flow__pane").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.evaluate(f"() => {{ window.frames_ = ({RECORD})() }}")
    page.mouse.down()
    for turn in range(60):
        page.mouse.move(box["x"] + box["width"] / 2 + (turn % 20) * 8, box["y"] + box["height"] / 2 + turn % 7)
    page.mouse.up()
    frames = sorted(page.evaluate("() => window.frames_"))
    elements = page.evaluate("document.querySelectorAll('*').length")
    p95 = frames[min(int(len(frames) * 0.95), len(frames) - 1)]
    sight = "all" if whole else "a part"
    median = statistics.median(frames)
    print(f"| {count} | {sight} | {updates} | {first:.0f} | {median:.0f} | {p95:.0f} | {elements} |", flush=True)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it)
        """Say nothing."""


if __name__ == "__main__":
    main([int(count) for count in sys.argv[1:]] or [100, 300, 600, 1000, 3000])
