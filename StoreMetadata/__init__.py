"""Step 4: write exactly one row for what was found."""

from image_metadata.model import Payload, outcome_from_dict
from image_metadata.store_metadata import store


def main(outcome: dict) -> Payload:  # type: ignore[type-arg]  # the worker takes plain classes only
    return store(outcome_from_dict(outcome))
