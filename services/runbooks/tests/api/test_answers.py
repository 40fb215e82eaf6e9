"""What the OpenAPI document says of answers: every one has a closed shape, and the tests would see another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.runbooks.tests.api.conformance import Conformance, validator
from services.runbooks.tests.api.conftest import Api
from services.runbooks.tests.api.document import written

SPEC = Path(__file__).parents[4] / "spec"
# Values of authors, people and the world outside: their shape is not the service's.
STRANGERS = {
    "/components/schemas/Parameters",
    "/components/schemas/Value",
    "/components/schemas/LicenceRegistry",
    "/components/schemas/Manifest/properties/extensions",
    "/components/schemas/Proof/properties/evidence",
    "/components/schemas/ManifestStep/properties/proofs/properties/preconditions/items/properties/evidence",
    "/components/schemas/ManifestStep/properties/proofs/properties/postconditions/items/properties/evidence",
    "/components/schemas/StepAttestation/properties/inputs",
    "/components/schemas/StepAttestation/properties/outputs",
    "/components/schemas/StepDetail/properties/definition",
    "/components/schemas/StepDetail/properties/inputs",
    "/components/schemas/StepDetail/properties/outputs",
    "/components/schemas/ReplaySides/properties/recorded",
    "/components/schemas/ReplaySides/properties/again",
    "/components/schemas/FailedProof/properties/evidence",
    "/components/schemas/Review/properties/shown",
    "/components/schemas/Schedule/properties/parameters",
    "/components/schemas/Template/properties/parameters",
    "/components/schemas/TemplateDetail/properties/parameters",
    "/components/schemas/TemplateDetail/properties/definition",
    "/components/schemas/TemplateVersion/properties/parameters",
    "/components/schemas/TemplateVersion/properties/definition",
}
# What an example of it would be too long to be read: spec/vectors/valid has whole ones.
WITHOUT_EXAMPLE = {"#/components/schemas/Manifest"}


async def document_of(api: Api) -> Any:
    return (await api.http.get("/openapi.json")).json()


def schemas(document: Any, pointer: str, seen: set[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """That schema and all that it is made of, each with where it stands."""
    if pointer in seen:
        return
    seen.add(pointer)
    schema = document
    for part in pointer.split("/")[1:]:
        schema = schema[int(part) if isinstance(schema, list) else part]
    yield pointer, schema
    if pointer in STRANGERS:
        return
    if "$ref" in schema:
        yield from schemas(document, schema["$ref"].removeprefix("#"), seen)
    parts = [f"properties/{name}" for name in schema.get("properties", {})]
    parts += [f"{word}/{number}" for word in ("anyOf", "oneOf") for number in range(len(schema.get(word, ())))]
    parts += [word for word in ("items", "additionalProperties") if isinstance(schema.get(word), dict)]
    for part in parts:
        yield from schemas(document, f"{pointer}/{part}", seen)


def json_answers(document: Any) -> list[tuple[str, Mapping[str, Any]]]:
    """Every JSON answer that the document has: which, and what it says of it."""
    return [
        (f"{method} {path} {status} {media_type}", content)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        for status, response in operation["responses"].items()
        for media_type, content in response.get("content", {}).items()
        if media_type.endswith("json")
    ]


def is_closed(schema: Mapping[str, Any]) -> bool:
    """Whether a value of it is of known kind, and an object has no members but those that it names."""
    if schema.get("type") == "object":
        return schema.get("additionalProperties") not in (None, True)
    return bool(schema.keys() & {"$ref", "type", "const", "enum", "anyOf", "oneOf"})


async def test_every_json_answer_has_a_named_and_closed_schema_and_an_example(api: Api) -> None:
    document, seen = await document_of(api), set[str]()
    answers = json_answers(document)
    assert len(answers) > 60
    opened = set()
    for which, content in answers:
        reference = content["schema"]["$ref"]
        assert content["schema"] == {"$ref": reference}, which
        assert reference in WITHOUT_EXAMPLE or content["examples"], which
        opened |= {where for where, schema in schemas(document, reference[1:], seen) if not is_closed(schema)}
    assert opened == STRANGERS
    assert {name for name in document["components"]["schemas"] if f"/components/schemas/{name}" not in seen} == {
        reference.rpartition("/")[2]
        for item in document["paths"].values()
        for operation in item.values()
        if "requestBody" in operation
        for reference in [operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]]
    }


async def test_the_file_in_spec_is_the_document(api: Api) -> None:
    found = written(await document_of(api))
    assert (SPEC / "openapi.json").read_text("utf-8") == found, "run `make schemas`"


def inlined(schema: Any, root: Mapping[str, Any]) -> Any:
    """The schema without references, words for people, and different spellings of the same."""
    if isinstance(schema, list):
        return [inlined(item, root) for item in schema]
    if not isinstance(schema, dict):
        return {} if schema is True else schema
    if "$ref" in schema:
        found: Any = root
        for part in schema["$ref"].split("/")[1:]:
            found = found[part]
        return inlined(found, root)
    said = {"description", "title", "$schema", "$defs"}
    kept = {name: value for name, value in schema.items() if name not in said}
    if kept.get("additionalProperties") is True:
        del kept["additionalProperties"]
    if "enum" in kept:
        return {"enum": sorted(kept["enum"])}
    if isinstance(kept.get("type"), list):
        kept = {"anyOf": [{**kept, "type": kind} if kind != "null" else {"type": kind} for kind in kept["type"]]}
    if "properties" in kept:
        kept["properties"] = {name: inlined(value, root) for name, value in sorted(kept["properties"].items())}
    if "required" in kept:
        kept["required"] = sorted(kept["required"])
    return {name: value if name in ("properties", "required") else inlined(value, root) for name, value in kept.items()}


@pytest.mark.parametrize(("name", "file"), [("Manifest", "manifest"), ("Trust", "trust")])
async def test_manifest_and_trust_file_are_as_the_spec_has_them(name: str, file: str, api: Api) -> None:
    document = await document_of(api)
    spec = json.loads((SPEC / "schemas" / f"{file}.schema.json").read_bytes())
    assert inlined(document["components"]["schemas"][name], document) == inlined(spec, spec)


class TestTheTestsWouldSeeIt:
    """The hook that every client of these tests has."""

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ({"surprise": 1}, "/: Additional properties are not allowed"),
            ({"outcome": "finished"}, '/outcome: "finished" is not one of'),
            ({"startedAt": "2026-02-30T12:00:00Z"}, "/startedAt: "),
            ({"merkleRoot": "sha256:3F"}, "/merkleRoot: "),
            ({"queue": {}}, "/queue: "),
        ],
        ids=str,
    )
    async def test_an_answer_of_another_shape(self, change: dict[str, Any], fault: str, api: Api) -> None:
        answer = await api.get(f"/runbooks/{await api.run()}")
        changed = httpx.Response(200, json={**answer.json(), **change}, request=answer.request)
        with pytest.raises(AssertionError, match="that is no Execution: ") as caught:
            await Conformance(api.app).check(changed)
        assert fault in str(caught.value)

    async def test_an_answer_that_lacks_a_member(self, api: Api) -> None:
        answer = await api.get(f"/runbooks/{await api.run()}")
        for name in answer.json():
            less = {member: value for member, value in answer.json().items() if member != name}
            with pytest.raises(AssertionError, match=f'"{name}" is a required property'):
                await Conformance(api.app).check(httpx.Response(200, json=less, request=answer.request))

    async def test_a_status_or_a_media_type_that_is_not_declared(self, api: Api) -> None:
        answer = await api.get(f"/runbooks/{await api.run()}")
        for changed in (
            httpx.Response(201, json=answer.json(), request=answer.request),
            httpx.Response(404, json={"detail": "Not Found"}, request=answer.request),
            httpx.Response(200, text="held", request=answer.request),
        ):
            with pytest.raises(AssertionError, match="answered"):
                await Conformance(api.app).check(changed)

    async def test_a_problem_that_is_none_of_a_route(self, api: Api) -> None:
        request = (await api.get("/nowhere")).request
        problem = {"type": "about:blank", "title": "Not Found", "status": 404}
        answer = httpx.Response(
            404, json=problem, headers={"Content-Type": "application/problem+json"}, request=request
        )
        with pytest.raises(AssertionError, match="that is no Problem"):
            await Conformance(api.app).check(answer)

    async def test_an_answer_that_fits(self, api: Api) -> None:
        answer = await api.get(f"/runbooks/{await api.run()}")
        await Conformance(api.app).check(answer)
        assert validator(await document_of(api), {"$ref": "#/components/schemas/Execution"}).is_valid(answer.json())
