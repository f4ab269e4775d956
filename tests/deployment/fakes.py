"""Fakes of what a deployment talks to: Resource Manager, an identity, a database, and a clock."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import RequestsTransport
from requests.adapters import BaseAdapter

from imagectl.deployment.arm import Arm
from imagectl.deployment.outputs import Outputs
from imagectl.deployment.polling import Polling

CLIENT_ID = "00112233-4455-6677-8899-aabbccddeeff"
ENVIRONMENT = {
    "AZURE_SUBSCRIPTION_ID": "11111111-1111-1111-1111-111111111111",
    "AZURE_TENANT_ID": "33333333-3333-3333-3333-333333333333",
    "AZURE_RESOURCE_GROUP": "rg-test",
    "FUNCTION_APP_NAME": "func-test",
    "FUNCTION_APP_URL": "https://func-test.invalid",
    "APP_IDENTITY_NAME": "id-test",
    "APP_IDENTITY_CLIENT_ID": CLIENT_ID,
    "APP_IDENTITY_PRINCIPAL_ID": "22222222-2222-2222-2222-222222222222",
    "HOST_ACCOUNT_ID": "/subscriptions/1/resourceGroups/rg-test/providers/Microsoft.Storage/storageAccounts/sthost",
    "IMAGES_BLOB_URL": "https://images.invalid/",
    "IMAGES_QUEUE_URL": "https://images-queues.invalid/",
    "RECONCILE_SCHEDULE": "0 0 3 * * *",
    "SQL_SERVER_NAME": "sql-test",
    "SQL_SERVER": "sql-test.invalid",
    "SQL_DATABASE": "images",
}
DEPLOYED = Outputs(**{name.lower(): value for name, value in ENVIRONMENT.items()})

Answer = Callable[[str, str], tuple[int, Any]]
"""(method, path with query) -> status and JSON."""


class FakeSignIn:
    """An identity whose token is ``a-token`` for every scope."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken("a-token", 2**33)


class FakeResourceManager(BaseAdapter):
    """Answers as the test decides and records the requests."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer
        self.requests: list[tuple[str, str]] = []
        self.bodies: list[Any] = []

    def client(self) -> Arm:
        session = requests.Session()
        session.mount("https://", self)
        return Arm(FakeSignIn(), RequestsTransport(session=session, session_owner=False))

    def send(self, request: requests.PreparedRequest, *_arguments: Any, **_options: Any) -> requests.Response:
        assert request.headers["Authorization"] == "Bearer a-token"
        url = urlsplit(str(request.url))
        self.requests.append((str(request.method), url.path))
        self.bodies.append(json.loads(request.body) if request.body else None)
        answer = requests.Response()
        answer.status_code, content = self._answer(str(request.method), f"{url.path}?{url.query}")
        answer.raw = _Body(json.dumps(content).encode())
        answer.request, answer.url = request, str(request.url)
        answer.headers["Content-Type"] = "application/json"
        return answer

    def close(self) -> None:
        """Nothing to release."""


class _Body:
    """The part of a urllib3 response that the transport reads."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.enforce_content_length = False

    def stream(self, _size: int, **_options: Any) -> Iterator[bytes]:
        yield self._content

    def read(self, *_arguments: Any, **_options: Any) -> bytes:
        content, self._content = self._content, b""
        return content

    def close(self) -> None:
        """Nothing to release."""


@dataclass
class FakeClock:
    """Time passes only in ``sleep``."""

    now: float = 0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)

    def polling(self, seconds: float = 60) -> Polling:
        return Polling(seconds, 10, self.sleep, lambda: self.now)


class FakeDatabase:
    """Connection and cursor in one: records statements and returns the rows that the test provides.

    Attributes:
        refusals: errors of the next connections.
    """

    def __init__(self, rows: list[Any] | None = None) -> None:
        self.refusals: list[str] = []
        self.rows = rows or []
        self.statements: list[tuple[str, Any]] = []

    def open_connection(self, _connection_string: str) -> "FakeDatabase":
        if self.refusals:
            raise RuntimeError(self.refusals.pop(0))
        return self

    def cursor(self) -> "FakeDatabase":
        return self

    def execute(self, statement: str, parameters: Any = ()) -> "FakeDatabase":
        self.statements.append((statement, parameters))
        return self

    def fetchone(self) -> Any:
        return self.rows.pop(0) if self.rows else None

    def nextset(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing to release."""
