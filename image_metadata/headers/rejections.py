"""The rejections that a parser makes: what it expected of the bytes, and what it found."""

from image_metadata.errors import HeaderRejectedError
from image_metadata.model import RejectionReason


def corrupt(expected: str, found: str) -> HeaderRejectedError:
    """The content is not what its signature promises."""
    return HeaderRejectedError(RejectionReason.CORRUPT, f"expected {expected}, found {found}")


def unsupported(found: str) -> HeaderRejectedError:
    """The content is sound as far as is known, and of a format that is not read."""
    return HeaderRejectedError(
        RejectionReason.UNSUPPORTED_FORMAT, f"expected an image of a known format, found {found}"
    )


def too_large(expected: str) -> HeaderRejectedError:
    """The header takes more bytes, steps or time than one header may."""
    return HeaderRejectedError(RejectionReason.HEADER_TOO_LARGE, f"expected {expected}, found more")
