"""Kill tests."""
