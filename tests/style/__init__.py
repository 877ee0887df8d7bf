"""The style test."""
