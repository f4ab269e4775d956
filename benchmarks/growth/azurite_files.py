"""A container of any size, written directly into Azurite's own files: uploading it would take minutes.

Azurite keeps the properties of all blobs in one JSON file, LokiJS's. A first blob is uploaded; the others are copies of
its document under other names and entity tags, and share its content.
"""

import copy
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.storage.blob import BlobServiceClient

from benchmarks.big_files import jpeg_file
from benchmarks.storage import Storage, restarted_storage, running_storage
from benchmarks.ways import POLLING
from functions_emulator.app.directory import load_app
from image_metadata.intake import CONTAINER
from image_metadata.model import Upload
from imagectl.local.azurite import ACCOUNT

_DATABASE = "__azurite_db_blob__.json"
_BLOBS = "$BLOBS_COLLECTION$"
_FIRST = "000000.jpg"
_SIZE = 330_000
_RECEIPTS = "azure-webjobs-hosts"
_UPLOADED = "2026-11-01T06:28:51.000Z"


@dataclass(frozen=True)
class Filled:
    """A running Azurite, and the uploads that are in its container."""

    storage: Storage
    uploads: list[Upload]


@contextmanager
def filled_storage(folder: Path, count: int) -> Iterator[Filled]:
    """Run an Azurite with that many images, for each of which the polling host has a receipt."""
    uploads = [Upload(ACCOUNT, CONTAINER, f"{number:06}.jpg", f"0x{number:015X}") for number in range(count)]
    with running_storage(folder) as storage:
        storage.put([(_FIRST, jpeg_file(_SIZE))])
        _write_receipts(storage, uploads)
    _write_blobs(folder / _DATABASE, uploads)
    with restarted_storage(folder) as storage:
        yield Filled(storage, uploads)


def _write_receipts(storage: Storage, uploads: list[Upload]) -> None:
    """As the emulator writes them, so that it takes none of the blobs for a new one."""
    keys = [hashlib.sha256(f"{each.etag}\n{each.container}/{each.name}".encode()).hexdigest() for each in uploads]
    host = load_app(POLLING.app, {**POLLING.settings}).host_id
    with BlobServiceClient.from_connection_string(storage.connection_string) as service:
        service.create_container(_RECEIPTS)
        blob = service.get_blob_client(
            _RECEIPTS, f"blobreceipts/{host}/Host.Functions.BlobTriggerClient/completed-000001"
        )
        blob.create_append_blob()
        blob.append_block("".join(f"{key}\n" for key in keys).encode("ascii"))


def _write_blobs(database: Path, uploads: list[Upload]) -> None:
    content = json.loads(database.read_text("utf-8"))
    blobs = next(each for each in content["collections"] if each["name"] == _BLOBS)
    template = next(each for each in blobs["data"] if each["name"] == _FIRST)
    documents = [each for each in blobs["data"] if each is not template]
    documents += [_document(template, upload) for upload in uploads]
    for number, document in enumerate(documents, 1):
        document["$loki"] = number
    blobs["data"], blobs["maxId"] = documents, len(documents)
    for name, index in blobs["binaryIndices"].items():
        values = [document[name] for document in documents]
        index["values"] = sorted(range(len(values)), key=values.__getitem__)
    database.write_text(json.dumps(content), "utf-8")


def _document(template: dict[str, Any], upload: Upload) -> dict[str, Any]:
    document = copy.deepcopy(template)
    document["name"] = upload.name
    document["properties"] |= {
        "etag": f'"{upload.etag}"',
        "creationTime": _UPLOADED,
        "lastModified": _UPLOADED,
    }
    return document
