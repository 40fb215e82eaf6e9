"""`train` writes the model, `evaluate` prints its evaluation, `card` puts that into the model card."""

from __future__ import annotations

__all__ = ["CARD", "MODEL", "card_with", "model_bytes"]

import json
import sys
from pathlib import Path

from services.runbooks.training.dataset import Dataset, load_dataset
from services.runbooks.training.evaluation import MODEL_ID, trained, training_table
from services.runbooks.training.report import evaluation_text

_ROOT = Path(__file__).parents[3]
MODEL = _ROOT / "services" / "runbooks" / "models" / f"{MODEL_ID}.json"
CARD = _ROOT / "docs" / "models" / f"{MODEL_ID}.md"
_BEGIN, _END = "<!-- made by `make model` from here -->\n", "<!-- to here -->\n"


def model_bytes(data: Dataset) -> bytes:
    """The file of the model."""
    return json.dumps(trained(data, training_table(data)), indent=2).encode() + b"\n"


def card_with(card: str, evaluation: str) -> str:
    """The card with another evaluation in its place."""
    before, _, rest = card.partition(_BEGIN)
    return before + _BEGIN + evaluation + _END + rest.partition(_END)[2]


def _main(command: str) -> int:
    data = load_dataset()
    match command:
        case "train":
            MODEL.write_bytes(model_bytes(data))
        case "evaluate":
            sys.stdout.write(evaluation_text(data))
        case "card":
            CARD.write_text(card_with(CARD.read_text("utf-8"), evaluation_text(data)), "utf-8")
        case _:
            sys.stderr.write("usage: python -m services.runbooks.training train | evaluate | card\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(_main(" ".join(sys.argv[1:])))
