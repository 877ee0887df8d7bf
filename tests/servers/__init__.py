"""Servers under test, started for one run."""
