"""`pcq-verify` over one manifest, and the bare signature checks alone.

The manifest is made by the runner before the clock starts. `bare` opens each step's signature with libsodium and does
nothing else; `integrity` and `full` are profiles of the tool, as its command line runs them, without the
interpreter's start.
"""

from __future__ import annotations

__all__ = ["main"]

import asyncio
import base64
import contextlib
import io
import json
import sys
from pathlib import Path

from nacl.bindings import crypto_sign_open
from pcq_verify.cli import main as pcq_verify
from runbooks.canonical import dumps, pae
from runbooks.execution import Execution
from runbooks.service import open_runner, trust_file
from runbooks.settings import Settings

from bench.runbook import chain
from bench.sample import Sample, Stopwatch


def main(what: str, steps: int, folder: Path) -> Sample:
    """Time to check `steps` steps; `what` is `bare` or a profile."""
    execution = asyncio.run(_execute(steps, folder))
    trust = trust_file(Settings(folder))
    (folder / "trust.json").write_text(json.dumps(trust))
    if what == "bare":
        [public] = [key["publicKey"] for key in trust["keys"] if "step" in key["roles"]]
        return _open_signatures(execution, _bytes(public))
    return _verify(what, steps, folder)


async def _execute(steps: int, folder: Path) -> Execution:
    async with open_runner(Settings(folder)) as runner:
        execution = await runner.execute(chain(steps), {}, executed_by="bench")
        if execution.started is None:
            raise SystemExit("the measured execution has no start")
        runner.manifest(execution.started.execution_id).export_to_file(folder / "manifest.pcq")
        return execution


def _open_signatures(execution: Execution, public: bytes) -> Sample:
    seals = [run.sealed for run in execution.steps.values() if run.sealed is not None]
    signed = [_bytes(seal.signature) + pae("step", dumps(seal.core)) for seal in seals]
    watch = Stopwatch()
    for message in signed:
        crypto_sign_open(message, public)
    return watch.sample(len(signed))


def _verify(profile: str, steps: int, folder: Path) -> Sample:
    arguments = ["--profile", profile, "--trust", str(folder / "trust.json"), str(folder / "manifest.pcq")]
    watch = Stopwatch()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = pcq_verify(arguments)
    taken = watch.sample(steps)
    if code != 0:
        raise SystemExit(f"the measured manifest does not verify (exit {code}):\n{said.getvalue()}")
    return taken


def _bytes(text: str) -> bytes:
    return base64.b64decode(text.removeprefix("base64:"))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])).print()
