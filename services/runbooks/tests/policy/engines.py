"""Both policy engines as tests open them: over a bundle, the OPA server serving what it is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from runbooks.adapters.policy.bundle import write_opa_bundle
from runbooks.adapters.policy.opa_server import OpaPolicies
from runbooks.adapters.policy.rego import EmbeddedRego
from runbooks.ports import PolicyEngine

from services.runbooks.tests.real import opa, require


class Engine:
    """One engine over one bundle; `opa` is the process behind it, where there is one."""

    def __init__(self, kind: str, folder: Path, bundle: Mapping[str, Any], *, seconds: float = 5.0) -> None:
        self.opa: opa.OpaProcess | None = None
        if kind == "embedded":
            self.port: PolicyEngine = EmbeddedRego(bundle, seconds=seconds)
            return
        require("OPA", opa.fetch())
        write_opa_bundle(folder / "bundle", bundle)
        self.opa = opa.OpaProcess(folder / "bundle")
        self.port = OpaPolicies(self.opa.url, seconds=seconds)(bundle)

    async def decide(self, query: str, document: dict[str, Any]) -> str:
        return await self.port.decide(query, document)

    async def __aenter__(self) -> Engine:
        if self.opa is not None:
            self.opa.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.port.close()
        if self.opa is not None:
            self.opa.kill()
