"""What can stop a deployment, in one sentence: expected, found, next move."""

from image_metadata.errors import ImageMetadataError


class DeploymentError(ImageMetadataError):
    """A deployment cannot go on, or cannot be reached, until a person acts."""
