"""How the storage SDK's requests reach the network: straight from `urllib3`'s pool of connections."""

from typing import Any

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.structures import CaseInsensitiveDict

from image_metadata import settings

# In seconds, and in bytes that are taken from an answer at once.
_LIMITS: dict[str, Any] = {"connection_timeout": 10, "read_timeout": 30, "connection_data_block_size": 256 * 1024}
_OPTIONS = ("stream", "timeout", "verify", "cert", "proxies")


class _Session(requests.Session):
    """Sends a request as the SDK made and signed it.

    `requests` itself would merge cookies, proxies and the logins of ~/.netrc into each one, of which the SDK's have
    none: a sixth of the processor time of a small read.
    """

    def request(self, method: str | bytes, url: str | bytes, *_: Any, **how: Any) -> requests.Response:
        """``how`` is what RequestsTransport passes, as of ``requests.Session.request``; redirects are the SDK's."""
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.body = str(method), str(url), how["data"]
        prepared.headers = CaseInsensitiveDict(how["headers"])
        options = {key: how[key] for key in _OPTIONS if key in how}
        response = self.get_adapter(prepared.url).send(prepared, **options)
        if not how.get("stream"):
            len(response.content)  # reads it, while its errors are still turned into the SDK's
        return response


def transport() -> RequestsTransport:
    """One for a client of the SDK, safe in threads."""
    if settings.has_proxy():
        # Which proxy, if any, a host is reached by is for `requests` to tell.
        return RequestsTransport(**_LIMITS)
    return RequestsTransport(session=_Session(), connection_verify=settings.certificates(), **_LIMITS)
