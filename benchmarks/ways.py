"""The apps that are compared: the samples' way, and this project with each of its two intakes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from imagectl.local.settings import EXAMPLE
from imagectl.repository import REPOSITORY
from imagectl.verbs.start import EVENT_SETTINGS

SAMPLES_APP = Path(__file__).resolve().parent / "samples_app"
QUEUE_POLL_SECONDS = 0.5
"""``maxPollingInterval`` in `EVENT_SETTINGS`."""


@dataclass(frozen=True)
class Way:
    """One app in one configuration.

    Attributes:
        name: as the tables show it.
        app: the folder of its host.json.
        settings: app settings beside those that name storage and database.
        takes_events: uploads are announced by messages in a queue; otherwise the host polls the container.
    """

    name: str
    app: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    takes_events: bool = False


def _example_settings() -> dict[str, str]:
    values: dict[str, str] = json.loads(EXAMPLE.read_text("utf-8"))["Values"]
    return values


SAMPLES = Way("samples", SAMPLES_APP, {"FUNCTIONS_WORKER_RUNTIME": "python"})
POLLING = Way("polling", REPOSITORY, _example_settings())
QUEUE = Way("queue", REPOSITORY, _example_settings() | EVENT_SETTINGS, takes_events=True)

WAYS = (SAMPLES, POLLING, QUEUE)
"""In the order in which a round runs them."""
