"""The app in ``apps/watching`` on an Azurite, and the journal of what it did."""

import json
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import BlobServiceClient, ContainerClient
from azure.storage.queue import QueueClient, TextBase64DecodePolicy

from imagectl.local.azurite import Azurite
from tests.functions_emulator.durable_app import wait_until
from tests.functions_emulator.fixture_apps import APPS
from tests.support.access_log import requests

WATCHING = APPS / "watching"
POISON_QUEUE = "webjobs-blobtrigger-poison"


class Watched:
    """A container of its own, called ``inbox`` in what this tells, and the journal in which the functions record."""

    def __init__(self, azurite: Azurite, folder: Path) -> None:
        self.azurite = azurite
        self.container = f"inbox-{uuid.uuid4().hex[:8]}"
        self.journal_file = folder / "journal"
        self.settings = {
            "Images": azurite.connection_string,
            "JOURNAL": str(self.journal_file),
            "OUTAGE": str(folder / "outage"),
            "INBOX": self.container,
        }
        self.service = BlobServiceClient.from_connection_string(azurite.connection_string, retry_total=0)
        self.inbox: ContainerClient = self.service.create_container(self.container)
        self._receipts_before = set(self._all_receipts())

    def put(self, name: str, content: str = "x", **options: Any) -> None:
        self.inbox.upload_blob(name, content.encode(), overwrite=True, **options)

    def journal(self, what: str) -> list[dict[str, Any]]:
        text = self.journal_file.read_text("utf-8") if self.journal_file.exists() else ""
        lines = map(json.loads, text.replace(f'"{self.container}/', '"inbox/').splitlines())
        return [line for line in lines if what in line]

    def count(self, what: str) -> Counter[str]:
        return Counter(line[what].removeprefix("inbox/") for line in self.journal(what))

    def wait_for(self, what: str, number: int) -> list[dict[str, Any]]:
        wait_until(lambda: len(self.journal(what)) >= number)
        return self.journal(what)

    def receipts(self) -> list[str]:
        """The receipts of this container in storage, of either form."""
        return [receipt for receipt in self._all_receipts() if receipt not in self._receipts_before]

    def _all_receipts(self) -> list[str]:
        container = self.service.get_container_client("azure-webjobs-hosts")
        try:
            names = [*container.list_blob_names(name_starts_with="blobreceipts/")]
        except ResourceNotFoundError:
            return []
        files = [name for name in names if "/completed-" in name]
        lines = [line for file in files for line in container.download_blob(file).readall().decode().split()]
        return [name for name in names if name not in files] + lines

    def wait_for_receipts(self, number: int) -> None:
        wait_until(lambda: len(self.receipts()) >= number)

    def reads(self) -> int:
        """The number of requests for a blob's content."""
        return requests(self.azurite, "GET", f"{self.container}/")

    def poison(self) -> list[dict[str, str]]:
        queue = QueueClient.from_connection_string(
            self.azurite.connection_string, POISON_QUEUE, message_decode_policy=TextBase64DecodePolicy()
        )
        try:
            messages = [json.loads(message.content) for message in queue.peek_messages(32)]
        except ResourceNotFoundError:
            return []
        return [message | {"ContainerName": "inbox"} for message in messages if self.container in message.values()]
