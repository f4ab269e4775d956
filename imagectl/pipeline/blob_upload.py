"""Write one blob."""

import mimetypes
from collections.abc import Callable
from pathlib import Path
from typing import IO

from azure.storage.blob import ContentSettings

from image_metadata.storage import blobs
from imagectl.pipeline.inventory import transient_storage_error

# What Python's table lacks on some systems.
_MORE_TYPES = {".avif": "image/avif", ".heic": "image/heic", ".heif": "image/heif", ".webp": "image/webp"}


def upload(
    container: str, name: str, content: bytes | IO[bytes], uploaded: Callable[[int], None] = lambda _size: None
) -> None:
    """Write one blob, over what has its name.

    ``uploaded`` is called with the number of bytes that have arrived since its last call.

    Raises:
        TransientStorageError: storage did not take it.
    """
    kind = _MORE_TYPES.get(Path(name).suffix.lower()) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    before = 0

    def report(current: int, _total: int | None) -> None:
        nonlocal before
        uploaded(current - before)
        before = current

    with transient_storage_error("the storage that ImageStorage names"):
        blobs.service().get_blob_client(container, name).upload_blob(
            content,
            overwrite=True,
            content_settings=ContentSettings(content_type=kind),
            progress_hook=report,
        )
