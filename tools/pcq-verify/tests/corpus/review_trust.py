"""Trust files with approvers' keys, good and bad."""

from __future__ import annotations

__all__ = ["files"]

from keyring import KEYS, trust_key
from review_maker import trust_file

from corpus.cases import Json


def files() -> dict[str, Json]:
    """By name, without the ending."""

    def carol(**members: Json) -> Json:
        return trust_file(trust_key(KEYS["carol"], ["approver"], **{"subject": "carol", **members}))

    step_key, manifest_key, *people = trust_file()["keys"]
    narrow = {**manifest_key, "validTo": "2026-02-03T04:11:00Z"}
    unnamed = carol()
    del unnamed["keys"][2]["subject"]
    own_step = trust_key(KEYS["carol"], ["step"])
    return {
        "approvers": trust_file(),
        "approver-roleless": trust_file(own_step),
        "approver-revoked": carol(revoked={"at": "2027-01-01T00:00:00Z", "reason": "lost"}),
        "approver-ends-at-decision": carol(validTo="2026-02-03T04:12:00Z"),
        "approver-begins-at-decision": carol(validFrom="2026-02-03T04:12:00Z"),
        "approver-not-yet-valid": carol(validFrom="2026-02-03T04:12:00.000001Z"),
        "approver-other-subject": carol(subject="mallory"),
        "approver-two-keys": trust_file(
            *carol()["keys"][2:], trust_key(KEYS["carol-2"], ["approver"], subject=" \uff23arol")
        ),
        "approver-unnamed": unnamed,
        "approver-empty-name": carol(subject=""),
        "subject-of-a-step-key": trust_file({**own_step, "subject": "carol"}),
        "manifest-key-ends-before-the-review": {**trust_file(), "keys": [step_key, narrow, *people]},
    }
