"""The app in ``apps/listening`` on an Azurite: a queue, a schedule, and the journal of what its functions did."""

import base64
import json
import uuid
from pathlib import Path
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueClient

from imagectl.local.azurite import Azurite
from tests.functions_emulator.durable_app import wait_until
from tests.functions_emulator.fixture_apps import APPS

LISTENING = APPS / "listening"
NEVER = "0 0 0 29 2 *"


class Listening:
    def __init__(self, azurite: Azurite, folder: Path, *, queue_name: str | None = None) -> None:
        self.azurite = azurite
        self.journal_file = folder / "journal"
        self.outage = folder / "outage"
        self.queue_name = queue_name or f"events-{uuid.uuid4().hex[:8]}"
        self.settings = {
            "AzureWebJobsStorage": azurite.connection_string,
            "Images": azurite.connection_string,
            "QUEUE": self.queue_name,
            "SCHEDULE": NEVER,
            "JOURNAL": str(self.journal_file),
            "OUTAGE": str(self.outage),
        }
        self.queue = self._queue(self.queue_name)
        self.poison = self._queue(f"{self.queue_name}-poison")

    def _queue(self, name: str) -> QueueClient:
        return QueueClient.from_connection_string(self.azurite.connection_string, name, retry_total=0)

    def send(self, *texts: str, encoded: bool = True) -> None:
        for text in texts:
            self.queue.send_message(base64.b64encode(text.encode()).decode() if encoded else text)

    def journal(self, what: str) -> list[dict[str, Any]]:
        lines = self.journal_file.read_text("utf-8").splitlines() if self.journal_file.exists() else []
        return [line for line in map(json.loads, lines) if what in line]

    def values(self, what: str) -> list[Any]:
        return [line[what] for line in self.journal(what)]

    def wait_for(self, what: str, number: int) -> list[dict[str, Any]]:
        wait_until(lambda: len(self.journal(what)) >= number)
        return self.journal(what)

    def left(self) -> int:
        """Messages in the queue, hidden ones included."""
        return self.queue.get_queue_properties().approximate_message_count

    def wait_until_empty(self) -> None:
        wait_until(lambda: self.left() == 0)

    def poisoned(self) -> list[str]:
        """The messages on the poison queue as they stand there."""
        try:
            return [message.content for message in self.poison.peek_messages(32)]
        except ResourceNotFoundError:
            return []
