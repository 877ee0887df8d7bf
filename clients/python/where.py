"""Where the server is: SUNDOG_DSN, a URL."""

import os
from urllib.parse import unquote, urlsplit

DSN = os.environ["SUNDOG_DSN"]
PARTS = urlsplit(DSN)
USER = unquote(PARTS.username)
PASSWORD = unquote(PARTS.password or "")
DATABASE = PARTS.path.lstrip("/")
EXTENSION = "create extension if not exists vector"
