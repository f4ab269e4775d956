"""What a blob trigger passes to the worker beside the content, as the Storage extension builds it."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from azure.storage.blob import BlobProperties

from functions_emulator.worker.sdk import Datum

_NO_TIME = "0001-01-01T00:00:00+00:00"
# .NET sends these enumerations as integers.
_BLOB_TYPES = {"BlockBlob": 0, "PageBlob": 1, "AppendBlob": 2}
_COPY_STATES = {"pending": 0, "success": 1, "aborted": 2, "failed": 3}
_LEASE_STATES = {"available": 0, "leased": 1, "expired": 2, "breaking": 3, "broken": 4}
_LEASE_STATUSES = {"locked": 0, "unlocked": 1}
_LEASE_DURATIONS = {"infinite": 0, "fixed": 1}
_THE_SAME_FOR_ALL: dict[str, Any] = {
    # A struct without public properties, as Newtonsoft writes it.
    "ETag": {},
    "ObjectReplicationDestinationPolicyId": None,
    "ObjectReplicationSourceProperties": None,
    "EncryptionKeySha256": None,
    "ExpiresOn": _NO_TIME,
    "ImmutabilityPolicy": {"ExpiresOn": None, "PolicyMode": None},
}


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


def poison_message(function: str, blob: BlobProperties) -> str:
    """The message that the extension's queue carries, and its poison queue at last."""
    return json.dumps(
        {
            "Type": "BlobTrigger",
            "FunctionId": f"Host.Functions.{function}",
            "BlobType": _text(blob.blob_type) or "BlockBlob",
            "ContainerName": blob.container,
            "BlobName": blob.name,
            "ETag": f'"{blob.etag.strip(chr(34))}"',
        }
    )


def _properties(blob: BlobProperties, metadata: dict[str, str]) -> dict[str, Any]:
    content, copy, lease = blob.content_settings, blob.copy, blob.lease
    md5 = content.content_md5
    return _THE_SAME_FOR_ALL | {
        "LastModified": _time(blob.last_modified),
        "CreatedOn": _time(blob.creation_time),
        "Metadata": metadata,
        "BlobType": _BLOB_TYPES.get(_text(blob.blob_type), 0),
        "CopyCompletedOn": _time(copy.completion_time),
        "CopyStatusDescription": copy.status_description,
        "CopyId": copy.id,
        "CopyProgress": copy.progress,
        "CopySource": copy.source,
        "CopyStatus": _COPY_STATES.get(_text(copy.status), 0),
        "BlobCopyStatus": _COPY_STATES.get(_text(copy.status)),
        "IsIncrementalCopy": bool(copy.incremental_copy),
        "DestinationSnapshot": copy.destination_snapshot,
        "LeaseDuration": _LEASE_DURATIONS.get(_text(lease.duration), 0),
        "LeaseState": _LEASE_STATES.get(_text(lease.state), 0),
        "LeaseStatus": _LEASE_STATUSES.get(_text(lease.status), 1),
        "ContentLength": blob.size,
        "ContentType": content.content_type,
        "ContentHash": base64.b64encode(md5).decode() if md5 else None,
        "ContentEncoding": content.content_encoding,
        "ContentDisposition": content.content_disposition,
        "ContentLanguage": content.content_language,
        "CacheControl": content.cache_control,
        "BlobSequenceNumber": blob.page_blob_sequence_number or 0,
        "AcceptRanges": "bytes",
        "BlobCommittedBlockCount": blob.append_blob_committed_block_count or 0,
        "IsServerEncrypted": bool(blob.server_encrypted),
        "EncryptionScope": blob.encryption_scope,
        "AccessTier": _text(blob.blob_tier) or None,
        "AccessTierInferred": bool(blob.blob_tier_inferred),
        "ArchiveStatus": blob.archive_status,
        "AccessTierChangedOn": _time(blob.blob_tier_change_time),
        "VersionId": blob.version_id,
        "IsLatestVersion": bool(blob.is_current_version),
        "TagCount": blob.tag_count or 0,
        "IsSealed": bool(blob.is_append_blob_sealed),
        "RehydratePriority": blob.rehydrate_priority,
        "LastAccessed": _time(blob.last_accessed_on),
        "HasLegalHold": bool(blob.has_legal_hold),
    }


def _text(value: object) -> str:
    return str(getattr(value, "value", value or ""))


def _time(time: datetime | None) -> str:
    return time.isoformat(timespec="seconds") if time else _NO_TIME
