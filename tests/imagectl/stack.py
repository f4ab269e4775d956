"""A container, a poison queue and a database with rows, for verbs that are run from here."""

import argparse
import base64
import importlib
import json
from contextlib import closing, suppress
from dataclasses import dataclass, field

from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import ContainerClient
from azure.storage.queue import QueueClient

from image_metadata import settings
from image_metadata.database.connections import Connections, connect
from image_metadata.model import BlobFacts, Rejection, RejectionReason, Upload
from image_metadata.settings import SqlSettings
from image_metadata.store_metadata import store
from imagectl.pipeline.poison_queue import QUEUES

ACCOUNT = "devstoreaccount1"


@dataclass
class Stack:
    """What the settings of this process name."""

    container: ContainerClient
    poison: QueueClient
    sql: SqlSettings
    connections: Connections = field(init=False)

    def __post_init__(self) -> None:
        self.connections = Connections(self.sql)

    def upload(self, name: str, content: bytes = b"bytes") -> Upload:
        blob = self.container.upload_blob(name, content, overwrite=True)
        return Upload(ACCOUNT, self.container.container_name, name, blob.get_blob_properties().etag)

    def current(self, name: str) -> Upload:
        """The present state of a blob."""
        etag = self.container.get_blob_client(name).get_blob_properties().etag
        return Upload(ACCOUNT, self.container.container_name, name, etag)

    def reject(self, upload: Upload, reason: RejectionReason = RejectionReason.CORRUPT) -> None:
        """Give the upload its row, in ImageRejections."""
        facts = BlobFacts(size=5, uploaded_at="2026-11-22T06:28:51.000")
        found = Rejection(instance_id=upload.id, upload=upload, blob=facts, reason=reason, detail="for the test")
        store(found, self.connections)

    def rejected(self) -> set[str]:
        with closing(connect(self.sql)) as connection:
            return {name for (name,) in connection.execute("SELECT file_name FROM ImageRejections")}

    def forbid_deletes(self) -> None:
        """What a user without the permission DELETE meets."""
        with closing(connect(self.sql)) as connection:
            connection.execute(
                "CREATE TRIGGER no_deletes BEFORE DELETE ON ImageRejections "
                "BEGIN SELECT RAISE(ABORT, 'permission denied'); END"
            )

    def put_poison(self, name: str, *, encoded: bool = False, **other: str) -> None:
        message = {
            "Type": "BlobTrigger",
            "FunctionId": "Host.Functions.BlobTriggerClient",
            "BlobType": "BlockBlob",
            "ContainerName": self.container.container_name,
            "BlobName": name,
            "ETag": '"0x8DE1234567890AB"',
        }
        text = json.dumps(message | other)
        self.poison.send_message(base64.b64encode(text.encode()).decode() if encoded else text)

    def event_poison(self) -> QueueClient:
        """The poison queue of QueueTriggerClient, created."""
        connection = settings.image_storage().connection_string
        queue = QueueClient.from_connection_string(str(connection), QUEUES["QueueTriggerClient"])
        with suppress(ResourceExistsError):
            queue.create_queue()
        return queue

    def poisoned(self) -> list[str]:
        return sorted(message.content for message in self.poison.peek_messages(32))


def imagectl(verb: str, *words: str) -> int:
    """Run a verb in this process; its errors are raised."""
    module = importlib.import_module(f"imagectl.verbs.{verb}")
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    return int(module.run(parser.parse_args(words)))
