"""Mutated statements and messages."""
