"""Step 4: write exactly one row for the upload that was read."""

from image_metadata import store
from image_metadata.activity import run
from image_metadata.payload import Payload, decode_outcome


def main(outcome: dict) -> Payload:  # type: ignore[type-arg]  # the worker takes plain classes only
    return run(store, decode_outcome, outcome, retry_unexpected=False)
