"""What a ``durableClient`` binding receives, and what one invocation did with it."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from functions_emulator.app.bindings import DURABLE_CLIENT
from functions_emulator.app.function_json import FunctionDefinition
from functions_emulator.worker.sdk import Datum

WEBHOOKS = "/runtime/webhooks/durabletask"
RPC = "/durabletask"

_MANAGEMENT = {
    "statusQueryGetUri": "?",
    "sendEventPostUri": "/raiseEvent/{eventName}?",
    "terminatePostUri": "/terminate?reason={text}&",
    "rewindPostUri": "/rewind?reason={text}&",
    "purgeHistoryDeleteUri": "?",
    "restartPostUri": "/restart?",
    "suspendPostUri": "/suspend?reason={text}&",
    "resumePostUri": "/resume?reason={text}&",
}


@dataclass(frozen=True)
class ClientBinding:
    """The durable client of one invocation.

    Attributes:
        payload: the text that the binding receives.
        instance_ids: the instances that the invocation has started or looked at so far.
    """

    payload: str
    instance_ids: set[str] = field(default_factory=set)

    def inputs(self, function: FunctionDefinition) -> Mapping[str, Datum]:
        """The function's inputs of this type, by name."""
        return {
            binding.name: Datum(self.payload, "string")
            for binding in function.bindings
            if binding.type == DURABLE_CLIENT
        }


class ClientBindings:
    """The durable clients of the invocations that run now. ``origin`` is the server's address, once it listens."""

    def __init__(self, hub: str) -> None:
        self.origin = ""
        self._hub = hub
        self._bindings: dict[str, ClientBinding] = {}

    @contextmanager
    def bind(self) -> Iterator[ClientBinding]:
        """Give one invocation an address of its own, by which its requests are told from those of others."""
        token = f"i-{uuid.uuid4().hex}"
        binding = ClientBinding(self._payload(f"{RPC}/{token}/"))
        self._bindings[token] = binding
        try:
            yield binding
        finally:
            del self._bindings[token]

    def find(self, token: str) -> ClientBinding | None:
        """The binding whose address has ``token`` after the RPC path."""
        return self._bindings.get(token)

    def management_urls(self, instance_id: str) -> dict[str, str]:
        """``id`` and the addresses for one instance; those that the emulator does not serve answer 501."""
        query = f"taskHub={self._hub}&connection=AzureWebJobsStorage"
        base = f"{self.origin}{WEBHOOKS}/instances/{instance_id}"
        return {"id": instance_id} | {name: f"{base}{tail}{query}" for name, tail in _MANAGEMENT.items()}

    def _payload(self, rpc_path: str) -> str:
        create = f"{self.origin}{WEBHOOKS}/orchestrators/{{functionName}}[/{{instanceId}}]"
        return json.dumps(
            {
                "taskHubName": self._hub,
                "connectionName": None,
                "creationUrls": {
                    "createNewInstancePostUri": create,
                    "createAndWaitOnNewInstancePostUri": (
                        f"{create}?timeout={{timeoutInSeconds}}&pollingInterval={{intervalInSeconds}}"
                    ),
                },
                "managementUrls": self.management_urls("INSTANCEID"),
                "baseUrl": f"{self.origin}{WEBHOOKS}",
                "requiredQueryStringParameters": "",
                "rpcBaseUrl": f"{self.origin}{rpc_path}",
            }
        )
