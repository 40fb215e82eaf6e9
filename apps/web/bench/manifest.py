"""Write a manifest of STEPS steps to measure: each has an authority proof and a metric, every other is computed."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools" / "pcq-verify" / "tests"))

from keyring import digest, jcs, trust
from maker import draft, proof, seal, step
from scenarios import READ, documents, opa

CYPHER = "MATCH (e) RETURN count(e) AS size"
WIDTH = 50


def main(steps: int, folder: Path) -> None:
    """`manifest.pcq` and `trust.json` in the folder."""
    metric = {"type": "metric", "query": CYPHER, "assertion": "size > 1"}
    gate = {"type": "opa", "policy": "test.allow", "input": READ}
    definition = {
        "runbookId": "R9",
        "name": "Measured",
        "version": "1.0",
        "purpose": "enrichment",
        "provers": {"preconditions": {"gate": gate}, "postconditions": {"size": metric}},
        "steps": [_declared(number) for number in range(steps)],
    }
    made = [_step(number) for number in range(steps)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.pcq").write_bytes(jcs(seal(draft(definition, made, documents()))))
    (folder / "trust.json").write_bytes(jcs(trust()))


def _name(number: int) -> str:
    return f"s{number:05d}"


def _declared(number: int) -> dict[str, object]:
    before = [_name(number - WIDTH)] if number >= WIDTH else []
    shared = {"stepId": _name(number), "dependsOn": before, "preconditions": ["gate"], "postconditions": ["size"]}
    if number // WIDTH % 2:
        return {**shared, "type": "transform", "expression": "{'n': n + 1, 'rows': rows[n > 1]}"}
    return {**shared, "type": "query", "cypher": "MATCH (e) RETURN e"}


@lru_cache
def _outputs(number: int) -> dict[str, object]:
    rows = [{"n": n, "title": f"Entity {n} of {number % WIDTH}"} for n in (1, 2, 3)]
    return {"n": number // WIDTH, "rows": rows[1:] if number // WIDTH % 2 else rows}


def _step(number: int) -> dict[str, object]:
    inputs = _outputs(number - WIDTH) if number >= WIDTH else {}
    evidence = {"query": digest(CYPHER.encode()), "row": {"size": 5}, "rows": 1, "value": 5}
    return step(
        _name(number),
        "done",
        inputs,
        _outputs(number),
        [opa("gate", _name(number), READ)],
        [proof("size", "metric", "pass", "metric.met", evidence)],
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
