"""What ends a measurement."""

from image_metadata.errors import ImageMetadataError


class BenchmarkError(ImageMetadataError):
    """A measurement did not do what it was to measure, so there is no figure to report."""
