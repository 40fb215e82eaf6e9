"""`pcq-verify`: the command line. Reads two files and perhaps a folder, prints, and ends with the spec's exit codes."""

from __future__ import annotations

__all__ = ["main"]

import argparse
import gc
import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from pcq_verify import Expectations, __version__, verify
from pcq_verify.explain import explain_lines
from pcq_verify.exports import Artifact
from pcq_verify.jcs import canonical
from pcq_verify.report import Fault
from pcq_verify.strict_json import MAX_BYTES, parse_json
from pcq_verify.verifier import PROFILES
from pcq_verify.wording import plain, report_lines, result_lines

_TRUST_HELP = (
    "A trust file names the public keys that you trust; a manifest never carries one. Get it from whoever runs the "
    "installation, by another way than the manifest (there: `runbooks keys --trust trust.json`)."
)
_EXIT_CODES = """\
exit codes: 0 verified, 1 invalid, 2 usage or I/O error, 3 untrusted, 4 not reproduced, 5 incomplete, 6 malformed

`pcq-verify explain FILE --trust TRUST` tells what the manifest says, and then verifies it."""


class _UsageError(Exception):
    """The command line or a file on it cannot be used."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code and never raises."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    explain = given[:1] == ["explain"]
    options = _parser().parse_args(given[1:] if explain else given)
    # Parsed JSON has no cycles, and looking for them in a large manifest costs a tenth of the time.
    gc.disable()
    out = sys.stdout
    if hasattr(out, "reconfigure"):
        out.reconfigure(errors="backslashreplace")
    try:
        code = _run(options, out, explain=explain)
        out.flush()
    except _UsageError as error:
        return _refuse(str(error), options.json)
    except BrokenPipeError:
        sys.stderr.close()
        return int(Fault.USAGE)
    # A stranger gets a sentence, whatever went wrong.
    except Exception as error:
        return _refuse(
            f"the verifier itself failed ({type(error).__name__}: {error}); please report this", options.json
        )
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pcq-verify",
        description="Verify a .pcq manifest offline: bytes, signatures, chain, tree, and every verdict again.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help="the manifest")
    parser.add_argument("--trust", metavar="TRUST", help="trust file: the public keys that you trust (required)")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="full", help="what is required (default: full)")
    parser.add_argument("--payloads", metavar="DIR", help="folder with detached bytes, files named sha256-<hex>")
    parser.add_argument(
        "--proof", metavar="CHILD", action="append", default=[], help="manifest of an execution that a step began"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--expect-root", metavar="DIGEST", help="the Merkle root must be this one")
    parser.add_argument("--expect-runbook", metavar="ID", help="the runbook must be this one")
    parser.add_argument("--expect-outcome", metavar="OUTCOME", help="the outcome must be this one")
    parser.add_argument("--expect-executor", metavar="SUBJECT", help="executedBy must be this subject")
    parser.add_argument(
        "--expect-previous", metavar="DIGEST", help="previousManifestHash must be this one (`none`: the first manifest)"
    )
    parser.add_argument(
        "--artifact",
        metavar="FILE",
        action="append",
        default=[],
        help="this file must be one that an export of this execution wrote (may be given again)",
    )
    parser.add_argument("--version", action="version", version=f"pcq-verify {__version__}")
    return parser


def _run(options: argparse.Namespace, out: TextIO, *, explain: bool) -> int:
    if options.trust is None:
        raise _UsageError(f"a trust file is needed: --trust TRUST. {_TRUST_HELP}")
    manifest_bytes = _read(options.file, "manifest")
    trust_bytes = _read(options.trust, "trust file", hint=_TRUST_HELP)
    report = verify(
        manifest_bytes,
        trust_bytes,
        profile=options.profile,
        payloads=_folder(options.payloads),
        proofs=[_read(name, "proof") for name in options.proof],
        expectations=Expectations(
            root=options.expect_root,
            runbook=options.expect_runbook,
            outcome=options.expect_outcome,
            executor=options.expect_executor,
            previous=options.expect_previous,
            artifacts=tuple(map(_artifact, options.artifact)),
        ),
    )
    if options.json:
        out.write(canonical(report.to_json()).decode("utf-8") + "\n")
        return report.exit_code
    lines: list[str] = []
    if explain and report.facts:
        lines += [*explain_lines(parse_json(manifest_bytes)), ""]
    lines += [*report_lines(report), *result_lines(report)]
    out.write("\n".join(lines) + "\n")
    return report.exit_code


def _read(name: str, what: str, *, hint: str = "") -> bytes:
    try:
        with Path(name).open("rb") as file:
            # One byte more than may be there shows that there is more, and a pipe cannot be read a second time.
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _UsageError(f"cannot read the {what} {name}: {error.strerror or error}. {hint}".strip()) from None


def _artifact(name: str) -> Artifact:
    try:
        with Path(name).open("rb") as file:
            found = hashlib.file_digest(file, "sha256")
            return Artifact(name, f"sha256:{found.hexdigest()}", file.tell())
    except OSError as error:
        raise _UsageError(f"cannot read the artifact {name}: {error.strerror or error}") from None


def _folder(name: str | None) -> Callable[[str], bytes | None] | None:
    if name is None:
        return None
    folder = Path(name)
    if not folder.is_dir():
        raise _UsageError(f"--payloads {name} is no folder")

    def fetch(key: str) -> bytes | None:
        path = folder / key.replace(":", "-", 1)
        return _read(str(path), "payload") if path.is_file() else None

    return fetch


def _refuse(message: str, as_json: bool) -> int:
    if as_json:
        refusal = {"exit": int(Fault.USAGE), "verified": False, "reason": message}
        sys.stdout.write(canonical(refusal).decode("utf-8", "replace") + "\n")
    else:
        sys.stdout.write(plain(f"❌ Verification failed: {message}") + "\n")
    return int(Fault.USAGE)
