"""Step 3: read the image's header from the blob."""

from image_metadata.extract_metadata import extract
from image_metadata.model import Payload, Upload, outcome_to_dict


def main(upload: dict) -> Payload:  # type: ignore[type-arg]  # the worker takes plain classes only
    return outcome_to_dict(extract(Upload.from_dict(upload)))
