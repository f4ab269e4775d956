"""A client of Azure Resource Manager, for what a template cannot declare."""

import json
from http import HTTPStatus
from typing import Any

from azure.core import PipelineClient
from azure.core.credentials import TokenCredential
from azure.core.exceptions import AzureError
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest, HttpResponse

from imagectl.deployment.errors import DeploymentError

RESOURCE_MANAGER = "https://management.azure.com"


class Arm:
    """Requests to one resource, named by its id, in one API version.

    Every method raises DeploymentError when nobody is signed in or Azure does not accept the request.
    """

    def __init__(self, credential: TokenCredential, transport: RequestsTransport | None = None) -> None:
        policies = [RetryPolicy(), BearerTokenCredentialPolicy(credential, f"{RESOURCE_MANAGER}/.default")]
        transport = transport or RequestsTransport()
        self._client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(
            RESOURCE_MANAGER, policies=policies, transport=transport
        )

    def get(self, resource: str, version: str, parameters: dict[str, str] | None = None) -> Any:
        return self._ask("GET", resource, version, parameters or {})

    def put(self, resource: str, version: str, properties: dict[str, Any]) -> Any:
        return self._ask("PUT", resource, version, {}, {"properties": properties})

    def post(self, resource: str, version: str) -> Any:
        return self._ask("POST", resource, version, {})

    def delete(self, resource: str, version: str) -> None:
        self._ask("DELETE", resource, version, {})

    def _ask(
        self, method: str, resource: str, version: str, parameters: dict[str, str], body: dict[str, Any] | None = None
    ) -> Any:
        query = {"api-version": version, **parameters}
        request = HttpRequest(method, f"{RESOURCE_MANAGER}{resource}", params=query, json=body)
        try:
            answer = self._client.send_request(request)
            text = answer.text()
        except AzureError as error:
            sentence = str(error).splitlines()[0]
            raise DeploymentError(
                f"expected Azure to accept {method} {resource}, found: {sentence}; run azd auth login"
            ) from None
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            raise DeploymentError(
                f"expected Azure to accept {method} {resource}, found status {answer.status_code} ({_code(text)}); "
                "check the roles of the account that is signed in with azd"
            )
        return answer.json() if text else None


def _code(text: str) -> str:
    """The error's code. The message is left out: it may contain anything."""
    try:
        return str(json.loads(text)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return "no code"
