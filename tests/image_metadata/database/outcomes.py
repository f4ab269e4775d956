"""Outcomes as ExtractMetadata returns them, and a worker that stores many."""

from typing import Any

from image_metadata.database.connections import Connections
from image_metadata.headers import EXTRACTOR_VERSION
from image_metadata.model import BlobFacts, ImageHeader, ImageMetadata, Rejection, RejectionReason, Upload
from image_metadata.settings import SqlSettings
from image_metadata.store_metadata import store

INSTANCE = "the-announced-upload"


def upload(name: str = "2026/a b.jpg", etag: str = "0x8DB") -> Upload:
    return Upload("account", "image-input", name, etag)


def facts(uploaded_at: str = "2026-11-22T06:28:51.000", **more: Any) -> BlobFacts:
    return BlobFacts(**{"size": 123_456, "uploaded_at": uploaded_at, **more})


def metadata(of: Upload | None = None, blob: BlobFacts | None = None, **image: Any) -> ImageMetadata:
    header = {"width": 640, "height": 480, "format": "JPEG", "display_width": 480, "display_height": 640, **image}
    return ImageMetadata(
        instance_id=INSTANCE,
        upload=of or upload(),
        blob=blob or facts(),
        image=ImageHeader(**header),
        extractor_version=EXTRACTOR_VERSION,
    )


def rejection(
    of: Upload | None = None, detail: str = "expected an image, found a PDF document", blob: BlobFacts | None = None
) -> Rejection:
    return Rejection(
        instance_id=INSTANCE,
        upload=of or upload(),
        blob=blob or facts(),
        reason=RejectionReason.UNSUPPORTED_FORMAT,
        detail=detail,
        extractor_version=EXTRACTOR_VERSION,
    )


def store_all(settings: SqlSettings, count: int) -> int:
    """Store ``count`` uploads; what another process does at the same time."""
    connections = Connections(settings)
    for number in range(count):
        store(metadata(upload(f"{number}.jpg")), connections)
    connections.close()
    return count
