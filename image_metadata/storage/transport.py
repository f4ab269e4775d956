"""How the storage SDK's requests reach the network: straight from `urllib3`'s pool of connections."""

import logging
import re
from typing import Any

import requests
from azure.core.pipeline.transport import RequestsTransport
from requests.structures import CaseInsensitiveDict

from image_metadata import settings

# In seconds, and in bytes that are taken from an answer at once.
_LIMITS: dict[str, Any] = {"connection_timeout": 10, "read_timeout": 30, "connection_data_block_size": 256 * 1024}
_OPTIONS = ("stream", "timeout", "verify", "cert", "proxies")


class _Redaction(logging.Filter):
    """Takes the signature of a SAS out of the URLs that `urllib3` logs at DEBUG."""

    _SIGNATURE = re.compile(r"(sig=)[^&\s\"']+", re.IGNORECASE)

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._SIGNATURE.sub(r"\1REDACTED", record.getMessage()), None
        return True


for _logger in ("urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_logger).addFilter(_Redaction())


class _Session(requests.Session):
    """Sends a request as the SDK made and signed it.

    `requests` itself would merge cookies, proxies and the logins of ~/.netrc into each one. The SDK needs none of them,
    and they take a sixth of the processor time of a small read.
    """

    def request(self, method: str | bytes, url: str | bytes, *_: Any, **how: Any) -> requests.Response:
        """``how`` is what RequestsTransport passes, as of ``requests.Session.request``; redirects are the SDK's."""
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.body = str(method), str(url), how["data"]
        prepared.headers = CaseInsensitiveDict(how["headers"])
        options = {key: how[key] for key in _OPTIONS if key in how}
        response = self.get_adapter(prepared.url).send(prepared, **options)
        if not how.get("stream"):
            len(response.content)  # read here, where the SDK still translates errors
        return response


def transport() -> RequestsTransport:
    """One for a client of the SDK, safe in threads."""
    if settings.has_proxy():
        # `requests` decides which proxy a host is reached by, if any.
        return RequestsTransport(**_LIMITS)
    return RequestsTransport(session=_Session(), connection_verify=settings.certificates(), **_LIMITS)
