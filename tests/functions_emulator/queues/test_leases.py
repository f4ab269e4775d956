"""The messages that the emulator holds, on a real Azurite."""

import asyncio
import uuid
from typing import Any

import pytest
from azure.storage.queue import QueueClient as BlockingQueueClient
from azure.storage.queue.aio import QueueClient

from functions_emulator.queues.leases import Leases
from functions_emulator.queues.message import Message
from imagectl.local.azurite import Azurite

MESSAGES = 5


class StuckQueueClient(QueueClient):
    """Storage that answers two updates and then none."""

    updates = 0

    async def update_message(self, *arguments: Any, **options: Any) -> Any:
        self.updates += 1
        if self.updates > 2:
            await asyncio.sleep(3600)
        return await super().update_message(*arguments, **options)


@pytest.mark.parametrize(
    ("client", "visible", "sentence"),
    [
        (QueueClient, MESSAGES, "Returning 5 messages to the queue 'q-"),
        (StuckQueueClient, 2, "3 of them return by themselves within 60 s."),
    ],
)
def test_on_leaving_what_was_not_processed_returns_to_the_queue_or_does_so_by_itself(
    session_azurite: Azurite, caplog: pytest.LogCaptureFixture, client: type[QueueClient], visible: int, sentence: str
):
    name, connection_string = f"q-{uuid.uuid4().hex}", session_azurite.connection_string
    caplog.set_level("INFO")
    with BlockingQueueClient.from_connection_string(connection_string, name) as sender:
        sender.create_queue()
        for number in range(MESSAGES):
            sender.send_message(str(number))
        asyncio.run(receive_and_return(client.from_connection_string(connection_string, name)))
        assert len(sender.peek_messages(MESSAGES)) == visible
        sender.delete_queue()
    assert sentence in caplog.text


async def receive_and_return(queue: QueueClient) -> None:
    async with queue:
        leases = Leases(queue, seconds=60)
        async for message in queue.receive_messages(messages_per_page=MESSAGES, visibility_timeout=60):
            leases.hold(Message.received(message))
        await leases.return_all(at_most=1.0 if isinstance(queue, StuckQueueClient) else 30.0)
