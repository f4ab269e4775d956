"""What a header would say of some sources."""

from image_metadata.headers.embedded.sources import Source, header_fields
from image_metadata.model import EmbeddedMetadata


def merge(*sources: Source | None) -> EmbeddedMetadata:
    return EmbeddedMetadata(**header_fields(*sources))
