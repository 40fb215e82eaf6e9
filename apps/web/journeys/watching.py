"""What no page may do, whatever it is for: break its security policy, throw, reach another origin, miss a file."""

from __future__ import annotations

__all__ = ["Watch"]

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# Chromium logs every answer from 400 on: those of the API belong to journeys, others are found by `_on_response`.
_ANSWERED = "Failed to load resource: the server responded with a status of"
_REPORT = """
document.addEventListener('securitypolicyviolation', (event) =>
  console.error(`content security policy: ${event.violatedDirective} forbids ${event.blockedURI || event.sample}`));
"""


class Watch:
    """Looks at all pages and workers of one browser context; `faults` is what was wrong, in order.

    Pages may ask for what is of `origin`, and for the one file `page`.
    """

    def __init__(self, context: BrowserContext, origin: str, page: str | None = None) -> None:
        self.faults: list[str] = []
        self._origin = origin
        self._page = page
        context.add_init_script(_REPORT)
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("request", self._on_request)
        context.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_ANSWERED):
            self.faults.append(f"console: {message.text}")

    def _on_error(self, error: WebError) -> None:
        self.faults.append(f"uncaught: {error.error}")

    def _on_request(self, request: Request) -> None:
        if request.url != self._page and not request.url.startswith(
            (f"{self._origin}/", "data:", f"blob:{self._origin}/")
        ):
            self.faults.append(f"another origin: {request.url}")

    def _on_response(self, response: Response) -> None:
        path = response.url.removeprefix(self._origin)
        if response.status >= 400 and not path.startswith("/api/"):
            self.faults.append(f"{response.status}: {path}")
