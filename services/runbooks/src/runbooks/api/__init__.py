"""The HTTP API: routes call the runner and say what it said; nothing is decided here."""
