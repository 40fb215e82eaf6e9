"""What the routes have of the service, and who calls."""

from __future__ import annotations

__all__ = ["Backend", "Calling", "Subject"]

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from runbooks.api.gate import Gate
from runbooks.api.live import Hub
from runbooks.callers import Caller
from runbooks.definition import Definition
from runbooks.dispatcher import Dispatcher
from runbooks.errors import Problem, RequestError
from runbooks.listing import ExecutionList
from runbooks.runner import RunbookRunner
from runbooks.schedule_book import ScheduleBook
from runbooks.telemetry import Telemetry


class Installation(Protocol):
    """What an installation says of itself."""

    async def faults(self) -> Sequence[str]:
        """Why it cannot work now, in sentences; none when it is ready."""
        ...

    def trust(self) -> dict[str, Any]:
        """The trust file of its public keys (spec/pcq-v1.md, 8)."""
        ...

    def policies(self) -> dict[str, Any]:
        """`{"digest", "engine", "modules": [names]}` of the bundle that decides."""
        ...

    def licences(self) -> dict[str, Any]:
        """`{"digest", "registry"}` of the licences as they stand."""
        ...


@dataclass(frozen=True)
class Backend:
    """`find` gives a runbook by its id, `templates` all and what is wrong with the rest.

    `after` is awaited when people should be told; `now` is the wall clock, RFC 3339 in UTC.
    """

    runner: RunbookRunner
    executions: ExecutionList
    hub: Hub
    find: Callable[[str], Definition]
    templates: Callable[[], tuple[list[Definition], list[Problem]]]
    after: Callable[[], Awaitable[object]]
    now: Callable[[], str]
    gate: Gate
    installation: Installation
    dispatcher: Dispatcher
    schedules: ScheduleBook
    telemetry: Telemetry = field(default_factory=Telemetry)

    def require_room(self, subject: str) -> None:
        """Raises RequestError (`request.too_many_executions`) for who has as many executions as they may."""
        most = self.gate.limits.executions
        if self.dispatcher.under_way(subject) >= most:
            message = f"{subject} has {most} executions under way or queued; wait for the end of one"
            raise RequestError(message, code="request.too_many_executions", retry_after=5)


_BEARER = HTTPBearer(auto_error=False, description="`runbooks tokens --add`, or a token of the identity provider")
_COOKIE = APIKeyCookie(
    name="runbooks",
    auto_error=False,
    description="The session that `POST /session` begins. Its name has the port behind it (`runbooks-8741`), and over "
    "https `__Host-` before it. What changes something must then have the Origin of this service.",
)


def _caller(
    request: Request, token: Annotated[Any, Security(_BEARER)], cookie: Annotated[Any, Security(_COOKIE)]
) -> Caller:
    # The gate has looked at both; here the document learns that there are such.
    del token, cookie
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        raise RequestError("this route is not behind the gate", code="request.not_signed_in")
    return caller


# Who calls, and how that is known.
Calling = Annotated[Caller, Depends(_caller)]


def _subject(caller: Calling) -> str:
    return caller.subject


# Who calls: nobody starts, decides or answers in another's name.
Subject = Annotated[str, Depends(_subject)]
