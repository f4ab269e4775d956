"""Step 3: read the image's header from the blob."""

from image_metadata import extract
from image_metadata.activity import run
from image_metadata.payload import Payload, decode_upload


def main(upload: dict) -> Payload:  # type: ignore[type-arg]  # the worker takes plain classes only
    return run(extract, decode_upload, upload, retry_unexpected=True)
