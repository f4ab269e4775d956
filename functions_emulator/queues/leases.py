"""Keeps received messages hidden until what they started has ended.

The host hides a message for ten minutes and deletes it after the invocation, since its orchestrations survive it.
The emulator's do not: it deletes a message when they have ended. A message reappears soon after the emulator was
killed, so each is hidden for a short time first, and for twice as long with every renewal.
"""

import asyncio
import logging
import time
from collections import deque
from dataclasses import dataclass

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue.aio import QueueClient

from functions_emulator.queues.message import Message

_MAX_LEASE_SECONDS = 600.0
_LOOK_SECONDS = 1.0
_REVEAL_SECONDS = 2.0
_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Lease:
    message: Message
    seconds: float
    renew_at: float
    is_done: bool = False
    is_attended: bool = False


class Leases:
    """The received messages of one queue. ``seconds`` is how long each is hidden at first."""

    def __init__(self, queue: QueueClient, seconds: float) -> None:
        self.seconds = seconds
        self._queue = queue
        self._leases: dict[str, _Lease] = {}

    def hold(self, message: Message) -> None:
        """Keep a message hidden that was received with a visibility timeout of ``seconds``."""
        self._leases[message.id] = _Lease(message, self.seconds, time.monotonic() + self.seconds / 2)

    async def delete(self, message: Message) -> None:
        """Delete a message; while storage refuses, until it does not."""
        lease = self._leases.get(message.id)
        if lease:
            lease.is_done = True
            await self._attend(lease)

    def drop(self, message: Message) -> None:
        """Renew a message no more: it is received again when its lease ends."""
        self._leases.pop(message.id, None)

    async def reveal(self, message: Message, seconds: float) -> None:
        """Let a message be received again after so many seconds."""
        if self._leases.pop(message.id, None):
            await self._update(message, seconds)

    async def renew(self) -> None:
        """Renew and delete what is due, until canceled."""
        while True:
            await asyncio.sleep(min(_LOOK_SECONDS, self.seconds / 4))
            now = time.monotonic()
            for lease in [one for one in self._leases.values() if one.is_done or one.renew_at <= now]:
                await self._attend(lease)

    async def return_all(self, at_most: float = _REVEAL_SECONDS) -> None:
        """Let the messages that are not done with be received by the next start at once.

        After ``at_most`` seconds the rest is left: a message reappears by itself when its lease ends.
        """
        leases = deque(sorted(self._leases.values(), key=lambda lease: not lease.is_done))
        if leases:
            _log.info(f"Returning {len(leases)} messages to the queue '{self._queue.queue_name}'.")
        try:
            async with asyncio.timeout(at_most):
                while leases:
                    lease = leases[0]
                    await (self._attend(lease) if lease.is_done else self._attempt_reveal(lease.message))
                    leases.popleft()
        except TimeoutError:
            latest = max(lease.seconds for lease in leases)
            _log.info(f"{len(leases)} of them return by themselves within {latest:.0f} s.")

    async def _attempt_reveal(self, message: Message) -> None:
        try:
            await self.reveal(message, 0)
        except Exception as error:  # noqa: BLE001  # it reappears by itself later
            _log.debug("message not revealed: %s", type(error).__name__)

    async def _attend(self, lease: _Lease) -> None:
        if lease.is_attended:
            return
        lease.is_attended = True
        try:
            if lease.is_done:
                await self._queue.delete_message(lease.message.id, lease.message.pop_receipt)
                self._leases.pop(lease.message.id, None)
            else:
                lease.seconds = min(lease.seconds * 2, _MAX_LEASE_SECONDS)
                await self._update(lease.message, lease.seconds)
                lease.renew_at = time.monotonic() + lease.seconds / 2
        except ResourceNotFoundError:
            # Its lease had ended, and another receiver has it now.
            self._leases.pop(lease.message.id, None)
        except Exception as error:  # noqa: BLE001  # the SDK raises any type for a malformed response: it is due again
            _log.debug("message neither renewed nor deleted: %s", type(error).__name__)
        finally:
            lease.is_attended = False

    async def _update(self, message: Message, seconds: float) -> None:
        updated = await self._queue.update_message(
            message.id, message.pop_receipt, visibility_timeout=max(round(seconds), 0)
        )
        message.pop_receipt = str(updated.pop_receipt)
