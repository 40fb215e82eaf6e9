"""Adapters: the code that speaks to one product each, behind the ports."""
