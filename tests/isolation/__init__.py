"""Isolation: histories of concurrent transactions and what they may not show."""
