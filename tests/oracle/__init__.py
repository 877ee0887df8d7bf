"""The oracle: a real PostgreSQL 15 that answers are recorded from and compared with."""
