"""The deployed extraction, with the places at which the fault matrix can kill the host."""

from image_metadata.activity import run
from image_metadata.extract_metadata import extract
from image_metadata.model import Outcome, Upload
from image_metadata.payload import Payload, decode_upload
from image_metadata.storage.blobs import OpenBlob, open_blob
from tests.support.killing import reach


def main(upload: dict) -> Payload:
    return run(extract_and_reach, decode_upload, upload, retry_unexpected=True)


def extract_and_reach(upload: Upload) -> Outcome:
    return extract(upload, opened_and_reached)


def opened_and_reached(container: str, name: str) -> OpenBlob:
    opened = open_blob(container, name)
    reach("during the extraction")
    return opened
