"""Attacks on human decisions: forged, moved, late, self-made, removed, reordered, and lies about what followed."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from keyring import KEYS, digest_of
from maker import reroot, seal, sign
from review_maker import (
    Asked,
    Said,
    approval_step,
    denied,
    draft_denied,
    four_eyes,
    measured_override,
    papers,
    say,
    talk,
)

from corpus.cases import Case, Json
from corpus.reviewed import APPROVED, BREAK_GLASS, CLOSED, EXPIRED, LATE, NEXT_DAY, OPENED, SECOND, TRUST

INVALID, UNTRUSTED, NOT_REPRODUCED, MALFORMED = 1, 3, 4, 6
OTHER = "sha256:" + "00" * 32
TWO: Json = {"quorum": 2}


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _bound()
    yield from _signed()
    yield from _keys()
    yield from _ordered()
    yield from _late()
    yield from _selfmade()
    yield from _twice()
    yield from _removed()
    yield from _spelled()
    yield from _void()
    yield from _told()
    yield from _permitted()


def _case(name: str, code: int, desc: str, manifest: Json, trust: str = TRUST) -> Case:
    return Case(f"approval-{name}", code, desc, manifest, trust=trust)


def _denied(name: str, code: int, desc: str, said: list[Said], outcome: str = "overridden", **options: Json) -> Case:
    return _case(name, code, desc, denied(said, outcome, **options))


def _bound() -> Iterator[Case]:
    for member, value in (("manifestId", "pcq-0002"), ("contextHash", OTHER)):
        moved = [OPENED, say("approved", **{member: value})]
        yield _denied(f"moved-{member}", INVALID, f"an approval of another {member}, rightly signed", moved)
        both = denied([OPENED, APPROVED], asked={"more": {member: value}})
        yield _case(f"moved-whole-{member}", INVALID, f"a whole review of another {member}", both)
    for member, value in (
        ("stepId", "other"),
        ("requirementId", "denial/postconditions"),
        ("subject", OTHER),
    ):
        moved = [OPENED, say("approved", **{member: value})]
        yield _denied(f"moved-{member}", INVALID, f"an approval with another {member} in the review", moved)
    for member, value in (
        ("step_id", "other"),
        ("requirement", "denial/postconditions"),
        ("requirement", "denial"),
        ("requirement", "denial/preconditions/"),
        ("requirement", "four_eyes/gate"),
        ("requirement", "approval"),
        ("requirement", "anything"),
    ):
        name = f"nowhere-{member.replace('_', '-')}-{value.replace('/', '-').replace('_', '-')}"
        asked = {member: value, "due": LATE}
        yield _denied(name, INVALID, f"a review of what the definition does not ask: {value}",
                      [OPENED, say("rejected")], "blocked", asked=asked)  # fmt: skip
    relabelled = draft_denied([OPENED, APPROVED])
    relabelled["approvals"][1]["statement"]["stepId"] = "other"
    yield _case("moved-unsigned", INVALID, "a step written over a signature", seal(relabelled))


def _signed() -> Iterator[Case]:
    for key, desc in (("manifest", "the installation's key"), ("dave", "another approver's key")):
        forged = [OPENED, say("approved", key=key)]
        yield _denied(f"forged-by-{key}", UNTRUSTED if key == "manifest" else INVALID, f"signed with {desc}", forged)
    for name, key, code in (("key-named", "carol", INVALID), ("key-stranger", "stranger", UNTRUSTED)):
        manifest = draft_denied([OPENED, say("approved", key="stranger")])
        manifest["approvals"][1]["keyid"] = KEYS[key].keyid
        yield _case(f"forged-{name}", code, f"signed by a stranger, as key of {key}", seal(manifest))
    reason = draft_denied([OPENED, APPROVED])
    reason["approvals"][1]["statement"]["reason"] = "another reason"
    yield _case("reason-changed", INVALID, "a reason changed after signing", seal(reason))
    yield _case("reason-changed-unsealed", INVALID, "the same in a sealed manifest", _reasoned())
    for said in ("opened", "expired", "closed"):
        talked: list[Said] = [OPENED] if said == "opened" else [OPENED, {**EXPIRED, "decision": said}]
        talked[-1] = {**talked[-1], "key": "carol", "approver": "test.example"}
        outcome = "overridden" if said == "opened" else "blocked"
        talked += [APPROVED] if said == "opened" else []
        yield _denied(f"{said}-by-an-approver", INVALID, f"`{said}` signed by an approver", talked, outcome)
    given = [OPENED, say("info-requested"), say("info-given", key="carol"), APPROVED]
    yield _denied("info-given-by-an-approver", INVALID, "an answer signed by the approver who asked", given)
    step_key = denied([say("opened", key="step"), APPROVED])
    yield _case("opened-by-the-step-key", INVALID, "`opened` signed by the step key", step_key)


def _reasoned() -> Json:
    manifest = denied([OPENED, APPROVED])
    manifest["approvals"][1]["statement"]["reason"] = "another reason"
    return manifest


def _keys() -> Iterator[Case]:
    manifest = denied([OPENED, APPROVED])
    for name, code, desc in (
        ("approver-roleless", UNTRUSTED, "a key without the role `approver`"),
        ("approver-revoked", UNTRUSTED, "a revoked key, whenever that was"),
        ("approver-ends-at-decision", UNTRUSTED, "a key whose time was over at issuedAt"),
        ("approver-begins-at-decision", 0, "a key whose time begins at issuedAt"),
        ("approver-not-yet-valid", UNTRUSTED, "a key whose time begins after issuedAt"),
        ("approver-other-subject", INVALID, "another person's key"),
        ("manifest-key-ends-before-the-review", UNTRUSTED, "the manifest's key was over when the review was opened"),
        ("trust", UNTRUSTED, "a trust file without approvers"),
        ("approver-unnamed", MALFORMED, "an approver's key without a subject"),
        ("approver-empty-name", MALFORMED, "an approver without a name"),
        ("subject-of-a-step-key", MALFORMED, "a subject of a key that is no approver's"),
    ):
        yield _case(f"trust-{name}", code, desc, manifest, f"{name}.json")


def _ordered() -> Iterator[Case]:
    swapped = draft_denied([OPENED, APPROVED, SECOND], review=TWO)
    swapped["approvals"][1:] = reversed(swapped["approvals"][1:])
    yield _case("reordered", INVALID, "two approvals change places", seal(swapped))
    first = draft_denied([OPENED, APPROVED])
    first["approvals"].reverse()
    yield _case("before-opened", INVALID, "an approval before its review is opened", seal(first))
    doubled = draft_denied([OPENED, APPROVED, SECOND], review=TWO)
    doubled["approvals"].insert(2, copy.deepcopy(doubled["approvals"][1]))
    yield _case("doubled", INVALID, "one approval stands there twice", seal(doubled))
    yield _denied("sequence-gap", INVALID, "a number is missing", [OPENED, say("approved", sequence=3)])
    yield _denied("sequence-from-two", INVALID, "counting begins with 2", [say("opened", sequence=2), APPROVED])
    illegal: dict[str, tuple[list[Said], str]] = {
        "opened-twice": ([OPENED, OPENED, APPROVED], "overridden"),
        "approved-while-asked": ([OPENED, say("info-requested"), APPROVED], "overridden"),
        "asked-twice": ([OPENED, say("info-requested"), say("info-requested"), say("rejected")], "blocked"),
        "answered-unasked": ([OPENED, say("info-given"), APPROVED], "overridden"),
        "after-approved": ([OPENED, APPROVED, SECOND], "overridden"),
        "after-break-glass": ([OPENED, BREAK_GLASS, say("rejected", approver="dave")], "overridden"),
        "after-rejected": ([OPENED, say("rejected"), SECOND], "overridden"),
        "after-expired": ([OPENED, EXPIRED, say("break-glass", issuedAt=LATE)], "overridden"),
        "after-closed": ([OPENED, CLOSED, APPROVED], "overridden"),
        "never-opened": ([APPROVED], "overridden"),
    }
    for name, (said, outcome) in illegal.items():
        yield _denied(name, INVALID, "a statement that may not come there", said, outcome)
    yield _denied("left-open", INVALID, "a review that nobody ended", [OPENED], "blocked")
    yield _denied("left-asked", INVALID, "an unanswered question", [OPENED, say("info-requested")], "blocked")
    yield _denied("left-below-quorum", INVALID, "one of two, and sealed", [OPENED, APPROVED], "blocked", review=TWO)


def _late() -> Iterator[Case]:
    lapsed = [OPENED, say("approved", expiresAt="2026-02-03T04:13:00Z"), SECOND]
    yield _denied("lapsed", INVALID, "the first lapsed when the second came", lapsed, review=TWO)
    for name, members, desc in (
        ("after-due", {"issuedAt": LATE, "expiresAt": LATE}, "approved when the review was due"),
        ("beyond-due", {"expiresAt": "2026-02-06T04:11:00.000001Z"}, "in force for longer than the review"),
        ("lapsed-at-once", {"expiresAt": "2026-02-03T04:12:00Z"}, "lapsed when it was issued"),
        ("for-ever", {"expiresAt": None}, "an approval without an end"),
    ):
        yield _denied(name, INVALID, desc, [OPENED, say("approved", **members)])
    early = say("expired", issuedAt="2026-02-06T04:10:59Z")
    yield _denied("expired-early", INVALID, "expired before it was due", [OPENED, early], "blocked")
    yield _denied("due-later", INVALID, "due a second later than it must be", [OPENED, APPROVED],
                  asked={"due": "2026-02-06T04:11:01Z"})  # fmt: skip
    yield _denied("due-of-another", INVALID, "due as a definition would have it, not the step", [OPENED, APPROVED],
                  review={"dueSeconds": 3600})  # fmt: skip
    yield _denied("due-never", INVALID, "opened without an end", [say("opened", expiresAt=None), APPROVED])
    ending = [OPENED, say("rejected", expiresAt=LATE)]
    yield _denied("rejected-until", INVALID, "a rejection that ends", ending, "blocked")
    eyes = four_eyes([OPENED, say("approved", issuedAt=NEXT_DAY, expiresAt=NEXT_DAY)], "pass", "four_eyes.approved")
    yield _case("four-eyes-after-due", INVALID, "another approved too late", eyes)


def _selfmade() -> Iterator[Case]:
    for name, requester in (
        ("", "carol"),
        ("-case", "CAROL"),
        ("-space", "\u00a0carol\t"),
        ("-full-width", "\uff43\uff41\uff52\uff4f\uff4c"),
    ):
        desc = f"who asked decides, and is called {requester!r}"
        yield _denied(f"selfmade{name}", INVALID, desc, [OPENED, APPROVED], executedBy=requester)
    for said in ("rejected", "info-requested", "break-glass"):
        talked = [OPENED, say(said)] + ([say("info-given"), SECOND] if said == "info-requested" else [])
        outcome = "blocked" if said == "rejected" else "overridden"
        manifest = denied(talked, outcome, executedBy="Carol")
        yield _case(f"selfmade-{said}", INVALID, f"who asked says `{said}`", manifest)
    unassigned = denied([OPENED, APPROVED], review={"assignedTo": ["dave", "erin"]})
    yield _case("unassigned", INVALID, "it was assigned to others", unassigned)
    asked = [OPENED, say("info-requested"), say("info-given"), SECOND]
    yield _denied("unassigned-question", INVALID, "a question by somebody it was not assigned to", asked,
                  review={"assignedTo": ["dave"]})  # fmt: skip
    for said in ("approved", "break-glass"):
        reason = f"four_eyes.{said.replace('-', '_')}"
        excluded = four_eyes([OPENED, say(said)], "pass", reason, claim={"exclude": ["Carol "]})
        yield _case(f"excluded-{said}", INVALID, f"somebody who is excluded says `{said}`", excluded)


def _twice() -> Iterator[Case]:
    again = [OPENED, APPROVED, APPROVED]
    yield _denied("person-twice", INVALID, "one person twice for a quorum of two", again, review=TWO)
    other = say("approved", approver=" \uff23arol", key="carol-2")
    manifest = denied([OPENED, APPROVED, other], review=TWO)
    yield _case("person-with-two-keys", INVALID, "the same with a second key", manifest, "approver-two-keys.json")
    renamed = say("approved", approver="dave", key="carol")
    yield _denied("key-with-two-names", INVALID, "one key under two names", [OPENED, APPROVED, renamed], review=TWO)
    early = [OPENED, say("approved", expiresAt="2026-02-03T04:13:00Z"), say("approved"), SECOND]
    yield _denied("person-again-after-lapse", INVALID, "one person again when the first time lapsed", early, review=TWO)


def _removed() -> Iterator[Case]:
    manifest = denied([OPENED, say("rejected")], "blocked")
    manifest["approvals"] = []
    yield _case("removed", INVALID, "a rejection taken out", copy.deepcopy(manifest))
    yield _case("removed-rerooted", INVALID, "the same, approvalsRoot recomputed", copy.deepcopy(reroot(manifest)))
    for index, what in ((0, "the opening"), (1, "the first of two approvals"), (2, "the last approval")):
        cut = denied([OPENED, APPROVED, SECOND], review=TWO)
        del cut["approvals"][index]
        yield _case(f"removed-{index + 1}-signed", INVALID, f"{what} taken out, signed anew", sign(reroot(cut)))
    bare = denied([OPENED, APPROVED])
    bare["approvals"] = []
    yield _case("removed-all-signed", NOT_REPRODUCED, "overridden, all approvals taken out, signed", sign(reroot(bare)))
    added = denied([OPENED, say("rejected")], "blocked")
    added["approvals"].append(copy.deepcopy(added["approvals"][1]))
    yield _case("added", INVALID, "a statement more than were sealed", added)


def _spelled() -> Iterator[Case]:
    for name, reason in (
        ("spaces", "   "),
        ("zero-width", "\u200b\u200d\ufeff"),
        ("dots", "..."),
        ("no-break", "\u00a0\u2003"),
        ("combining", "\u0301"),
    ):
        yield _denied(f"reason-{name}", INVALID, "a reason that says nothing", [OPENED, say("approved", reason=reason)])
    for name, members, code in (
        ("decision-unknown", {"decision": "waved-through"}, MALFORMED),
        ("member-unknown", {"note": "x"}, MALFORMED),
        ("reason-empty", {"reason": ""}, MALFORMED),
        ("reason-too-long", {"reason": "x" * 4001}, MALFORMED),
        ("approver-empty", {"approver": "", "key": "carol"}, MALFORMED),
        ("approver-too-long", {"approver": "x" * 257, "key": "carol"}, MALFORMED),
        ("sequence-zero", {"sequence": 0}, MALFORMED),
        ("nonce-short", {"nonce": "00"}, MALFORMED),
        ("issued-no-time", {"issuedAt": "2026-02-30T00:00:00Z"}, MALFORMED),
        ("role-unknown", {"role": "admin"}, MALFORMED),
        ("version-2", {"pcq": "approval/v2"}, MALFORMED),
        ("subject-text", {"subject": "x"}, MALFORMED),
        ("role-of-another", {"role": "approver"}, INVALID),
    ):
        statement = {"decision": "approved", **members}
        yield _denied(name, code, f"a statement with {name.replace('-', ' ')}", [OPENED, statement])
    for name, change, desc in (
        ("member-more", {"note": "x"}, "an approval with a member more"),
        ("signature-text", {"signature": "x"}, "a signature that is no Base64"),
        ("keyid-text", {"keyid": "carol"}, "a keyid that is no digest"),
    ):
        manifest = draft_denied([OPENED, APPROVED])
        manifest["approvals"][1].update(change)
        yield _case(name, MALFORMED, desc, seal(manifest))
    lacking = draft_denied([OPENED, APPROVED])
    del lacking["approvals"][1]["statement"]["nonce"]
    yield _case("member-less", MALFORMED, "a statement without a nonce", seal(lacking))
    for said in ("opened", "expired"):
        talked: list[Said] = [OPENED, EXPIRED]
        talked[said == "expired"] = {**talked[said == "expired"], "approver": "other.example", "key": "manifest"}
        yield _denied(f"{said}-elsewhere", INVALID, f"`{said}` in another installation's name", talked, "blocked")
    for name, needs in (
        ("quorum-zero", {"quorum": 0}),
        ("quorum-101", {"quorum": 101}),
        ("due-zero", {"dueSeconds": 0}),
        ("due-too-late", {"dueSeconds": 31_536_001}),
        ("risk-unknown", {"risk": "none"}),
        ("assigned-twice", {"assignedTo": ["x", "x"]}),
        ("assigned-empty", {"assignedTo": [""]}),
    ):
        yield _denied(f"needs-{name}", MALFORMED, f"a definition with {name}", [OPENED, APPROVED], review=needs)
    for name, members in (("question", {"question": 1}), ("assignees", {"assignees": "carol"})):
        yield _case(f"needs-step-{name}", MALFORMED, f"a step with a bad {name}", approval_step([], members=members))
    bad = four_eyes([], "fail", "four_eyes.not_approved", claim={"exclude": [1]})
    yield _case("needs-four-eyes", MALFORMED, "a claim that excludes a number", bad)


def _void() -> Iterator[Case]:
    void = {"subject": OTHER}
    yield _denied("void", NOT_REPRODUCED, "an approval of something else", [OPENED, APPROVED], asked=void)
    changed = draft_denied([OPENED, APPROVED])
    changed["steps"][0]["proofs"]["preconditions"][0]["evidence"]["engine"] = "regopy 1.5.3"
    yield _case("void-evidence", NOT_REPRODUCED, "evidence changed after the approval", seal(changed))
    changed = draft_denied([OPENED, APPROVED])
    changed["steps"][0]["attestation"]["inputs"] = {"limit": 11}
    yield _case("void-inputs", NOT_REPRODUCED, "inputs changed after the approval", seal(changed))
    changed = draft_denied([OPENED, APPROVED])
    key = changed["context"]["parametersDigest"]
    del changed["materials"][key]
    changed["context"]["parametersDigest"] = digest_of({"limit": 11})
    yield _case("void-parameters", INVALID, "other parameters than those that were approved", seal(changed))
    eyes = four_eyes([OPENED, APPROVED], "pass", "four_eyes.approved", asked=void)
    yield _case("void-four-eyes", NOT_REPRODUCED, "another approved something else", eyes)


def _told() -> Iterator[Case]:
    yield _denied("nobody", NOT_REPRODUCED, "overridden, and nobody was asked", [])
    yield _denied("done", NOT_REPRODUCED, "done though a prover denies, with an approval", [OPENED, APPROVED], "done")
    yield _denied("blocked", NOT_REPRODUCED, "blocked though the denial was lifted", [OPENED, APPROVED], "blocked")
    late = [OPENED, say("rejected")]
    yield _denied("rejected-overridden", NOT_REPRODUCED, "overridden though it was rejected", late)
    yield _denied("expired-overridden", NOT_REPRODUCED, "overridden though it expired", [OPENED, EXPIRED])
    told = measured_override([OPENED, APPROVED], outcome="completed")
    yield _case("completed", NOT_REPRODUCED, "completed though a step was overridden", told)
    shopped = draft_denied([OPENED, say("rejected")])
    first = shopped["approvals"][0]["statement"]
    again = Asked(first["contextHash"], "only", "denial/preconditions", first["subject"], "review-2")
    shopped["approvals"] += talk(again, [OPENED, say("approved", approver="dave")])
    yield _case("second-opinion", NOT_REPRODUCED, "rejected, and approved by another in a second review", seal(shopped))
    closed = draft_denied([OPENED, CLOSED])
    closed["approvals"] += talk(again, [OPENED, say("approved", approver="dave")])
    yield _case("closed-and-reopened", NOT_REPRODUCED, "closed, and approved in a second review", seal(closed))
    yield from _four_eyes_told()
    yield from _steps_told()


def _four_eyes_told() -> Iterator[Case]:
    reason = "four_eyes.approved"
    nobody = four_eyes([], "pass", reason)
    yield _case("four-eyes-nobody", NOT_REPRODUCED, "a pass, and nobody was asked", nobody)
    carol = {"approver": "carol", "decision": "approved", "approval": OTHER}
    claimed = four_eyes([], "pass", reason, evidence={"approvals": [carol]})
    yield _case("four-eyes-claimed", NOT_REPRODUCED, "a pass with an approval that is not there", claimed)
    rejected = four_eyes([OPENED, say("rejected")], "pass", reason)
    yield _case("four-eyes-rejected", NOT_REPRODUCED, "a pass though another rejected", rejected)
    lower = four_eyes([OPENED, APPROVED, SECOND], "pass", reason, claim=TWO, evidence={"quorum": 1})
    yield _case("four-eyes-quorum", NOT_REPRODUCED, "evidence with another quorum", lower)
    less = four_eyes([OPENED, BREAK_GLASS], "pass", reason)
    yield _case("four-eyes-glass", NOT_REPRODUCED, "broken glass told as an approval", less)
    closed = four_eyes([OPENED, CLOSED], "pass", reason)
    yield _case("four-eyes-closed", NOT_REPRODUCED, "a pass though the review was closed", closed)
    denial = four_eyes([OPENED, APPROVED], "fail", "four_eyes.not_approved")
    yield _case("four-eyes-denial", NOT_REPRODUCED, "a denial though another approved", denial)


def _steps_told() -> Iterator[Case]:
    outputs = {"decision": "approved", "approvals": []}
    yield _case("step-nobody", NOT_REPRODUCED, "done, and nobody approved", approval_step([], outputs=outputs))
    empty = approval_step([OPENED, APPROVED], outputs=outputs)
    yield _case("step-outputs", NOT_REPRODUCED, "other outputs than were said", empty)
    rejected = approval_step([OPENED, say("rejected")], outputs=outputs)
    yield _case("step-rejected", NOT_REPRODUCED, "done though it was rejected", rejected)
    yield _case("step-failed", NOT_REPRODUCED, "failed though approved", approval_step([OPENED, APPROVED], "failed"))
    yield _case("step-failed-unasked", NOT_REPRODUCED, "failed, and nobody was asked", approval_step([], "failed"))
    asked = approval_step([OPENED, say("rejected")], outputs={})
    copied = asked["approvals"][0]["statement"]
    again = Asked(copied["contextHash"], "only", "approval", copied["subject"], "review-2")
    second = approval_step([OPENED, say("rejected")], more=talk(again, [OPENED, say("approved", approver="dave")]))
    yield _case("step-second-opinion", NOT_REPRODUCED, "rejected, and approved in a second review", second)


def _permitted() -> Iterator[Case]:
    header = "package runbooks.reviews\n\nimport rego.v1\n\n"
    for name, policy, desc in (
        ("denied", "allow := false\n", "the policy lets nobody decide"),
        ("undefined", "allow if input.nobody\n", "the policy says nothing"),
        ("action", 'default allow := false\n\nallow if input.action.name == "rejected"\n', "only rejecting is allowed"),
        ("risk", 'default allow := false\n\nallow if input.resource.properties.risk == "low"\n', "only of low risk"),
    ):
        manifest = denied([OPENED, APPROVED], documents=papers(header + policy))
        yield _case(f"forbidden-{name}", NOT_REPRODUCED, desc, manifest)
    none = papers()
    del none["policies"]["modules"]["reviews.rego"]
    yield _case("forbidden-no-rule", NOT_REPRODUCED, "no rule for reviews", denied([OPENED, APPROVED], documents=none))
    for said in ("rejected", "break-glass"):
        only = papers(header + f'default allow := false\n\nallow if input.action.name != "{said}"\n')
        outcome = "blocked" if said == "rejected" else "overridden"
        manifest = denied([OPENED, say(said)], outcome, documents=only)
        yield _case(f"forbidden-{said}", NOT_REPRODUCED, f"`{said}` is not allowed", manifest)
