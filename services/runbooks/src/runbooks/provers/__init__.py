"""Provers: one file a kind, one line each here; `prove` is the only way to a proof."""

from __future__ import annotations

__all__ = [
    "COMBINATIONS",
    "PROVERS",
    "Combination",
    "PostconditionProver",
    "PreconditionProver",
    "Prover",
    "claim_problems",
    "contains_itself",
    "denies",
    "leaves",
    "prove",
    "prove_named",
]

from runbooks.provers.combination import COMBINATIONS, Combination, contains_itself, leaves
from runbooks.provers.postcondition_prover import PostconditionProver
from runbooks.provers.precondition_prover import PreconditionProver
from runbooks.provers.prover import Prover, denies
from runbooks.provers.registry import PROVERS, claim_problems, prove, prove_named
