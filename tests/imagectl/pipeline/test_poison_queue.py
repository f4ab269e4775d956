"""What is known of the poison queues without asking storage."""

import json

from imagectl.pipeline.poison_queue import DELIVERIES
from imagectl.repository import REPOSITORY


def test_the_deliveries_are_those_that_the_host_is_set_to():
    extensions = json.loads((REPOSITORY / "host.json").read_text())["extensions"]
    assert {
        "BlobTriggerClient": extensions["blobs"]["poisonBlobThreshold"],
        "QueueTriggerClient": extensions["queues"]["maxDequeueCount"],
    } == DELIVERIES
