"""One message of a queue: its text, and what a queue trigger passes to the worker beside it."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from azure.storage.queue import QueueMessage

from functions_emulator.worker.sdk import Datum


@dataclass
class Message:
    """A received message. ``raw`` is what the queue holds; ``pop_receipt`` changes when the message is renewed."""

    id: str
    raw: str
    pop_receipt: str
    dequeue_count: int
    inserted: datetime
    expires: datetime
    next_visible: datetime

    @classmethod
    def received(cls, message: QueueMessage) -> "Message":
        now = datetime.now(UTC)
        return cls(
            str(message.id),
            str(message.content),
            str(message.pop_receipt),
            message.dequeue_count or 1,
            message.inserted_on or now,
            message.expires_on or now,
            message.next_visible_on or now,
        )

    @classmethod
    def by_hand(cls, text: str) -> "Message":
        """A message that is in no queue."""
        now = datetime.now(UTC)
        return cls("", text, "", 1, now, now, now)

    def text(self, *, encoded: bool) -> str | None:
        """The text that the function receives; None when it should be encoded in base64 and is not."""
        if not encoded:
            return self.raw
        try:
            return base64.b64decode(self.raw, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None

    def trigger_metadata(self, text: str) -> Mapping[str, Datum]:
        times = {
            "InsertionTime": self.inserted,
            "ExpirationTime": self.expires,
            "NextVisibleTime": self.next_visible,
        }
        return {
            "QueueTrigger": Datum(text, "string"),
            "Id": Datum(self.id, "string"),
            "PopReceipt": Datum(self.pop_receipt, "string"),
            "DequeueCount": Datum(str(self.dequeue_count), "json"),
            **{name: Datum(json.dumps(time.isoformat(timespec="seconds")), "json") for name, time in times.items()},
        }
