"""A small PostgreSQL client for tests: protocol 3.0, simple and extended, nothing hidden."""

from .connection import Connection, connect  # noqa: F401
from .messages import Result, ServerError, Timeout  # noqa: F401
