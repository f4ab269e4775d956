"""The error of a deployment."""

from image_metadata.errors import ImageMetadataError


class DeploymentError(ImageMetadataError):
    """A deployment cannot continue, or cannot be reached, until a person acts."""
