"""The checklist: nineteen checks in the order of the spec, each with its own status (spec/pcq-v1.md, 9).

Nothing here reads a file or a clock: bytes come in, a report goes out. A fault in the shape ends the reading; every
later fault is reported beside the others. What a manifest *says* is evaluated only when nothing about its bytes is
wrong.
"""

from __future__ import annotations

__all__ = ["PROFILES", "Expectations", "verify"]

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pcq_verify import seals
from pcq_verify.children import Family, check_children
from pcq_verify.definition import Definition
from pcq_verify.denials import Denials
from pcq_verify.endings import decisions, ending
from pcq_verify.exports import Artifact, Exports
from pcq_verify.jcs import canonical
from pcq_verify.manifest import Manifest, read_manifest
from pcq_verify.materials import Documents, Library, Payloads, read_documents
from pcq_verify.order import check_order
from pcq_verify.outcomes import check_outcomes
from pcq_verify.permissions import check_permissions
from pcq_verify.provers.registry import check_verdicts
from pcq_verify.recompute import check_inputs, check_outputs
from pcq_verify.report import CHECKS, Check, Fault, Finding, Report, Status
from pcq_verify.responses import check_responses
from pcq_verify.review_check import check_approvals
from pcq_verify.reviews import Reviews, read_reviews
from pcq_verify.sandbox import Sandbox
from pcq_verify.schema import check_manifest
from pcq_verify.strict_json import MAX_BYTES, StrictJsonError, parse_json
from pcq_verify.trust import Trust, TrustError, read_trust
from pcq_verify.values import Values, check_payloads

_INTEGRITY = frozenset(CHECKS) - {"payloads", "inputs", "outputs", "verdicts"}

PROFILES = {
    "integrity": _INTEGRITY,
    "disclosure": _INTEGRITY | {"payloads"},
    "full": frozenset(CHECKS),
}


@dataclass(frozen=True)
class Expectations:
    """What the caller knows from elsewhere; None asks nothing. `previous` is a digest, or `none` for the first one.

    `artifacts` are files that exports of this execution must have written.
    """

    root: str | None = None
    runbook: str | None = None
    outcome: str | None = None
    executor: str | None = None
    previous: str | None = None
    artifacts: tuple[Artifact, ...] = ()


def verify(
    manifest_bytes: bytes,
    trust_bytes: bytes,
    *,
    profile: str = "full",
    payloads: Payloads | None = None,
    expectations: Expectations | None = None,
    proofs: Sequence[bytes] = (),
) -> Report:
    """The report on one manifest under one trust file; a fault is a finding, never an exception.

    `payloads` fetches bytes by digest where the manifest does not carry them, `proofs` are manifests of executions that
    its steps began, and that theirs began. Raises ValueError for an unknown profile.
    """
    if profile not in PROFILES:
        raise ValueError(f"profile must be one of {', '.join(PROFILES)}, got {profile!r}")
    asked = _Asked(trust_bytes, profile, payloads)
    family = Family(proofs, lambda data, others: _verify(data, asked, None, others), payloads)
    report = _verify(manifest_bytes, asked, expectations, family, is_head=True)
    return replace(report, notes=tuple(dict.fromkeys(family.notes)))


@dataclass(frozen=True)
class _Asked:
    """What is asked of every manifest of a family."""

    trust_bytes: bytes
    profile: str
    payloads: Payloads | None


def _verify(
    manifest_bytes: bytes, asked: _Asked, expectations: Expectations | None, family: Family, *, is_head: bool = False
) -> Report:
    profile, trust_bytes, payloads = asked.profile, asked.trust_bytes, asked.payloads
    checklist = _Checklist(PROFILES[profile])
    manifest = _read(checklist, manifest_bytes)
    if manifest is None:
        return Report(profile, PROFILES[profile], checklist.finish("the manifest could not be read"))
    library = Library(manifest, payloads)
    trust = _trust(checklist, manifest, trust_bytes)
    documents = _check_integrity(checklist, manifest, trust, library)
    reviews = _check_reviews(checklist, manifest, documents, trust)
    story = _Story(manifest, documents, library, reviews, family, is_head)
    _check_story(checklist, story, profile)
    pinned = expectations is not None and expectations != Expectations()
    moot = "" if pinned else "nothing was pinned"
    wanted = expectations or Expectations()
    checklist.run("expectations", lambda: _unmet(story, wanted), moot=moot)
    return Report(
        profile,
        PROFILES[profile],
        checklist.finish(""),
        _facts(manifest),
        tuple(decisions(manifest, story.denials, reviews)),
        ending(manifest, story.denials, reviews),
        tuple(story.exports.words(wanted.artifacts)),
    )


class _Checklist:
    """The checks that ran so far; what the profile does not ask for stays `not-checked`."""

    def __init__(self, required: frozenset[str]) -> None:
        self._required = required
        self._done: dict[str, Check] = {}

    @property
    def is_sound(self) -> bool:
        """True while nothing was found malformed or invalid."""
        faults = {finding.fault for check in self._done.values() for finding in check.findings}
        return not faults & {Fault.MALFORMED, Fault.INVALID}

    def run(self, name: str, find: Callable[[], Iterable[Finding]], *, moot: str = "") -> None:
        """Run one check and keep what it found, unless it is `moot` (says why) or the profile lets it be."""
        if moot:
            self._done[name] = Check(name, Status.NOT_APPLICABLE, note=moot)
        elif name not in self._required:
            self._done[name] = Check(name, Status.NOT_CHECKED, note="this profile does not ask for it")
        else:
            self.record(name, find())

    def record(self, name: str, found: Iterable[Finding]) -> None:
        """Keep what a check found: incomplete findings alone leave it `not-checked`."""
        findings = tuple(found)
        status = Status.FAIL if findings else Status.PASS
        if findings and all(finding.fault is Fault.INCOMPLETE for finding in findings):
            status = Status.NOT_CHECKED
        self._done[name] = Check(name, status, findings)

    def skip(self, name: str, note: str) -> None:
        """Say why a check did not run."""
        self._done[name] = Check(name, Status.NOT_CHECKED, note=note)

    def finish(self, note: str) -> tuple[Check, ...]:
        """All checks in order; those that never ran have `note`."""
        return tuple(self._done.get(name) or Check(name, Status.NOT_CHECKED, note=note) for name in CHECKS)


def _read(checklist: _Checklist, data: bytes) -> Manifest | None:
    """Checks 1 to 3; None when there is nothing that later checks could work on."""
    if len(data) > MAX_BYTES:
        message = f"expected at most {MAX_BYTES} bytes, got {len(data)}"
        checklist.record("read", [Finding(Fault.MALFORMED, "file", message)])
        return None
    checklist.record("read", [])
    try:
        value = parse_json(data)
    except StrictJsonError as error:
        checklist.record("parse", [Finding(Fault.MALFORMED, "file", str(error))])
        return None
    if canonical(value) != data:
        message = "the bytes are not the RFC 8785 form of their JSON (spaces, order, spelling or a last newline)"
        checklist.record("parse", [Finding(Fault.MALFORMED, "file", message)])
        return None
    checklist.record("parse", [])
    findings = check_manifest(value)
    manifest = None
    if not findings:
        manifest, findings = read_manifest(value)
    checklist.record("schema", findings)
    return manifest if checklist.is_sound else None


def _trust(checklist: _Checklist, manifest: Manifest, data: bytes) -> Trust | None:
    try:
        trust = read_trust(data)
    except TrustError as error:
        checklist.record("trust", [Finding(Fault.MALFORMED, "trust file", str(error))])
        return None
    checklist.run("trust", lambda: seals.check_trust(manifest, trust))
    return trust


def _check_integrity(checklist: _Checklist, manifest: Manifest, trust: Trust | None, library: Library) -> Documents:
    """Checks 5 to 12."""
    checklist.run("header", lambda: seals.check_header(manifest, trust))
    documents, findings = read_documents(manifest, library)
    checklist.record("materials", findings)
    checklist.run("order", lambda: check_order(manifest, documents.definition))
    cores = seals.cores_of(manifest)
    checklist.run("leaves", lambda: seals.check_leaves(manifest, cores))
    checklist.run("chain", lambda: seals.check_chain(manifest))
    checklist.run("root", lambda: seals.check_root(manifest))
    checklist.run("subroots", lambda: seals.check_subroots(manifest))
    checklist.run("signatures", lambda: seals.check_signatures(manifest, cores, trust))
    return documents


def _check_reviews(checklist: _Checklist, manifest: Manifest, documents: Documents, trust: Trust | None) -> Reviews:
    """Check 14."""
    reviews = read_reviews(manifest, documents)
    moot = "" if manifest.approvals else "nobody had to decide"
    checklist.run("approvals", lambda: check_approvals(manifest, reviews, trust), moot=moot)
    return reviews


class _Story:
    """What checks 13 and 15 to 18 look at."""

    def __init__(
        self,
        manifest: Manifest,
        documents: Documents,
        library: Library,
        reviews: Reviews,
        family: Family,
        is_head: bool,
    ) -> None:
        self.family = family
        self.is_head = is_head
        self.manifest = manifest
        self.documents = documents
        self.library = library
        self.reviews = reviews
        self.values = Values(manifest, library)
        self.denials = Denials(self.values, reviews)
        self.exports = Exports(manifest, documents.definition, self.values)

    def outputs(self, definition: Definition, sandbox: Sandbox) -> Iterator[Finding]:
        """What is pure computed again, answers held against their schemas, executions against their proofs."""
        manifest, values = self.manifest, self.values
        yield from check_outputs(manifest, self.documents, definition, values, sandbox, self.reviews)
        yield from check_responses(manifest, definition, values, sandbox)
        yield from check_children(manifest, definition, values, self.family)
        if self.is_head:
            yield from self.family.strangers()

    def verdicts(self, sandbox: Sandbox) -> Iterator[Finding]:
        """Every proof judged again, and the policy asked about every decision again."""
        yield from check_verdicts(self.manifest, self.documents, self.values, sandbox, self.reviews)
        yield from check_permissions(self.manifest, self.reviews, sandbox)


def _check_story(checklist: _Checklist, story: _Story, profile: str) -> None:
    """Checks 13 and 15 to 18."""
    manifest, documents, values, reviews = story.manifest, story.documents, story.values, story.reviews
    sections = [section for step in manifest.steps for section in step.sections.values()]
    detached = any(field.marker for section in sections for field in section.fields.values())
    moot = "" if detached else "no value is detached"
    tolerant = profile == "disclosure"
    checklist.run("payloads", lambda: check_payloads(manifest, story.library, tolerant=tolerant), moot=moot)
    definition, hidden = documents.definition, profile != "full"
    checklist.run("outcomes", lambda: check_outcomes(manifest, definition, story.denials, reviews, tolerant=hidden))
    if not checklist.is_sound:
        for name in ("inputs", "outputs", "verdicts"):
            checklist.skip(name, "not evaluated: the file is not intact")
        return
    if definition is None or documents.policies is None:
        for name in ("inputs", "outputs", "verdicts"):
            missing = Finding(Fault.INCOMPLETE, "materials", "the definition or the policies are missing")
            checklist.run(name, lambda missing=missing: [missing])  # type: ignore[misc]
        return
    with Sandbox(documents.policies, sql_engine=manifest.header["context"]["engines"].get("sql")) as sandbox:
        parameters = documents.parameters
        checklist.run("inputs", lambda: check_inputs(manifest, definition, values, parameters, sandbox))
        checklist.run("outputs", lambda: story.outputs(definition, sandbox))
        checklist.run("verdicts", lambda: story.verdicts(sandbox))


def _unmet(story: _Story, wanted: Expectations) -> Iterator[Finding]:
    yield from story.exports.check(wanted.artifacts)
    header = story.manifest.header
    for where, expected, got in (
        ("merkleRoot", wanted.root, header["merkleRoot"]),
        ("runbookId", wanted.runbook, header["runbookId"]),
        ("outcome", wanted.outcome, header["outcome"]),
        ("executedBy", wanted.executor, header["executedBy"]),
        ("previousManifestHash", wanted.previous, header["previousManifestHash"] or "none"),
    ):
        if expected is not None and expected != got:
            yield Finding(Fault.UNTRUSTED, where, f"expected {expected!r} as pinned, got {got!r}")


def _facts(manifest: Manifest) -> dict[str, object]:
    members = ("manifestId", "runbookId", "version", "executionId", "executedAt", "executedBy", "outcome", "merkleRoot")
    return {**{name: manifest.header[name] for name in members}, "manifestHash": seals.manifest_hash(manifest)}
