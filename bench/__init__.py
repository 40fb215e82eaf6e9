"""Benchmarks: what an attested durable step costs, beside the bare limit and beside DBOS on SQLite."""
