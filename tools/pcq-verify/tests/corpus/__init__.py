"""The corpus of vectors: what make.py writes to spec/vectors and why."""
