"""The shapes of all answers, by their names in the OpenAPI document: JSON Schema 2020-12 (ADR 0026).

They describe what pure functions build as plain values, and nothing is checked against them while the service runs:
the tests hold every answer that they get against its schema.
"""
