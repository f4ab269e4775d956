"""Event Grid's events about blobs, in its schema."""

import json
from typing import Any

TOPIC = (
    "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/images"
    "/providers/Microsoft.Storage/storageAccounts/"
)


def event(name: str, etag: str | None = "0x8DE1", *, container: str = "image-input", **changes: Any) -> str:
    """The text of a queue message: an upload by Put Blob, with these changes of its fields."""
    data = {
        "api": "PutBlob",
        "clientRequestId": "c0ffee",
        "requestId": "831e1650-001e-001b-66ab-eeb76e000000",
        "contentType": "image/png",
        "contentLength": 524,
        "blobType": "BlockBlob",
        "url": f"https://devstoreaccount1.blob.core.windows.net/{container}/{name}",
        "sequencer": "00000000000004420000000000028963",
        "storageDiagnostics": {"batchId": "b68529f3-68cd-4744-baa4-3c0498ec19f0"},
    }
    if etag is not None:
        data["eTag"] = etag
    fields = {
        "topic": f"{TOPIC}devstoreaccount1",
        "subject": f"/blobServices/default/containers/{container}/blobs/{name}",
        "eventType": "Microsoft.Storage.BlobCreated",
        "eventTime": "2026-11-22T06:28:51.1234567Z",
        "id": "831e1650-001e-001b-66ab-eeb76e069631",
        "data": data | changes.pop("data", {}),
        "dataVersion": "",
        "metadataVersion": "1",
    }
    return json.dumps(fields | changes, ensure_ascii=False)
