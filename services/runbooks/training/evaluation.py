"""How good the model is: five folds grouped by actor, three protocols, against Adamic-Adar.

In each fold a model is fitted to all evidence about the other actors and asked about this fold's, so what is tested is
the model as it is trained; the protocols take evidence away from the pairs that it is asked about.
"""

from __future__ import annotations

__all__ = ["FOLDS", "MODEL_ID", "Protocol", "protocols", "tested", "trained", "training_table"]

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runbooks.canonical import digest_of
from runbooks.models import confidence

from services.runbooks.training.co_mentions import CoMentions, Features, Pair, features_of
from services.runbooks.training.dataset import Dataset
from services.runbooks.training.regression import fit
from services.runbooks.training.statistics import Sample

MODEL_ID = "link-v1"
FOLDS = 5

_DESCRIPTION = (
    "Whether an actor uses a software, from who is mentioned with whom in the evidence of the demo data. "
    "Not for attribution. See docs/models/link-v1.md."
)


@dataclass(frozen=True)
class Protocol:
    """What evidence the pairs under test have: a graph, and which documents a pair must do without."""

    name: str
    graph: CoMentions
    without: Callable[[Pair], frozenset[str]]


def protocols(data: Dataset) -> list[Protocol]:
    """The three, the strictest last."""
    return [
        Protocol("all evidence", data.graph, lambda pair: frozenset()),
        Protocol("without what ATT&CK cites at both ends", data.graph, data.may_be_cited),
        Protocol("without the mentions that only ATT&CK supplies", data.without_attack, lambda pair: frozenset()),
    ]


def training_table(data: Dataset) -> dict[Pair, Features]:
    """The features of every labelled candidate, on all evidence."""
    return {pair: features_of(data.graph.counts(pair)) for pair in data.graph.candidates() if data.is_labelled(pair)}


def trained(data: Dataset, table: Mapping[Pair, Features]) -> dict[str, Any]:
    """The model document of these rows, with the digest of rows and labels."""
    labels = [pair in data.uses for pair in table]
    rows = [[*pair, features, label] for (pair, features), label in zip(table.items(), labels, strict=True)]
    return {**fit(MODEL_ID, list(table.values()), labels), "description": _DESCRIPTION, "trainedOn": digest_of(rows)}


def tested(data: Dataset, protocol: Protocol, names: Sequence[str]) -> list[Sample]:
    """Every labelled pair that the protocol leaves some evidence, with the score of the fold that did not see it."""
    table = {pair: {name: row[name] for name in names} for pair, row in training_table(data).items()}
    models = {
        fold: trained(data, {pair: row for pair, row in table.items() if _fold(pair) != fold}) for fold in range(FOLDS)
    }
    samples = []
    for pair in _left(data, protocol):
        without = protocol.without(pair)
        score = confidence(models[_fold(pair)], features_of(protocol.graph.counts(pair, without)))
        samples.append(Sample(pair[0], score, protocol.graph.adamic_adar(pair, without), pair in data.uses))
    return samples


def _left(data: Dataset, protocol: Protocol) -> Iterable[Pair]:
    for pair in protocol.graph.candidates():
        if data.is_labelled(pair) and set(protocol.graph.shared(pair)) - protocol.without(pair):
            yield pair


def _fold(pair: Pair) -> int:
    return int(hashlib.sha256(pair[0].encode()).hexdigest(), 16) % FOLDS
