"""Figures that are looked up when somebody asks for them: queue, reviews, streams, messages."""

from __future__ import annotations

__all__ = ["gauges"]

import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from runbooks.adapters.outbox import SqliteOutbox
from runbooks.api.live import Hub
from runbooks.dispatcher import Dispatcher
from runbooks.evidence import instant
from runbooks.runner import RunbookRunner
from runbooks.settings import Settings
from runbooks.telemetry.metrics import Gauges

# Reviews are read from the record, and a scraper need not be the one who decides how often.
_KEPT_SECONDS = 10.0


def gauges(settings: Settings, runner: RunbookRunner, dispatcher: Dispatcher, hub: Hub) -> Gauges:
    """See `runbooks.telemetry.metrics`."""
    reviews = _kept(lambda: _reviews(runner))
    return {
        ("runbooks_executions_under_way", "Executions that go on or wait for their turn"): lambda: {
            "running": dispatcher.running,
            "queued": dispatcher.queued,
        },
        ("runbooks_reviews_open", "Reviews that wait for people"): lambda: {"": reviews()[0]},
        ("runbooks_review_oldest_seconds", "Age of the oldest of them; 0 without one"): lambda: {"": reviews()[1]},
        ("runbooks_event_streams", "Clients that follow events"): lambda: {"": hub.streams},
        ("runbooks_outbox_messages", "Messages that are not delivered"): lambda: _messages(settings),
    }


def _reviews(runner: RunbookRunner) -> tuple[float, float]:
    found = [review for _, review in runner.open_reviews() if review.is_open]
    opened = [instant(review.opened_at) for review in found]
    age = (datetime.now(UTC) - min(opened)).total_seconds() if opened else 0.0
    return len(found), max(0.0, age)


def _messages(settings: Settings) -> dict[str, float]:
    path, found = settings.home / "outbox.sqlite", Counter({"pending": 0, "dead": 0})
    if path.exists():
        for of_steps in (False, True):
            with closing(SqliteOutbox(path, of_steps=of_steps)) as outbox:
                found["pending"] += len(outbox.pending())
                found["dead"] += len(outbox.dead())
    return dict(found)


def _kept(look: Callable[[], tuple[float, float]]) -> Callable[[], tuple[float, float]]:
    until, value = 0.0, (0.0, 0.0)

    def found() -> tuple[float, float]:
        nonlocal until, value
        if time.monotonic() >= until:
            value, until = look(), time.monotonic() + _KEPT_SECONDS
        return value

    return found
