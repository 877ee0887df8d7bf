"""Plans compared with each other."""
