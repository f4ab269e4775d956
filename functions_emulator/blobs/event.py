"""What a blob trigger passes to the worker beside the content, as the Storage extension builds it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from azure.storage.blob import BlobProperties

from functions_emulator.blobs.page import ListedBlob
from functions_emulator.worker.sdk import Datum


def trigger_metadata(blob: BlobProperties, uri: str, bound: Mapping[str, str]) -> dict[str, Datum]:
    """The trigger metadata; ``bound`` is what the path's token took from the blob's name."""
    metadata = dict(blob.metadata or {})
    built_in = {
        "BlobTrigger": Datum(f"{blob.container}/{blob.name}", "string"),
        "Uri": Datum(json.dumps(uri), "json"),
        "Properties": Datum(json.dumps(_properties(blob, metadata)), "json"),
        "Metadata": Datum(json.dumps(metadata), "json"),
    }
    return built_in | {name: Datum(value, "string") for name, value in bound.items()}


def poison_message(function: str, blob: ListedBlob) -> str:
    """The message of the extension's queue, as it ends up on the poison queue."""
    return json.dumps(
        {
            "Type": "BlobTrigger",
            "FunctionId": f"Host.Functions.{function}",
            "BlobType": blob.blob_type,
            "ContainerName": blob.container,
            "BlobName": blob.name,
            "ETag": f'"{blob.etag.strip(chr(34))}"',
        }
    )


def _properties(blob: BlobProperties, metadata: Mapping[str, str]) -> dict[str, Any]:
    """What ``InputStream`` reads, and what an app may reach for first; the host sends some forty more."""
    return {
        "LastModified": _time(blob.last_modified),
        # A struct without public properties, as Newtonsoft writes it.
        "ETag": {},
        "ContentLength": blob.size,
        "ContentType": blob.content_settings.content_type,
        "ContentEncoding": blob.content_settings.content_encoding,
        "Metadata": metadata,
    }


def _time(time: datetime) -> str:
    return time.isoformat(timespec="seconds")
