"""The durable HTTP API of an app, deployed or emulated: start, look up, list and purge orchestrations."""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from getpass import getpass
from http import HTTPStatus
from itertools import islice
from typing import Any
from urllib.parse import quote, urlsplit

from azure.core import PipelineClient
from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, ServiceRequestError
from azure.core.pipeline.policies import AzureKeyCredentialPolicy, RetryPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest, HttpResponse

from image_metadata.instance_status import ORCHESTRATOR, failure_code, is_active_or_stored
from image_metadata.model import Upload
from image_metadata.payload import encode, text_of
from image_metadata.text import printable
from imagectl.arguments import app_url, is_app_url
from imagectl.errors import UnreachableError

LOCAL_URL = "http://127.0.0.1:7071"
KEY_VARIABLE = "FUNCTIONS_KEY"
UNSUCCESSFUL = ("Failed", "Terminated", "Canceled")
PAGE = 1000
ANSWER_SECONDS = 240  # longer than the 230 s after which Azure's front end gives up

_CONTINUATION = "x-ms-continuation-token"
_SUCCESS = frozenset({HTTPStatus.OK, HTTPStatus.ACCEPTED})
_ENDS_OF_A_TASK = frozenset({"TaskCompleted", "TaskFailed"})
_IDEMPOTENT = frozenset({"GET", "POST", "DELETE"})
_NEXT_MOVE: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: f"set {KEY_VARIABLE} to the app's system key durabletask_extension",
    HTTPStatus.FORBIDDEN: f"set {KEY_VARIABLE} to the app's system key durabletask_extension",
    HTTPStatus.NOT_FOUND: "name the app with --url, without a path",
}


class DurableApiError(UnreachableError):
    """The app's durable HTTP API cannot be reached or refused the request."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One orchestration as the status API shows it.

    Attributes:
        id: the ``upload_id`` of the upload that was announced.
        name: the orchestrator function.
        status: the API's ``runtimeStatus``.
        input: what it was started with: the payload of an upload, as JSON text where a release up to 1.0 started it.
        output: what it returned; for a failed one the text that says why.
        created: ``2026-11-22T06:40:00Z``.
        custom_status: the payload of a ``WorkflowStatus``.
    """

    id: str
    name: str
    status: str
    input: Any
    output: Any
    created: str
    custom_status: Any = None

    @property
    def code(self) -> str:
        """Why it did not succeed: a failure code, else the status in lower case."""
        return failure_code(self.custom_status, self.output) or self.status.lower()

    @property
    def step(self) -> str:
        """The activity that was called last; empty before the first."""
        return text_of(self.custom_status, "step")

    @property
    def blob(self) -> str:
        """``container/name`` in printable form; the id where the orchestration has not reported it."""
        return text_of(self.custom_status, "blob") or self.id

    @property
    def created_at(self) -> datetime:
        return datetime.fromisoformat(self.created.replace("Z", "+00:00")[:19] + "+00:00")

    @property
    def is_active_or_stored(self) -> bool:
        """Whether the trigger would not start it again."""
        return is_active_or_stored(self.status, self.output)

    @classmethod
    def from_answer(cls, answer: dict[str, Any]) -> "Instance":
        names = ("instanceId", "name", "runtimeStatus", "input", "output", "createdTime", "customStatus")
        return cls(*(answer.get(name) for name in names))  # type: ignore[arg-type]  # the API's own types


class DurableApp:
    """A client of one app; threads may share it.

    Every method raises DurableApiError when there is no answer, or none that this version of the API gives.
    """

    def __init__(self, url: str, key: str | None = None) -> None:
        if not is_app_url(url):
            raise DurableApiError(f"expected --url like {LOCAL_URL}, found {printable(url)}; give scheme and host")
        parts = urlsplit(url)
        if key and parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
            raise DurableApiError(
                f"expected https for {printable(url)}, as a key goes with every request; change --url"
            )
        self._url = f"{url.rstrip('/')}/runtime/webhooks/durabletask"
        policies: list[Any] = [RetryPolicy(retry_connect=1)]
        if key:
            policies.append(AzureKeyCredentialPolicy(AzureKeyCredential(key), "x-functions-key"))
        transport = RequestsTransport(connection_timeout=10, read_timeout=ANSWER_SECONDS)
        self._client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(
            self._url, policies=policies, transport=transport
        )

    def start(self, upload: Upload) -> bool:
        """Start the instance that the trigger starts for this upload; False when it is live."""
        return self.start_again(upload.id, encode(upload))

    def start_again(self, instance_id: str, instance_input: Any) -> bool:
        """Start an instance with this id and input, replacing a finished one; False when it is live."""
        path = f"orchestrators/{ORCHESTRATOR}/{quote(instance_id, safe='')}"
        headers = {"Content-Type": "application/json"}
        answer = self._send(HttpRequest("POST", self._at(path), headers=headers, content=json.dumps(instance_input)))
        # Extensions up to 3.0.0 answer 500 where later ones answer 409.
        if answer.status_code == HTTPStatus.CONFLICT or "OrchestrationAlreadyExistsException" in answer.text():
            return False
        self._expect_success(answer)
        return True

    def find(self, instance_id: str) -> Instance | None:
        request = HttpRequest("GET", self._at(f"instances/{quote(instance_id, safe='')}"))
        answer = self._send(request)
        if answer.status_code == HTTPStatus.NOT_FOUND and not answer.text():
            return None
        return Instance.from_answer(self._json(answer))

    def terminate(self, instance_id: str, reason: str) -> None:
        """Ask for the end of an instance; it is ``Terminated`` a moment later. One that has ended stays as it is."""
        path = f"instances/{quote(instance_id, safe='')}/terminate?reason={quote(reason, safe='')}"
        answer = self._send(HttpRequest("POST", self._at(path)))
        if answer.status_code not in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            self._expect_success(answer)

    def instances(self, statuses: Iterable[str], created_to: str | None = None) -> Iterator[Instance]:
        """All instances of this app's orchestrator in these states, page by page, without their inputs.

        ``created_to`` is ISO 8601 in UTC, inclusive.
        """
        parameters = {"runtimeStatus": ",".join(statuses), "top": str(PAGE), "showInput": "false"}
        if created_to:
            parameters["createdTimeTo"] = created_to
        return self._list(parameters)

    def _list(self, parameters: dict[str, str]) -> Iterator[Instance]:
        token: str | None = None
        while True:
            headers = {_CONTINUATION: token} if token else {}
            answer = self._send(HttpRequest("GET", self._at("instances/"), params=parameters, headers=headers))
            found = map(Instance.from_answer, self._json(answer))
            yield from (instance for instance in found if instance.name == ORCHESTRATOR)
            token = answer.headers.get(_CONTINUATION)
            if not token:
                return

    def recent(self, status: str, created_from: datetime, limit: int) -> list[Instance]:
        """Some instances in this state that were created since then, with their inputs, the newest first."""
        filters = {"createdTimeFrom": created_from.strftime("%Y-%m-%dT%H:%M:%SZ"), "showInput": "true"}
        found = islice(self._list({"runtimeStatus": status, "top": str(limit)} | filters), limit)
        return sorted(found, key=lambda instance: instance.created, reverse=True)

    def attempts(self, instance_id: str, step: str) -> int:
        """How often this activity has been completed or has failed, as the history tells; 0 once that is purged."""
        parameters = {"showHistory": "true", "showInput": "false"}
        request = HttpRequest("GET", self._at(f"instances/{quote(instance_id, safe='')}"), params=parameters)
        answer = self._send(request)
        if answer.status_code == HTTPStatus.NOT_FOUND and not answer.text():
            return 0
        events = self._json(answer).get("historyEvents") or []
        return sum(
            event.get("EventType") in _ENDS_OF_A_TASK and event.get("FunctionName", event.get("Name")) == step
            for event in events
        )

    def purge(self, statuses: Iterable[str], created_from: str, created_to: str) -> int:
        """Delete the history of the instances in these states, created in this span, both ends included."""
        created = {"createdTimeFrom": created_from, "createdTimeTo": created_to}
        parameters = {"runtimeStatus": ",".join(statuses), **created}
        answer = self._send(HttpRequest("DELETE", self._at("instances/"), params=parameters))
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return 0
        return int(self._json(answer)["instancesDeleted"])

    def purge_instance(self, instance_id: str) -> bool:
        """Delete the history of one finished instance; False when there is none, or when it is live."""
        answer = self._send(HttpRequest("DELETE", self._at(f"instances/{quote(instance_id, safe='')}")))
        if answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:
            return False
        return int(self._json(answer)["instancesDeleted"]) > 0

    def _at(self, path: str) -> str:
        return f"{self._url}/{path}"

    def _send(self, request: HttpRequest) -> HttpResponse:
        try:
            answer: HttpResponse = self._client.send_request(request, retry_on_methods=_IDEMPOTENT)
        except AzureError as error:
            problem = "nothing listens there" if isinstance(error, ServiceRequestError) else "the connection broke"
            raise DurableApiError(
                f"expected the app's durable API at {printable(self._url)}, but {problem}; "
                "start the app, or name it with --url"
            ) from error
        return answer

    def _json(self, answer: HttpResponse) -> Any:
        self._expect_success(answer)
        try:
            return answer.json()
        except ValueError as error:
            raise DurableApiError(
                f"expected JSON from {printable(self._url)}, found other content; is --url a Functions app?"
            ) from error

    def _expect_success(self, answer: HttpResponse) -> None:
        # Redirects are not followed: one would carry the key elsewhere.
        if answer.status_code not in _SUCCESS:
            move = _NEXT_MOVE.get(answer.status_code, "read the app's log")
            raise DurableApiError(
                f"expected the app's durable API at {printable(self._url)} to accept the request, "
                f"found status {answer.status_code}; {move}"
            )


def add_app_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--url",
        type=app_url,
        metavar="URL",
        default=LOCAL_URL,
        help=f"address of the app; the key of a deployed one is asked for, or comes from {KEY_VARIABLE} "
        "(default: %(default)s)",
    )


def app_from(arguments: argparse.Namespace) -> DurableApp:
    """The app of the command line; asks for its key where a deployed one has none in the environment.

    Raises:
        DurableApiError: the address is malformed, or a key would travel unencrypted.
    """
    key = os.environ.get(KEY_VARIABLE)
    if key is None and arguments.url.startswith("https://") and sys.stdin is not None and sys.stdin.isatty():
        key = getpass(f"System key durabletask_extension of {printable(arguments.url)}: ")
    return DurableApp(arguments.url, key or None)
