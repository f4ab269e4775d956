"""The addresses of the durable HTTP API, and what a ``durableClient`` binding receives."""

import json

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


def management_urls(origin: str, hub: str, instance_id: str) -> dict[str, str]:
    """``id`` and the addresses for one instance; those that the emulator does not serve answer 501."""
    query = f"taskHub={hub}&connection=AzureWebJobsStorage"
    base = f"{origin}{WEBHOOKS}/instances/{instance_id}"
    return {"id": instance_id} | {name: f"{base}{tail}{query}" for name, tail in _MANAGEMENT.items()}


def starter(origin: str, hub: str, rpc_path: str) -> str:
    """The text that the binding passes to the function; ``rpc_path`` begins and ends with a slash."""
    create = f"{origin}{WEBHOOKS}/orchestrators/{{functionName}}[/{{instanceId}}]"
    return json.dumps(
        {
            "taskHubName": hub,
            "connectionName": None,
            "creationUrls": {
                "createNewInstancePostUri": create,
                "createAndWaitOnNewInstancePostUri": (
                    f"{create}?timeout={{timeoutInSeconds}}&pollingInterval={{intervalInSeconds}}"
                ),
            },
            "managementUrls": management_urls(origin, hub, "INSTANCEID"),
            "baseUrl": f"{origin}{WEBHOOKS}",
            "requiredQueryStringParameters": "",
            "rpcBaseUrl": f"{origin}{rpc_path}",
        }
    )
