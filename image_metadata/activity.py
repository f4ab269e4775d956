"""What an activity raises and what it returns: decided here, for every activity.

The host retries whatever an activity raises. So an activity raises transient errors, and returns permanent failures.
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from image_metadata.errors import ImageMetadataError, PayloadError
from image_metadata.model import Failure, FailureCode
from image_metadata.payload import Payload, encode

_LOG = logging.getLogger(__name__)

_InputT = TypeVar("_InputT")


def run(
    work: Callable[[_InputT], Any],
    decode: Callable[[Any], _InputT],
    payload: Any,
    *,
    retry_unexpected: bool,
) -> Payload:
    """Decode the payload, do the work, encode its result.

    A payload that cannot be decoded is returned as a failure. Transient errors and setting errors are raised. Any other
    exception is logged with its traceback, then raised when ``retry_unexpected``, else returned as a failure.
    """
    try:
        value = decode(payload)
    except PayloadError as error:
        _LOG.error("%s", error, exc_info=error)
        return encode(Failure(code=FailureCode.INVALID_PAYLOAD, detail=str(error)))
    try:
        return encode(work(value))
    except ImageMetadataError:
        raise
    except Exception as error:
        _LOG.exception("Unexpected error in %s", work.__name__)
        if retry_unexpected:
            raise
        detail = (
            f"{type(error).__name__} in {work.__name__}; read its traceback in the app's log, then run imagectl retry"
        )
        return encode(Failure(code=FailureCode.INTERNAL_ERROR, detail=detail))
