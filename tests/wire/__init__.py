"""Raw protocol scripts."""
