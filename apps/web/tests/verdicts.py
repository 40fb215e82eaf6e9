"""Write verdicts.json: how each check of each vector ends by `pcq-verify`, one letter a check."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from pcq_verify import verify
from pcq_verify.cli import _artifact, _folder, _parser
from pcq_verify.verifier import Expectations

HERE = Path(__file__).resolve().parent
VECTORS = HERE.parents[2] / "spec" / "vectors"
LETTERS = {"pass": "p", "fail": "f", "not-checked": "n", "not-applicable": "a"}


def judged(vector: dict[str, Any]) -> tuple[str, str]:
    """The file of a vector and its letters."""
    options = _parser().parse_args([vector["file"], "--trust", vector["trust"], *vector["options"]])
    report = verify(
        (VECTORS / vector["file"]).read_bytes(),
        (VECTORS / vector["trust"]).read_bytes(),
        profile=options.profile,
        payloads=_folder(str(VECTORS / options.payloads) if options.payloads else None),
        proofs=[(VECTORS / name).read_bytes() for name in options.proof],
        expectations=Expectations(
            options.expect_root,
            options.expect_runbook,
            options.expect_outcome,
            options.expect_executor,
            options.expect_previous,
            tuple(_artifact(str(VECTORS / name)) for name in options.artifact),
        ),
    )
    return vector["file"], "".join(LETTERS[check.status] for check in report.checks)


def main() -> None:
    """Judge all of them, two at a time."""
    vectors = json.loads((VECTORS / "index.json").read_bytes())
    with ProcessPoolExecutor(max_workers=2) as pool:
        verdicts = dict(pool.map(judged, vectors, chunksize=16))
    (HERE / "verdicts.json").write_text(json.dumps(verdicts, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
