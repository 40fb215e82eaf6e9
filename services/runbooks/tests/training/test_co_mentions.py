"""Counts and features of a graph small enough to count by hand."""

from __future__ import annotations

import math

import pytest

from services.runbooks.training.co_mentions import CAP, FEATURES, CoMentions, features_of

KINDS = {"a1": "actor", "a2": "actor", "a3": "actor", "s1": "software", "s2": "software", "s3": "software"}
DOCUMENTS = {
    "alone": ["a1", "s1"],
    "two actors": ["a1", "a2", "s1", "s2"],
    "actor's own": ["a1"],
    "software's own": ["s1"],
    "other's": ["a2", "s1", "s3"],
    "no software": ["a1", "a2", "a3"],
}
CROWD = [f"c{number}" for number in range(CAP - 1)]


def graph(documents: dict[str, list[str]] | None = None) -> CoMentions:
    kinds = {**KINDS, **dict.fromkeys(CROWD, "software")}
    return CoMentions(kinds, [(name, item) for item, names in (documents or DOCUMENTS).items() for name in names])


def test_candidates_are_an_actor_and_a_software_in_one_document() -> None:
    assert graph().candidates() == [("a1", "s1"), ("a1", "s2"), ("a2", "s1"), ("a2", "s2"), ("a2", "s3")]


def test_what_is_counted_about_a_pair() -> None:
    assert graph().counts(("a1", "s1")) == {
        "shared": 2,
        "soleShared": 1,
        "fewestActors": 1,
        "allocated": 360_360 // 2 + 360_360 // 4,
        "actorDocuments": 4,
        "softwareDocuments": 4,
        "softwareSole": 2,
    }


def test_the_features_are_ratios_and_roots_of_the_counts() -> None:
    features = features_of(graph().counts(("a1", "s1")))
    assert tuple(features) == FEATURES
    assert features == {
        "rootShared": math.sqrt(2),
        "soleShare": 2 / 4,
        "softwareShare": 2 / 4,
        "inverseActors": 1.0,
        "rootActorDocuments": 2.0,
        "allocation": 0.75,
    }


def test_a_document_left_out_is_as_if_it_were_not_there() -> None:
    without = frozenset(["two actors", "software's own"])
    kept = {item: names for item, names in DOCUMENTS.items() if item not in without}
    assert graph().counts(("a1", "s1"), without) == graph(kept).counts(("a1", "s1"))


@pytest.mark.parametrize(("more", "found"), [(CAP - 2, True), (CAP - 1, False)])
def test_a_document_of_more_than_the_cap_makes_no_pair_and_still_counts_as_a_document(more: int, found: bool) -> None:
    whole = graph({**DOCUMENTS, "yearly report": ["a3", "s3", *CROWD[:more]]})
    assert (("a3", "s3") in whole.candidates()) is found
    assert whole.counts(("a2", "s3"))["softwareDocuments"] == 2
    assert whole.counts(("a2", "s3"))["softwareSole"] == 1 + found
    assert ("a3", "s3") in whole.candidates(cap=math.inf)


def test_the_baseline_sums_inverse_logarithms() -> None:
    assert graph().adamic_adar(("a1", "s1")) == pytest.approx(1 / math.log(2) + 1 / math.log(4))
    assert graph().adamic_adar(("a1", "s1"), frozenset(["alone"])) == pytest.approx(1 / math.log(4))
