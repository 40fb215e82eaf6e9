"""The policy port over a running OPA server, which is never believed about another bundle than the execution's.

Whatever is not plainly `true` from that bundle denies (`opa_client` says what is no answer at all), and so does
a server whose only revision is not the bundle's digest. A bundle is asked only when the embedded engine
found its builtins on the allow-list: OPA itself would call a clock or a network. The server is somebody else's: nothing
is installed on it from here.
"""

from __future__ import annotations

__all__ = ["OpaPolicies", "OpaServer"]

from collections.abc import Mapping
from typing import Any

from runbooks.adapters.policy.inspections import Inspections
from runbooks.adapters.policy.opa_client import OpaAnswer, OpaClient
from runbooks.adapters.policy.rego import SECONDS, is_rule
from runbooks.canonical import digest_of


class OpaPolicies:
    """The server at `address`, as a factory of engines: `policies(bundle)`.

    The engines share what was learnt: the server's version, and by digest whether a bundle may be asked.
    """

    def __init__(self, address: str, *, seconds: float = SECONDS) -> None:
        self.address = address
        self.seconds = seconds
        self.version: str | None = None
        self._inspections = Inspections(seconds=seconds)

    def __call__(self, bundle: Mapping[str, Any]) -> OpaServer:
        """An engine that asks the server about this bundle, and about no other."""
        return OpaServer(self, bundle)

    async def learn(self) -> OpaAnswer | None:
        """Ask which version answers, and which revisions it serves; None when there is no answer."""
        client = OpaClient(self.address, seconds=self.seconds)
        try:
            answer = await client.ask("data.system.version", {})
        finally:
            await client.close()
        self.note(answer)
        return answer

    def note(self, answer: OpaAnswer | None) -> None:
        """Remember the version that an answer named."""
        if answer is not None and answer.version is not None:
            self.version = answer.version

    async def refusal(self, bundle: Mapping[str, Any]) -> str | None:
        """Why the server is not asked about this bundle; None when there is no reason."""
        return await self._inspections.refusal(bundle)

    async def warnings(self, bundle: Mapping[str, Any]) -> list[str]:
        """See `Policies`."""
        warnings = await self._inspections.warnings(bundle)
        answer, expected = await self.learn(), digest_of(bundle)
        if answer is None:
            warnings.append(f"policy server {self.address} does not answer; every authority question is denied")
        elif answer.revisions != [expected]:
            serves = ", ".join(answer.revisions) or "no bundle"
            warnings.append(
                f"policy server {self.address} serves {serves}, the policies here are {expected}; every authority "
                "question is denied until it serves what `runbooks policy bundle` writes"
            )
        return warnings


class OpaServer:
    """A PolicyEngine over one bundle that the server must serve; connections open with the first question."""

    def __init__(self, policies: OpaPolicies, bundle: Mapping[str, Any]) -> None:
        self._policies = policies
        self._bundle = bundle
        self._digest = digest_of(bundle)
        self._admitted = False
        self._client: OpaClient | None = None

    @property
    def engine(self) -> str:
        """`opa` and the version of the server, once it answered."""
        return f"opa {self._policies.version}" if self._policies.version else "opa"

    async def decide(self, query: str, document: dict[str, Any]) -> str:
        """See the port."""
        if not is_rule(query) or not isinstance(document, dict):
            return "error"
        if not self._admitted and await self._policies.refusal(self._bundle) is not None:
            return "error"
        self._admitted = True
        if self._client is None:
            self._client = OpaClient(self._policies.address, seconds=self._policies.seconds)
        answer = await self._client.ask(query, document)
        self._policies.note(answer)
        if answer is None or answer.revisions != [self._digest]:
            return "error"
        return answer.decision

    async def close(self) -> None:
        """See the port."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()
