"""What is known of the poison queues without asking storage."""

import json

import pytest

from image_metadata.errors import SettingError
from imagectl.pipeline.poison_queue import DELIVERIES
from imagectl.pipeline.queue_client import queue_service
from imagectl.repository import REPOSITORY


def test_the_deliveries_are_those_that_the_host_is_set_to():
    extensions = json.loads((REPOSITORY / "host.json").read_text())["extensions"]
    assert {
        "BlobTriggerClient": extensions["blobs"]["poisonBlobThreshold"],
        "QueueTriggerClient": extensions["queues"]["maxDequeueCount"],
    } == DELIVERIES


def test_a_connection_string_without_a_key_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ImageStorage", "AccountName=a")
    with pytest.raises(
        SettingError,
        match="for queues too, found one without AccountName or QueueEndpoint, or without a key or signature; copy it",
    ):
        queue_service()
