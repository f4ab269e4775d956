"""What ExtractMetadata calls: read the header of one blob."""

import logging
from collections.abc import Callable
from dataclasses import replace

from image_metadata import settings
from image_metadata.errors import BlobInaccessibleError, HeaderRejectedError, TransientStorageError
from image_metadata.headers import EXTRACTOR_VERSION, MEDIA_TYPES, read_header
from image_metadata.headers.reader import HeaderReader
from image_metadata.model import (
    BlobFacts,
    Deleted,
    Directory,
    ImageHeader,
    ImageMetadata,
    Inaccessible,
    Outcome,
    Rejection,
    Upload,
)
from image_metadata.storage.blobs import OpenBlob, open_blob
from image_metadata.storage.errors import BlobChangedError, BlobDeletedError
from image_metadata.text import printable

_LOG = logging.getLogger(__name__)
_MOST_STATES = 3


def extract(announced: Upload, open_blob: Callable[[str, str], OpenBlob] = open_blob) -> Outcome:
    """Read the header of the current state of the announced blob.

    The outcome names the upload that was read, which may be newer than the announced one. When the blob changes while
    it is read, reading starts over, three times at most.

    Raises:
        TransientStorageError: storage did not answer, or the blob kept changing.
        SettingError: a setting is absent or malformed.
    """
    for _ in range(_MOST_STATES):
        try:
            outcome = _read(announced, open_blob)
        except BlobChangedError:
            continue
        _LOG.info("%s: %s, instance %s", announced, _summary(outcome), announced.id)
        return outcome
    raise TransientStorageError(
        f"expected {announced} to stay the same while its header is read, found {_MOST_STATES} changes; "
        "wait for the next attempt"
    )


def _read(announced: Upload, open_blob: Callable[[str, str], OpenBlob]) -> Outcome:
    instance_id = announced.id
    try:
        blob = open_blob(announced.container, announced.name)
    except BlobDeletedError:
        return Deleted(instance_id=instance_id, upload=announced)
    except BlobInaccessibleError as error:
        return Inaccessible(instance_id=instance_id, upload=announced, detail=str(error))
    if blob.is_directory:
        return Directory(instance_id=instance_id, upload=blob.upload)
    facts = _without_metadata(blob.facts)
    try:
        source = HeaderReader(blob.fetch, blob.facts.size, blob.first)
        image = _without_location(read_header(source, announced.name))
    except HeaderRejectedError as rejected:
        return Rejection(
            instance_id=instance_id,
            upload=blob.upload,
            blob=facts,
            reason=rejected.reason,
            detail=printable(rejected.detail),
            extractor_version=EXTRACTOR_VERSION,
        )
    except BlobDeletedError:
        return Deleted(instance_id=instance_id, upload=announced)
    return ImageMetadata(
        instance_id=instance_id,
        upload=blob.upload,
        blob=facts,
        image=image,
        content_type_matches=_matches(blob.facts.content_type, image.format),
        extractor_version=EXTRACTOR_VERSION,
    )


def _without_metadata(facts: BlobFacts) -> BlobFacts:
    """An uploader's own metadata may be anything: dropped unless the setting STORE_BLOB_METADATA asks for it."""
    return facts if settings.store_blob_metadata() else replace(facts, metadata=None, metadata_omitted=None)


def _without_location(image: ImageHeader) -> ImageHeader:
    """Coordinates are personal data: dropped unless the setting STORE_LOCATION asks for them."""
    return image if settings.store_location() else replace(image, latitude=None, longitude=None)


def _matches(content_type: str | None, image_format: str) -> bool | None:
    """Whether the declared content type is one of the format's; None when the uploader declared none in particular."""
    declared = (content_type or "").partition(";")[0].strip().lower()
    if declared in {"", "application/octet-stream", "binary/octet-stream"}:
        return None
    return declared in MEDIA_TYPES[image_format]


def _summary(outcome: Outcome) -> str:
    match outcome:
        case ImageMetadata(image=image):
            return f"{image.format} {image.width} x {image.height}"
        case Rejection(reason=reason, detail=detail):
            return f"rejected as {reason}: {detail}"
        case Inaccessible(detail=detail):
            return f"inaccessible: {detail}"
        case Directory():
            return "a directory, so there is nothing to read"
        case Deleted():
            return "deleted before it was read"
