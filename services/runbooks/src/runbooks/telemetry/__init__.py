"""What is seen of the service from outside: metrics, traces, log lines.

Nothing of it decides, and its failures stop nothing. It hangs on the ports and on the events that are told as they are
recorded; the record is the same with it and without.
"""

from __future__ import annotations

__all__ = ["Telemetry", "wants_traces"]

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from runbooks import events as ev
from runbooks.errors import RunbooksError, SettingsError
from runbooks.execution import Execution
from runbooks.performer import Ports
from runbooks.telemetry.calls import observed
from runbooks.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from runbooks.telemetry.tracing import Tracing

_log = logging.getLogger(__name__)
_VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

# Method, route, status, and the execution that the request was about.
Ended = Callable[[str, str, int, str | None], None]


def wants_traces() -> bool:
    """True when the environment says where traces shall go, and nowhere that there shall be none."""
    is_off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    exporter = os.environ.get("OTEL_TRACES_EXPORTER", "otlp")
    return not is_off and exporter == "otlp" and any(os.environ.get(name) for name in _VARIABLES)


class Telemetry:
    """Metrics, and traces when the environment wants them; `look`, set later, gives the opening of an execution.

    Raises SettingsError when traces are wanted and the extra `telemetry` is not installed.
    """

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.tracing: Tracing | None = None
        self.look: Callable[[str], ev.ExecutionStarted | None] = lambda _: None
        self._has_failed = False
        if wants_traces():
            try:
                from runbooks.telemetry.tracing import open_tracing
            except ImportError:
                message = "OTEL_EXPORTER_OTLP_ENDPOINT is set: install intelgraph-runbooks[telemetry], or unset it"
                raise SettingsError(message) from None
            self.tracing = open_tracing(self._opening)

    def close(self) -> None:
        """Send what is left."""
        if self.tracing is not None:
            self.tracing.close()

    def take(self, event: ev.Event, execution: Execution) -> None:
        """Take note of a recorded event."""
        with self._safely():
            self.metrics.take(event, execution)
        if self.tracing is not None:
            with self._safely():
                self.tracing.take(event, execution)

    def observed(self, world: Ports) -> Ports:
        """The same world, with its calls watched."""
        return observed(world, self)

    @contextmanager
    def call(self, port: str, operation: str) -> Iterator[None]:
        """See `calls.CallObserver`."""
        end, failure = None, None
        if self.tracing is not None:
            with self._safely():
                end = self.tracing.begin_call(port, operation)
        try:
            with self.metrics.call(port, operation):
                yield
        except BaseException as error:
            failure = error
            raise
        finally:
            if end is not None:
                with self._safely():
                    end(failure)

    @contextmanager
    def request(self, headers: Mapping[str, str]) -> Iterator[Ended | None]:
        """The span of a request, told in the end how it ended; None without traces."""
        if self.tracing is None:
            yield None
        else:
            with self.tracing.request(headers) as ended:
                yield ended

    def _opening(self, execution_id: str) -> ev.ExecutionStarted | None:
        try:
            return self.look(execution_id)
        except RunbooksError:
            return None

    @contextmanager
    def _safely(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001, RUF100 (whatever it is, an execution is worth more)
            if not self._has_failed:
                self._has_failed = True
                _log.warning("telemetry failed, and is not complete: %s", type(error).__name__, exc_info=error)
