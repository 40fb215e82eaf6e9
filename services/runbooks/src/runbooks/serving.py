"""What `runbooks serve` puts behind the HTTP API: the gate with its policies and audit trail, and the installation."""

from __future__ import annotations

__all__ = ["open_backend", "open_sessions", "open_tokens", "verify_audit"]

import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from runbooks.adapters.answers import SqliteAnswers
from runbooks.adapters.clock import SystemClock
from runbooks.adapters.issuer import IssuerKeys
from runbooks.adapters.ledger.sqlite import SqliteLedger
from runbooks.adapters.oidc import OidcTokens, read_oidc
from runbooks.adapters.policy import open_policies
from runbooks.adapters.sessions import SqliteSessions
from runbooks.adapters.tokens import TokenFile
from runbooks.api.backend import Backend
from runbooks.api.gate import Gate
from runbooks.api.limits import RateLimit, read_limits
from runbooks.api.live import Hub
from runbooks.api.once import Once
from runbooks.api.origins import Origins
from runbooks.api.rights import POLICY, holders
from runbooks.audit import AuditTrail
from runbooks.callers import Caller
from runbooks.canonical import digest_of
from runbooks.dispatcher import Dispatcher
from runbooks.errors import RunbooksError, SettingsError
from runbooks.ports import PolicyEngine
from runbooks.runner import RunbookRunner
from runbooks.service import find_runbook, find_templates, notify, open_list, open_schedules, trust_file
from runbooks.settings import Settings, load_policies, load_registries
from runbooks.telemetry import Telemetry
from runbooks.watching import gauges

_AUDIT = "audit.sqlite"
_MOST_AT_ONCE = 1000
_NOWHERE = Origins()


@asynccontextmanager
async def open_backend(
    settings: Settings,
    runner: RunbookRunner,
    hub: Hub,
    origins: Origins = _NOWHERE,
    telemetry: Telemetry | None = None,
) -> AsyncIterator[Backend]:
    """All that the routes need; one policy engine serves all requests. Raises SettingsError, LedgerError.

    `origins` is where browsers reach it; requests to anywhere else are not answered.
    """
    telemetry = telemetry or Telemetry()
    bundle, now = load_policies(settings.folder("policies")), SystemClock().now
    limits, at_once = read_limits(settings.limits), settings.executions_at_once
    if not 1 <= at_once <= _MOST_AT_ONCE:
        raise SettingsError(f"executions_at_once must be from 1 to {_MOST_AT_ONCE}, got {at_once}")
    async with AsyncExitStack() as stack:
        policy = open_policies(settings.policy)(bundle)
        stack.push_async_callback(policy.close)
        audit = AuditTrail(SqliteLedger(settings.home / _AUDIT))
        stack.callback(audit.close)
        after = partial(notify, settings, runner)
        dispatcher = Dispatcher(runner, at_once, after)
        stack.push_async_callback(dispatcher.close)
        telemetry.metrics.watch(gauges(settings, runner, dispatcher, hub))
        rate = RateLimit(limits.rate, limits.burst, time.monotonic)
        sessions = stack.enter_context(open_sessions(settings))
        bearers = _Bearers(open_tokens(settings), _open_oidc(settings))
        answers = stack.enter_context(closing(SqliteAnswers(settings.home / "answers.sqlite", time.time)))
        yield Backend(
            runner=runner,
            executions=stack.enter_context(open_list(settings, runner)),
            hub=hub,
            find=partial(find_runbook, settings, by_id=True),
            templates=partial(find_templates, settings),
            after=after,
            now=now,
            gate=Gate(
                bearers.find,
                policy,
                audit,
                now,
                limits,
                rate,
                sessions,
                origins,
                Once(answers),
                holders(bundle["data"]),
            ),
            installation=_Installation(settings, bundle, policy, runner),
            dispatcher=dispatcher,
            schedules=stack.enter_context(open_schedules(settings)),
            telemetry=telemetry,
        )


@contextmanager
def open_sessions(settings: Settings) -> Iterator[SqliteSessions]:
    """The sign-in codes and sessions of that data folder; raises DataFolderError."""
    with closing(SqliteSessions(settings.home / "sessions.sqlite", time.time)) as sessions:
        yield sessions


def open_tokens(settings: Settings) -> TokenFile:
    """The bearer tokens of that data folder."""
    return TokenFile(settings.home / "tokens.json")


def _open_oidc(settings: Settings) -> OidcTokens | None:
    rules = read_oidc(settings.oidc)
    return OidcTokens(rules, IssuerKeys(rules.issuer)) if rules is not None else None


def verify_audit(settings: Settings) -> int | None:
    """Recompute the audit trail's chain; its number of records, None when there is no trail. Raises LedgerError."""
    path = settings.home / _AUDIT
    if not path.exists():
        return None
    with closing(AuditTrail(SqliteLedger(path))) as audit:
        return audit.verify()


@dataclass(frozen=True)
class _Bearers:
    """Whose a bearer token is: one of ours, else the identity provider's, which has the form of a JWT."""

    tokens: TokenFile
    oidc: OidcTokens | None

    async def find(self, token: str) -> Caller | None:
        found = self.tokens.find(token)
        if found is None and self.oidc is not None and token.count(".") == 2:
            return await self.oidc.find(token)
        return found


class _Installation:
    """See `runbooks.api.backend.Installation`."""

    def __init__(
        self, settings: Settings, bundle: Mapping[str, Any], policy: PolicyEngine, runner: RunbookRunner
    ) -> None:
        self._settings = settings
        self._bundle = bundle
        self._policy = policy
        self._runner = runner

    async def faults(self) -> list[str]:
        found = [
            _fault("the ledger cannot be read", partial(self._runner.touched, 2**53)),
            _fault("the data folder cannot be written", self._write),
            _fault("the registries do not load", partial(load_registries, self._settings)),
        ]
        decision = await self._policy.decide(POLICY, {})
        if decision != "deny":
            found.append(f"{POLICY} says {decision} where nobody asks; every request is denied until it says deny")
        return [fault for fault in found if fault is not None]

    def trust(self) -> dict[str, Any]:
        return trust_file(self._settings)

    def policies(self) -> dict[str, Any]:
        modules = sorted(self._bundle["modules"])
        return {"digest": digest_of(self._bundle), "engine": self._policy.engine, "modules": modules}

    def licences(self) -> dict[str, Any]:
        registry = load_registries(self._settings)["licences"]
        return {"digest": digest_of(registry), "registry": registry}

    def _write(self) -> None:
        with tempfile.TemporaryFile(dir=self._settings.home) as file:
            file.write(b"ready")


def _fault(what: str, attempt: Callable[[], object]) -> str | None:
    # No message of the cause: whoever asks has shown no token.
    try:
        attempt()
    except (RunbooksError, OSError):
        return what
    return None
