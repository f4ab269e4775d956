"""The queue for what cannot be processed."""

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import TextBase64EncodePolicy
from azure.storage.queue.aio import QueueClient

from functions_emulator.storage.account import StorageAccount


async def send_poison(account: StorageAccount, queue: str, text: str, *, encoded: bool = True) -> None:
    """Put a message on the queue, which is created when it does not exist yet.

    ``text`` is encoded in base64, the extension's default, unless ``encoded`` is false.
    """
    policy = TextBase64EncodePolicy() if encoded else None
    client: QueueClient = account.queues.get_queue_client(queue, message_encode_policy=policy)
    try:
        await client.send_message(text)
    except ResourceNotFoundError:
        await create_queue(client)
        await client.send_message(text)


async def create_queue(client: QueueClient) -> None:
    """Create the queue unless it exists."""
    try:
        await client.create_queue()
    except ResourceExistsError:
        return
