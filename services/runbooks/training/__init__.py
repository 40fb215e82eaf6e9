"""Makes and evaluates the shipped model from the demo data; no part of the service, and never run by a runbook."""
