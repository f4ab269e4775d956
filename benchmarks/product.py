"""The function that the product runs, on a blob of the benchmark."""

from benchmarks.storage import CONTAINER
from image_metadata.extract_metadata import extract
from image_metadata.model import ImageHeader, ImageMetadata, Upload
from imagectl.local.azurite import ACCOUNT

_ANY_STATE = "announced"


def extracted(name: str) -> ImageHeader:
    """What ExtractMetadata finds in the blob.

    Raises:
        TypeError: the blob became something else than metadata; the benchmark's files are all sound.
    """
    outcome = extract(Upload(ACCOUNT, CONTAINER, name, _ANY_STATE))
    if not isinstance(outcome, ImageMetadata):
        raise TypeError(f"expected metadata of {name}, found {outcome}")
    return outcome.image
