"""What can go wrong, each with one sentence: expected, found, next move."""

from image_metadata.model import RejectionReason


class ImageMetadataError(Exception):
    """Base of every error that this project raises on purpose."""


class SettingError(ImageMetadataError):
    """A required app setting is absent or malformed."""


class TransientStorageError(ImageMetadataError):
    """Blob storage could not answer now; the same request may succeed later."""


class TransientDatabaseError(ImageMetadataError):
    """The database could not take the row now; the same statement may succeed later."""


class BlobInaccessibleError(ImageMetadataError):
    """The blob exists and cannot be read until a person acts (archived, customer key)."""


class StepFailedError(ImageMetadataError):
    """A step of the workflow failed for good; the message is the orchestration's one-sentence reason."""


class HeaderRejectedError(ImageMetadataError):
    """The bytes will never be metadata; ``reason`` and ``detail`` become the row in ImageRejections."""

    def __init__(self, reason: RejectionReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
