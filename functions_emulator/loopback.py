"""Answers only to programs that address the host by a name of this machine.

A web page may send requests to 127.0.0.1 from the browser, under its own origin or (by DNS rebinding) its own name.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web

_NAMES = ("localhost", "127.0.0.1", "::1")


@web.middleware
async def refuse_other_names(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """403 unless ``Host``, and ``Origin`` where there is one, name the loopback interface."""
    addresses = [f"//{request.host}", *request.headers.getall("Origin", [])]
    if all(_is_loopback(address) for address in addresses):
        return await handler(request)
    message = f"The emulator answers to {', '.join(_NAMES)} only; use one of these in the address."
    return web.json_response({"Message": message}, status=HTTPStatus.FORBIDDEN)


def _is_loopback(address: str) -> bool:
    try:
        return urlsplit(address).hostname in _NAMES
    except ValueError:
        return False
