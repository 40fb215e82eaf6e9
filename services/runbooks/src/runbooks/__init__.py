"""IntelGraph Runbooks: runbooks whose executions leave a proof that a stranger can verify."""

__version__ = "0.1.0"
