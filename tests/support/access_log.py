"""What Azurite was asked for, by its access log."""

import re
import secrets
import time
from contextlib import closing
from http.client import HTTPConnection

from imagectl.local.azurite import ACCOUNT, Azurite

TIMEOUT = 60


def requests(azurite: Azurite, method: str, path: str) -> int:
    """Count the requests so far whose method and start of path (after the account) are these."""
    pattern = re.compile(rf'"{method} /{ACCOUNT}/{re.escape(path)}')
    return sum(1 for line in _lines(azurite) if pattern.search(line))


def _lines(azurite: Azurite) -> list[str]:
    # Azurite writes a line after its answer is out: what came before a marker is there when the marker is.
    marker = secrets.token_hex(8)
    port = re.search(r"BlobEndpoint=http://127\.0\.0\.1:(\d+)", azurite.connection_string)
    assert port is not None
    with closing(HTTPConnection("127.0.0.1", int(port[1]), timeout=TIMEOUT)) as connection:
        connection.request("GET", f"/{ACCOUNT}/{marker}")
    deadline = time.monotonic() + TIMEOUT
    while marker not in (text := azurite.log.read_text("utf-8", "replace")):
        assert time.monotonic() < deadline, f"expected Azurite to log a request, found none of {marker}"
        time.sleep(0.01)
    return text.splitlines()
