"""What the routes have of the service, and who calls."""

from __future__ import annotations

__all__ = ["Backend", "NotSignedInError", "Subject"]

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request

from runbooks.api.live import Hub
from runbooks.definition import Definition
from runbooks.errors import Problem
from runbooks.listing import ExecutionList
from runbooks.runner import RunbookRunner


@dataclass(frozen=True)
class Backend:
    """`find` gives a runbook by its id, `templates` all and what is wrong with the rest, `subjects` whose token it is.

    `after` is awaited when people should be told; `now` is the wall clock, RFC 3339 in UTC.
    """

    runner: RunbookRunner
    executions: ExecutionList
    hub: Hub
    find: Callable[[str], Definition]
    templates: Callable[[], tuple[list[Definition], list[Problem]]]
    subjects: Callable[[str], str | None]
    after: Callable[[], Awaitable[object]]
    now: Callable[[], str]


class NotSignedInError(Exception):
    """No token, or one that nobody knows."""


def _subject(request: Request, authorization: Annotated[str, Header()] = "") -> str:
    scheme, _, token = authorization.partition(" ")
    backend: Backend = request.app.state.backend
    subject = backend.subjects(token) if scheme.lower() == "bearer" and token else None
    if subject is None:
        raise NotSignedInError
    return subject


# Who calls: nobody starts, decides or answers in another's name.
Subject = Annotated[str, Depends(_subject)]
