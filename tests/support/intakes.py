"""The two ways in which the app learns of an upload, for tests that run on both."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue import QueueServiceClient

from image_metadata.intake import EVENT_QUEUE
from imagectl.local.azurite import Azurite
from imagectl.local.event_grid import Delivery, running_event_grid

POISON_QUEUES = ("webjobs-blobtrigger-poison", f"{EVENT_QUEUE}-poison")


class Intake(StrEnum):
    """Which client functions are enabled."""

    POLLING = "polling"
    QUEUE = "queue"
    BOTH = "both"
    NONE = "none"

    @property
    def settings(self) -> dict[str, str]:
        return {
            "AzureWebJobs.BlobTriggerClient.Disabled": str(self in (Intake.QUEUE, Intake.NONE)).lower(),
            "AzureWebJobs.QueueTriggerClient.Disabled": str(self in (Intake.POLLING, Intake.NONE)).lower(),
            "AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:00:00.5",
        }


@contextmanager
def events(azurite: Azurite, intake: Intake, delivery: Delivery | None = None) -> Iterator[None]:
    """Deliver Event Grid's events where the intake needs them."""
    if intake in (Intake.POLLING, Intake.NONE):
        yield
    else:
        with running_event_grid(azurite, delivery):
            yield


def poison_messages(azurite: Azurite) -> list[str]:
    """The messages on the poison queues of both clients."""
    queues = QueueServiceClient.from_connection_string(azurite.connection_string)
    found = []
    for name in POISON_QUEUES:
        try:
            found += queues.get_queue_client(name).peek_messages(max_messages=32)
        except ResourceNotFoundError:
            continue
    return [str(message.content) for message in found]
