"""The app in ``apps/watching`` on an Azurite, and the journal of what it did."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from azure.storage.blob import BlobServiceClient, ContainerClient
from azure.storage.queue import QueueClient, TextBase64DecodePolicy

from imagectl.local.azurite import Azurite
from tests.functions_emulator.durable_app import wait_until
from tests.functions_emulator.fixture_apps import APPS
from tests.support.access_log import requests

WATCHING = APPS / "watching"
POISON_QUEUE = "webjobs-blobtrigger-poison"


class Watched:
    """A container ``inbox``, and the journal in which the functions record what they do."""

    def __init__(self, azurite: Azurite, folder: Path) -> None:
        self.azurite = azurite
        self.journal_file = folder / "journal"
        self.settings = {
            "Images": azurite.connection_string,
            "JOURNAL": str(self.journal_file),
            "OUTAGE": str(folder / "outage"),
        }
        self.service = BlobServiceClient.from_connection_string(azurite.connection_string, retry_total=0)
        self.inbox: ContainerClient = self.service.create_container("inbox")

    def put(self, name: str, content: str = "x", **options: Any) -> None:
        self.inbox.upload_blob(name, content.encode(), overwrite=True, **options)

    def journal(self, what: str) -> list[dict[str, Any]]:
        lines = self.journal_file.read_text("utf-8").splitlines() if self.journal_file.exists() else []
        return [line for line in map(json.loads, lines) if what in line]

    def count(self, what: str) -> Counter[str]:
        return Counter(line[what].removeprefix("inbox/") for line in self.journal(what))

    def wait_for(self, what: str, number: int) -> list[dict[str, Any]]:
        wait_until(lambda: len(self.journal(what)) >= number)
        return self.journal(what)

    def receipts(self) -> list[str]:
        """The receipts in storage, of either form."""
        container = self.service.get_container_client("azure-webjobs-hosts")
        names = [name for name in container.list_blob_names() if name.startswith("blobreceipts/")]
        files = [name for name in names if "/completed-" in name]
        lines = [line for file in files for line in container.download_blob(file).readall().decode().split()]
        return [name for name in names if name not in files] + lines

    def wait_for_receipts(self, number: int) -> None:
        wait_until(lambda: len(self.receipts()) >= number)

    def reads(self) -> int:
        """The number of requests for a blob's content."""
        return requests(self.azurite, "GET", "inbox/")

    def poison(self) -> list[dict[str, str]]:
        queue = QueueClient.from_connection_string(
            self.azurite.connection_string, POISON_QUEUE, message_decode_policy=TextBase64DecodePolicy()
        )
        return [json.loads(message.content) for message in queue.peek_messages(32)]
