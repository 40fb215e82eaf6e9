"""The measures of an evaluation, and their intervals by drawing actors again; the same numbers at every run."""

from __future__ import annotations

__all__ = ["Measure", "Sample", "auc", "interval", "precision"]

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_DRAWS = 2_000
_SEED = 20_210_301


@dataclass(frozen=True)
class Sample:
    """One labelled pair under test: its actor, the model's confidence, the baseline's score, and the label."""

    actor: str
    confidence: float
    baseline: float
    label: bool


Measure = Callable[[Sequence[Sample]], float | None]


def auc(score: Callable[[Sample], float]) -> Measure:
    """The share of (positive, negative) pairs that `score` puts in the right order, ties counting half."""

    def measure(samples: Sequence[Sample]) -> float | None:
        at: dict[float, list[int]] = defaultdict(lambda: [0, 0])
        for sample in samples:
            at[score(sample)][sample.label] += 1
        below = won = positives = 0
        for _, (negative, positive) in sorted(at.items()):
            won += positive * (2 * below + negative)
            below, positives = below + negative, positives + positive
        return won / (2 * below * positives) if below and positives else None

    return measure


def precision(threshold: float) -> Measure:
    """The share of positives among the samples with at least this confidence."""

    def measure(samples: Sequence[Sample]) -> float | None:
        found = [sample.label for sample in samples if sample.confidence >= threshold]
        return sum(found) / len(found) if found else None

    return measure


def interval(samples: Sequence[Sample], measure: Measure) -> tuple[float, float]:
    """95 % by the percentiles of 2,000 draws of as many actors as there are, each with all of its pairs."""
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[sample.actor].append(sample)
    actors, dice = sorted(groups), random.Random(_SEED)  # noqa: S311 (statistics)
    values = []
    for _ in range(_DRAWS):
        # `random()` alone is promised to give the same numbers in every version of Python.
        drawn = [actors[int(dice.random() * len(actors))] for _ in actors]
        value = measure([sample for actor in drawn for sample in groups[actor]])
        if value is not None:
            values.append(value)
    values.sort()
    return values[int(0.025 * len(values))], values[int(0.975 * len(values))]
