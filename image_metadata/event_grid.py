"""Event Grid's events about blobs, as a storage queue delivers them.

Source: "Azure Blob Storage as an Event Grid source" (event schema). The blob's name is taken from ``subject``, because
``data.url`` is not a valid URL: it carries reserved characters as they are (azure-sdk-for-net#23634).
"""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from image_metadata.errors import EventError
from image_metadata.text import printable

_SUBJECT = re.compile(r"/blobServices/default/containers/(?P<container>[^/]+)/blobs/(?P<name>.+)", re.DOTALL)
_ACCOUNT = re.compile(r"/storageAccounts/(?P<account>[^/]+)/?", re.IGNORECASE)
_DAMAGED = "\N{REPLACEMENT CHARACTER}"
# They come before the content, with no bytes; the commit of the content raises an event of its own.
_CREATIONS_WITHOUT_CONTENT = frozenset({"CreateFile", "SftpCreate"})


class EventType(StrEnum):
    """The events that this app understands."""

    CREATED = "Microsoft.Storage.BlobCreated"
    DELETED = "Microsoft.Storage.BlobDeleted"
    RENAMED = "Microsoft.Storage.BlobRenamed"


class BlobEvent(NamedTuple):
    """One event.

    Attributes:
        type: what happened.
        account: storage account, in lower case.
        container: container.
        name: decoded name of the blob; for a renamed one the old name.
        etag: of the state that was created; None where the event carries none.
        has_content: whether the state that was created is complete; others announce theirs with a later event.
    """

    type: EventType
    account: str
    container: str
    name: str
    etag: str | None
    has_content: bool


def read_event(message: str) -> BlobEvent:
    """Read the event of one queue message.

    Raises:
        EventError: it is not an event about a blob in the Event Grid schema, or the blob's name was damaged on its way.
    """
    event = _json_object(message)
    try:
        kind = EventType(str(event.get("eventType")))
    except ValueError:
        raise EventError(
            f"expected an event about a blob in the Event Grid schema, found eventType "
            f"{printable(repr(event.get('eventType')))}; check the event subscription"
        ) from None
    subject = _SUBJECT.fullmatch(str(event.get("subject")))
    account = _ACCOUNT.search(str(event.get("topic")))
    if not subject or not account:
        raise EventError(
            "expected an event whose topic and subject name account, container and blob, found "
            f"{printable(str(event.get('topic')))} and {printable(str(event.get('subject')))}"
        )
    if _DAMAGED in subject["name"]:
        raise EventError(
            f"expected a blob's name, found a damaged one: {printable(subject['name'])}; "
            "reconciliation announces the blob"
        )
    data = event.get("data")
    data = data if isinstance(data, Mapping) else {}
    return BlobEvent(
        type=kind,
        account=account["account"].lower(),
        container=subject["container"],
        name=subject["name"],
        etag=str(data["eTag"]) if data.get("eTag") else None,
        has_content=data.get("api") not in _CREATIONS_WITHOUT_CONTENT,
    )


def _json_object(message: str) -> Mapping[str, Any]:
    try:
        event = json.loads(message)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, Mapping):
        raise EventError(
            f"expected one Event Grid event as a JSON object, found {len(message)} characters that are not one; "
            "check the event subscription"
        )
    return event
