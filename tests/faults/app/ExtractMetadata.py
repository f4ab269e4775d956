"""The deployed extraction, with the places at which the fault matrix can kill the host."""

from image_metadata.extract_metadata import extract
from image_metadata.model import Payload, Upload, outcome_to_dict
from image_metadata.storage.blobs import OpenBlob, open_blob
from tests.support.killing import reach


def main(upload: dict) -> Payload:
    return outcome_to_dict(extract(Upload.from_dict(upload), opened_and_reached))


def opened_and_reached(container: str, name: str) -> OpenBlob:
    opened = open_blob(container, name)
    reach("during the extraction")
    return opened
