"""What a service says of itself: that it lives, whether it can work, its keys, policies and licences."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from runbooks.api.app import create_app
from runbooks.api.backend import Backend
from runbooks.api.live import Hub
from runbooks.api.rights import OPEN
from runbooks.canonical import digest_of, dumps
from runbooks.service import open_runner
from runbooks.serving import open_backend, verify_audit
from runbooks.settings import Settings, load_policies, load_registries

from services.runbooks.tests.api.conformance import validator
from services.runbooks.tests.api.conftest import Api
from services.runbooks.tests.gates import SHIPPED


async def test_health_and_readiness_ask_nobody_who_they_are(api: Api) -> None:
    assert (await api.http.get("/health")).json() == {"status": "alive"}
    assert (await api.http.get("/api/ready")).json() == {"ready": True, "faults": []}
    api.installation.found.append("the ledger cannot be read")
    answer = await api.http.get("/ready")
    assert (answer.status_code, answer.json()["faults"]) == (503, ["the ledger cannot be read"])
    assert (await api.http.get("/health")).status_code == 200


async def test_keys_policies_and_licences_are_for_whoever_has_a_role(api: Api) -> None:
    for person in ("vic", "olga", "aud", "adm"):
        assert (await api.get("/trust", person)).json() == json.loads(api.world.trust())
        assert (await api.get("/policies", person)).json()["modules"] == ["acl.rego", "reviews.rego"]
        assert (await api.get("/licences", person)).json()["registry"] == {"licences": []}


async def test_the_document_says_what_every_route_does_and_how_it_fails(api: Api) -> None:
    document = (await api.http.get("/openapi.json")).json()
    assert not [path for path in document["paths"] if path.startswith("/api")]
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert len(operations) >= 20
    for operation in operations:
        assert operation["summary"][0].isupper()
        assert operation["description"]
        assert any(status.startswith("2") for status in operation["responses"])
    guarded = [operation for operation in operations if operation.get("security")]
    assert len(guarded) == len(operations) - len(OPEN - {("GET", "/openapi.json")})
    for operation in guarded:
        assert operation["responses"]["default"]["content"].keys() == {"application/problem+json"}


class TestARealInstallation:
    """The composition that `runbooks serve` uses."""

    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        return Settings(tmp_path)

    @pytest_asyncio.fixture
    async def backend(self, settings: Settings) -> AsyncIterator[Backend]:
        async with open_runner(settings) as runner, open_backend(settings, runner, Hub()) as backend:
            yield backend

    async def test_it_is_ready_and_says_what_it_is(self, backend: Backend, settings: Settings) -> None:
        installation = backend.installation
        assert await installation.faults() == []
        assert installation.trust()["pcq"] == "trust/v1"
        found = installation.policies()
        assert found["digest"] == digest_of(load_policies(SHIPPED))
        assert "service.rego" in found["modules"]
        assert installation.licences()["digest"] == digest_of(load_registries(settings)["licences"])
        assert verify_audit(settings) == 0
        document = create_app(backend).openapi()
        told = {"Trust": installation.trust(), "Policies": found, "Licences": installation.licences()}
        for name, answer in told.items():
            assert [*validator(document, {"$ref": f"#/components/schemas/{name}"}).iter_errors(answer)] == [], name

    async def test_a_broken_policy_or_registry_makes_it_unready(self, settings: Settings, tmp_path: Path) -> None:
        folder = tmp_path / "policies"
        folder.mkdir()
        (folder / "service.rego").write_text("package runbooks.other\nallow := true\n")
        own = Settings(tmp_path, policies="policies", licences="licences")
        (tmp_path / "licences").mkdir()
        (tmp_path / "licences" / "licences.json").write_bytes(dumps({"licences": []}))
        async with open_runner(own) as runner, open_backend(own, runner, Hub()) as backend:
            [fault] = await backend.installation.faults()
            assert "data.runbooks.service.allow says undefined" in fault
            (tmp_path / "licences" / "licences.json").write_bytes(b"{")
            assert "the registries do not load" in await backend.installation.faults()
