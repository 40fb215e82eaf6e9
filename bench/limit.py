"""The bare limit: what a durable signed step costs when nothing else is done.

A chain: append a step's bytes to a file, fsync, one SHA-256, one Ed25519 signature, for every step. Layers: a
hash and a signature for every step, one append and one fsync for a layer.
"""

from __future__ import annotations

__all__ = ["main"]

import hashlib
import os
import sys
from pathlib import Path

from nacl.bindings import crypto_sign, crypto_sign_seed_keypair

from bench.runbook import LAYER_WIDTH
from bench.sample import Sample, Stopwatch

# What the runner's ledger holds for a no-op step: two entries with their hashes (the report prints the real figure).
BYTES_PER_STEP = 1_740


def main(shape: str, steps: int, folder: Path) -> Sample:
    """Time of `steps` steps in the shape `chain` or `layers`."""
    _, secret = crypto_sign_seed_keypair(os.urandom(32))
    body = os.urandom(BYTES_PER_STEP)
    batch = LAYER_WIDTH if shape == "layers" else 1
    descriptor = os.open(folder / "log", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    watch = Stopwatch()
    for _ in range(steps // batch):
        for _ in range(batch):
            crypto_sign(hashlib.sha256(body).digest(), secret)
        os.write(descriptor, body * batch)
        os.fsync(descriptor)
    taken = watch.sample(steps, steps * BYTES_PER_STEP)
    os.close(descriptor)
    return taken


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])).print()
