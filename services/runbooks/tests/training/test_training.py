"""The shipped model is the one that its data give, its card says what is measured, and the measures are right."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from runbooks.canonical import digest_of
from runbooks.expressions import evaluate
from runbooks.models import confidence, model_problems

from services.runbooks.training import evaluation
from services.runbooks.training.__main__ import CARD, MODEL, card_with, model_bytes
from services.runbooks.training.co_mentions import features_of
from services.runbooks.training.dataset import Dataset, load_dataset
from services.runbooks.training.regression import fit
from services.runbooks.training.report import evaluation_text
from services.runbooks.training.statistics import Sample, auc, interval, precision

ROOT = Path(__file__).parents[4]
R2 = ROOT / "services" / "runbooks" / "templates" / "R2-relationship-inference.json"


@pytest.fixture(scope="module")
def data() -> Dataset:
    return load_dataset()


def test_training_again_gives_the_shipped_bytes(data: Dataset) -> None:
    assert model_bytes(data) == MODEL.read_bytes()


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_another_process_gives_the_same_bytes(seed: str) -> None:
    code = "import sys; from services.runbooks.training.__main__ import *; from services.runbooks.training.dataset "
    code += "import load_dataset; sys.stdout.buffer.write(model_bytes(load_dataset()))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env={"PYTHONHASHSEED": seed})
    assert done.stdout == MODEL.read_bytes()


def test_the_card_says_what_the_command_prints(data: Dataset) -> None:
    card = CARD.read_text("utf-8")
    assert card_with(card, evaluation_text(data)) == card
    assert digest_of(json.loads(MODEL.read_bytes())) in card


def test_no_relation_enters_a_feature(data: Dataset) -> None:
    blind = Dataset(data.kinds, data.suppliers, data.known, frozenset())
    assert evaluation.training_table(blind) == evaluation.training_table(data)


def test_r2_pins_the_shipped_model_and_computes_the_features_of_the_training(data: Dataset) -> None:
    steps = {step["stepId"]: step for step in json.loads(R2.read_bytes())["steps"]}
    assert steps["score"]["digest"] == digest_of(json.loads(MODEL.read_bytes()))
    counted = [data.graph.counts(pair) for pair in data.graph.candidates()]
    found = evaluate(steps["features"]["expression"], counted)
    assert found == [{**counts, **features_of(counts)} for counts in counted]
    assert evaluate(steps["features"]["expression"], counted[:1]) == found[:1]
    assert evaluate(steps["features"]["expression"], []) == []


def test_labels_are_only_where_attack_knows_both_ends(data: Dataset) -> None:
    pairs = list(evaluation.training_table(data))
    assert len(pairs) == 482
    assert all(actor in data.known and software in data.known for actor, software in pairs)
    assert len(data.graph.candidates()) == 729
    assert len(data.uses) == 1_063


def test_no_fold_sees_an_actor_that_it_is_asked_about(data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[set[str]] = []
    fitted = evaluation.trained

    def watched(data: Dataset, table: Any) -> Any:
        seen.append({actor for actor, _ in table})
        return fitted(data, table)

    monkeypatch.setattr(evaluation, "trained", watched)
    samples = evaluation.tested(data, evaluation.protocols(data)[0], ["soleShare"])
    assert len(seen) == 5
    for actor in {sample.actor for sample in samples}:
        assert sum(actor not in actors for actors in seen) == 1


def test_the_stricter_protocols_leave_less_evidence(data: Dataset) -> None:
    whole, cited, community = evaluation.protocols(data)
    for pair in evaluation.training_table(data):
        assert set(cited.graph.shared(pair)) - cited.without(pair) <= set(whole.graph.shared(pair))
        assert set(community.graph.shared(pair)) <= set(whole.graph.shared(pair))


def test_a_fit_finds_the_weights_that_made_the_labels() -> None:
    dice = random.Random(7)
    rows = [{"x": dice.gauss(0, 1), "y": dice.gauss(5, 2)} for _ in range(4_000)]
    true = {"intercept": -0.5, "features": [_feature("x", 1.5), _feature("y", -0.25)], "decimals": 9}
    labels = [dice.random() < confidence(true, row) for row in rows]
    model = fit("m", rows, labels)
    assert model_problems(model) == []
    weights = {item["name"]: item["weight"] / item["scale"] for item in model["features"]}
    assert weights == pytest.approx({"x": 1.5, "y": -0.25}, abs=0.1)
    share = sum(confidence(model, row) for row in rows) / len(rows)
    assert share == pytest.approx(sum(labels) / len(rows), abs=1e-5), "an intercept that is not penalised calibrates"


def test_a_feature_that_never_varies_does_no_harm() -> None:
    rows = [{"x": float(n % 2), "same": 3.0} for n in range(40)]
    model = fit("m", rows, [n % 2 == 1 for n in range(40)])
    assert model_problems(model) == []
    assert [item["weight"] for item in model["features"] if item["name"] == "same"] == [0.0]


def _feature(name: str, weight: float) -> dict[str, Any]:
    return {"name": name, "mean": 0, "scale": 1, "weight": weight}


def samples(seed: int = 1) -> list[Sample]:
    dice = random.Random(seed)
    found = []
    for number in range(60):
        label = dice.random() < 0.7
        score = round(dice.gauss(0.7 if label else 0.5, 0.2), 1)
        found.append(Sample(f"a{number % 12}", score, dice.random(), label))
    return found


def test_the_auc_is_the_share_of_pairs_in_order() -> None:
    found = samples()
    positive, negative = ([item.confidence for item in found if item.label is label] for label in (True, False))
    slow = [(p > n) + 0.5 * (p == n) for p, n in product(positive, negative)]
    assert auc(lambda item: item.confidence)(found) == pytest.approx(sum(slow) / len(slow))
    assert auc(lambda item: item.confidence)([item for item in found if item.label]) is None


def test_the_precision_counts_from_the_threshold_on() -> None:
    found = [Sample("a", 0.9, 0, True), Sample("a", 0.95, 0, False), Sample("a", 0.89, 0, False)]
    assert precision(0.9)(found) == 0.5
    assert precision(0.99)(found) is None


def test_an_interval_holds_its_measure_and_is_the_same_again() -> None:
    found, measure = samples(), auc(lambda item: item.confidence)
    low, high = interval(found, measure)
    value = measure(found)
    assert value is not None
    assert low < value < high
    assert interval(list(reversed(found)), measure) == (low, high)
