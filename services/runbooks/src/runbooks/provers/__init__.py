"""Provers: one file a kind, one line each here; `prove` is the only way to a proof."""

from __future__ import annotations

__all__ = ["PROVERS", "PostconditionProver", "PreconditionProver", "Prover", "denies", "prove"]

from runbooks.provers.postcondition_prover import PostconditionProver
from runbooks.provers.precondition_prover import PreconditionProver
from runbooks.provers.prover import Prover, denies
from runbooks.provers.registry import PROVERS, prove
