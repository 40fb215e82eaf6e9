"""The evaluation as the Markdown that the model card holds; every figure is measured when it is printed."""

from __future__ import annotations

__all__ = ["evaluation_text"]

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from runbooks.canonical import digest_of
from runbooks.models import confidence

from services.runbooks.training.co_mentions import FEATURES, features_of
from services.runbooks.training.dataset import Dataset
from services.runbooks.training.evaluation import protocols, tested, trained, training_table
from services.runbooks.training.statistics import Measure, Sample, auc, interval, precision

_THRESHOLD = 0.9
_BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 1.0)

_BY_MODEL: Measure = auc(lambda sample: sample.confidence)
_BY_BASELINE: Measure = auc(lambda sample: sample.baseline)


def evaluation_text(data: Dataset) -> str:
    """Lines that end with a newline."""
    samples = [tested(data, protocol, FEATURES) for protocol in protocols(data)]
    model = trained(data, training_table(data))
    lines = [
        *_data_lines(data, model),
        *_protocol_lines(data, samples),
        *_calibration_lines(samples[0]),
        *_feature_lines(data, model, samples[0]),
    ]
    return "\n".join(lines) + "\n"


def _data_lines(data: Dataset, model: dict[str, Any]) -> Iterator[str]:
    candidates = data.graph.candidates()
    labelled = [pair for pair in candidates if data.is_labelled(pair)]
    positives = sum(pair in data.uses for pair in labelled)
    reached, capped = set(data.graph.candidates(cap=float("inf"))) & data.uses, set(candidates) & data.uses
    scores = [confidence(model, features_of(data.graph.counts(pair))) for pair in candidates]
    over = [score >= _THRESHOLD for score in scores]
    unlabelled = sum(high and not data.is_labelled(pair) for high, pair in zip(over, candidates, strict=True))
    yield from (
        "| data | |",
        "|---|---|",
        f"| model, digest | `{digest_of(model)}` |",
        f"| candidates | {len(candidates)} |",
        f"| of them labelled, positive | {len(labelled)}, {positives} ({_share(positives, len(labelled))}) |",
        f"| without a label | {len(candidates) - len(labelled)} |",
        f"| `uses` relations | {len(data.uses):,} |",
        f"| of them with a common document, with one of at most 15 entities | {_share(len(reached), len(data.uses))}, "
        f"{_share(len(capped), len(data.uses))} |",
        f"| candidates with p ≥ {_THRESHOLD} by the shipped model, of them without a label | {sum(over)}, "
        f"{unlabelled} |",
        "",
    )


def _protocol_lines(data: Dataset, samples: Sequence[Sequence[Sample]]) -> Iterator[str]:
    yield (
        "| protocol | pairs | positive | AUC [95 %] | Adamic-Adar AUC [95 %] | difference [95 %] | p ≥ 0.9 "
        "| precision there [95 %] |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for protocol, found in zip(protocols(data), samples, strict=True):
        cells = (
            protocol.name,
            len(found),
            f"{_share(sum(item.label for item in found), len(found))}",
            _measured(found, _BY_MODEL),
            _measured(found, _BY_BASELINE),
            _measured(found, _difference),
            sum(item.confidence >= _THRESHOLD for item in found),
            _measured(found, precision(_THRESHOLD)),
        )
        yield f"| {' | '.join(map(str, cells))} |"
    yield ""


def _calibration_lines(samples: Sequence[Sample]) -> Iterator[str]:
    yield "| confidence | pairs | mean confidence | share of positives |"
    yield "|---|---|---|---|"
    for low, high in pairwise(_BINS):
        found = [item for item in samples if low <= item.confidence < high or item.confidence == high == 1]
        if found:
            mean = sum(item.confidence for item in found) / len(found)
            positive = sum(item.label for item in found) / len(found)
            yield f"| {low:.1f} to {high:.1f} | {len(found)} | {mean:.3f} | {positive:.3f} |"
    brier = sum((item.confidence - item.label) ** 2 for item in samples) / len(samples)
    prior = sum(item.label for item in samples) / len(samples)
    yield ""
    yield f"Brier score {brier:.3f}; {prior * (1 - prior):.3f} for saying {prior:.3f} of every pair."
    yield ""


def _feature_lines(data: Dataset, model: dict[str, Any], samples: Sequence[Sample]) -> Iterator[str]:
    everything = protocols(data)[0]
    whole = _BY_MODEL(samples) or 0.0
    yield "| feature | weight | AUC of a model of it alone | AUC without it |"
    yield "|---|---|---|---|"
    for feature in model["features"]:
        name = feature["name"]
        alone = _BY_MODEL(tested(data, everything, [name]))
        without = _BY_MODEL(tested(data, everything, [other for other in FEATURES if other != name])) or 0.0
        yield f"| `{name}` | {feature['weight']:+.3f} | {alone:.3f} | {without:.3f} ({without - whole:+.3f}) |"


def _difference(samples: Sequence[Sample]) -> float | None:
    ours, theirs = _BY_MODEL(samples), _BY_BASELINE(samples)
    return None if ours is None or theirs is None else ours - theirs


def _measured(samples: Sequence[Sample], measure: Measure) -> str:
    value, (low, high) = measure(samples), interval(samples, measure)
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %"
