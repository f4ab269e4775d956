"""The errors that this project raises on purpose. Each message says what was expected, what was found, what to do."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from image_metadata.model import RejectionReason


class ImageMetadataError(Exception):
    """Base of every error that this project raises on purpose."""


class SettingError(ImageMetadataError):
    """A required app setting is absent or malformed."""


class TransientStorageError(ImageMetadataError):
    """Blob storage did not answer the request; the same request may succeed later."""


class ContinuationRefusedError(TransientStorageError):
    """Storage does not accept the marker that a listing is to be continued with; list from the beginning."""


class TransientDatabaseError(ImageMetadataError):
    """The database did not take the row; the same statement may succeed later."""


class BlobInaccessibleError(ImageMetadataError):
    """The blob exists but cannot be read now: archived, being rehydrated, or encrypted with a customer-provided key."""


class EventError(ImageMetadataError):
    """A queue message is not an event about a blob."""


class PayloadError(ImageMetadataError):
    """A payload is not one that this app, or a release before it, wrote."""


class WorkflowFailedError(ImageMetadataError):
    """The orchestration fails; the message is its reason: a failure code and one sentence."""


class HeaderRejectedError(ImageMetadataError):
    """The bytes will never be metadata; ``reason`` and ``detail`` become the row in ImageRejections."""

    def __init__(self, reason: "RejectionReason", detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
